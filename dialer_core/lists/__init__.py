"""Calling lists as offices hand them over: read, understood, normalised. Nothing here stores."""
