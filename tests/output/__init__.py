"""Tests of what turns bytes and screens into lines."""
