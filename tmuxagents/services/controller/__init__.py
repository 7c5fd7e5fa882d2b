"""The controller: its loop, its rules, what it delivers and shows."""
