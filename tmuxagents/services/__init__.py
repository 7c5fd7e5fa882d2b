"""One module for each thing the tool does; the only place where deciding and touching meet."""
