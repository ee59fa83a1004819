"""Measurements of the telephone on this machine, each from a command: `callfloor bench …`."""
