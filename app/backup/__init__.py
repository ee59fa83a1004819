"""A floor in one sealed file: made, kept, looked at and put back. Knows no window."""
