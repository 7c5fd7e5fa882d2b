"""Tests of what is known about each agent program."""
