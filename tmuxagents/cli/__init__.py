"""Commands, options, rendering, and the one error boundary."""
