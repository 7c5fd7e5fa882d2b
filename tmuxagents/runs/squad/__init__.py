"""From a `SQUAD.md`, as people write it, to a run."""
