"""What an operator may ask of the running plant, and what came of it."""
