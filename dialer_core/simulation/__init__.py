"""The public and the floor under virtual time, around the same engine that dials."""
