"""What a seat does that is cut off from its floor."""
