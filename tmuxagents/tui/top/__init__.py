"""The dashboard in a terminal: it draws what `output.dashboard` decides, and hands keys to services."""
