"""This PC lends a floor its processors: lines that the floor's dialler uses like its own."""
