"""A floor put back from a sealed file, on this PC or on a new one. Knows no window."""
