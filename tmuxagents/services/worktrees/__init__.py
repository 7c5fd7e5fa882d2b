"""An agent's own git worktree: made, found again, put into the trash, brought back."""
