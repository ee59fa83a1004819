"""The agent's phone: answers what carries the session's token; knows one line's call at a time."""
