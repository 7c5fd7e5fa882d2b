"""Starting, ending, naming."""
