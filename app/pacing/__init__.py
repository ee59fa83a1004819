"""Measures the pacing of simulated days for the command line. Knows no window and no telephone."""
