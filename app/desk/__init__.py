"""What a person at a desk can see and do. The only door from the windows to core and telephony."""
