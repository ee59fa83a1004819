"""Values, states and transition tables. Knows nothing but itself."""
