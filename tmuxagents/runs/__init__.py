"""What a run is and what it should do next: pure."""
