"""Runs: tasks with an order, carried out by agents; what is next follows from what is recorded."""
