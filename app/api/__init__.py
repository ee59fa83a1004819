"""The HTTP API for other programs: a process of its own. Knows neither windows nor telephony."""
