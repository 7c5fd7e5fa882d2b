"""Tests of the data that every layer holds."""
