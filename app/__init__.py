"""Ground floor (desks, settings, logs) and roof (wiring, command line) of the house."""
