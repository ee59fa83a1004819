"""Dialling decisions. Knows neither Qt nor SIP, reads no clock, opens no socket."""
