"""The look of both windows: tokens, stylesheet, small widgets. Knows neither desks nor data."""
