"""The chain of a reading: what is wrong with it, in sentences, and the terminal that says so."""
