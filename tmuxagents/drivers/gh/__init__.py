"""GitHub's own command line program, `gh`."""
