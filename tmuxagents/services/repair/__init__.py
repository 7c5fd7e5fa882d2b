"""What is wrong with the state, and a database made anew."""
