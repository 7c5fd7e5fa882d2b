"""The group chat as it is shown and carried out."""
