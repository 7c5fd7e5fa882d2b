"""How a person is reached: one module a channel. Each sends once, within its time, and says what became of it."""
