"""What a new agent is started with where the command line is silent: files to values, layers to one answer."""
