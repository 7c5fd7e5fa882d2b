"""The SQLite database: agents, the journal, positions in the sources, held messages."""
