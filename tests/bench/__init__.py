"""Figures that matter, measured by whole commands on a fleet of one's own: `make bench`."""
