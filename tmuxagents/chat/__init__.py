"""The group chat as far as it is decided: what a line means, who is meant, what is shown. Touches nothing."""
