"""Talking to an agent: steps over a thin terminal, decided by pure conversations."""
