"""Read a damaged database, and put rows into a new one."""
