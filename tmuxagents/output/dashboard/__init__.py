"""The dashboard as data: rows, groups, a filter and what is drawn of them, without a terminal."""
