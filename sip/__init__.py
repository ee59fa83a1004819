"""Telephony: engines and their messages. Knows neither widgets, nor database, nor core."""
