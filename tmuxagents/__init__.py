"""Run a team of coding agents in a private tmux server, and prove what reaches them."""

__version__ = "0.1.0"
