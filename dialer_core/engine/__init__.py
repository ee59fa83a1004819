"""The sans-IO dialler: events and time in, commands out. Knows rules and pacing, not the shells."""
