"""The scripted agent behind `tmuxagents demo`."""
