"""The private tmux server: its panes, its start, its controller's pulse."""
