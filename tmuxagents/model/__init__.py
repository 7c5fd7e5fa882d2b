"""Data that every layer may hold: agents, their condition, journal entries."""
