"""The practice carrier: gateways that speak real SIP and RTP and play the public on loopback."""
