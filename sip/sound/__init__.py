"""Headsets by way of Qt Multimedia: which are used, opened, listened to. Knows no SIP."""
