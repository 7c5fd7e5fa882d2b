"""Sources become observations, observations entries and conditions, once."""
