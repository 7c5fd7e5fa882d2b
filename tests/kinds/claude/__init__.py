"""Tests of what is known about Claude Code, from what the real one was seen to do."""
