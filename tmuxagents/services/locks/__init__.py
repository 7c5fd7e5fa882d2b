"""Named locks: held while a command runs, or kept for an agent while its task runs."""
