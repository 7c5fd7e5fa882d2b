"""See, judge and land what agents have in worktrees of their own."""
