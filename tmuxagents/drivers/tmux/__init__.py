"""A private tmux server: its socket, its configuration, its windows, what is typed into them."""
