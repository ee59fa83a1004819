"""The windows that a supervisor opens beside the live floor: each joined to its desk here."""
