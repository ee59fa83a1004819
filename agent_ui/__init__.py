"""The agent's window. Knows widgets and app.desk; neither SIP, nor the core, nor SQL."""
