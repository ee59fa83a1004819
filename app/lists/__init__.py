"""Lists on the command line: importing, do-not-call, what was imported and taking it out again."""
