"""Recorded messages from wherever they come: judged, and made into what a line's bridge plays."""
