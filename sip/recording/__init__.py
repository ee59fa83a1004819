"""Calls written down: two ears in the bridge, one thread that writes. Knows no call and no line."""
