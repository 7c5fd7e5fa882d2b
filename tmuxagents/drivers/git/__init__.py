"""git: what its own files say, and the one door to running it, in two ways that are told apart by name."""
