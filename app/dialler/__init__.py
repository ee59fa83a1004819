"""The dialler's process: the sans-IO engine between database, lines and clock. No windows."""
