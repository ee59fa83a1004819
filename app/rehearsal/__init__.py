"""The demo and its practice carrier: a floor to learn on, and the report of what it did."""
