"""The shared board: small facts that agents and people tell one another."""
