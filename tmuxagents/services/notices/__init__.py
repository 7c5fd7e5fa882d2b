"""Call a person: what is said, over what, and what became of it."""
