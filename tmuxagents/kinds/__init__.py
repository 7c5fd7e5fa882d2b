"""What is known about each agent program."""
