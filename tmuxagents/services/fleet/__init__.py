"""Who there is and how they are."""
