"""What we know of each agent program: pure functions from its traces to what they mean."""
