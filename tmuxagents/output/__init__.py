"""Screens and bytes become final lines, and the lines become one stream."""
