"""The outside world: tmux, files, processes, kernel wake-ups. No policy lives here."""
