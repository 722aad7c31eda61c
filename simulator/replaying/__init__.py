"""A recording of a real machine that goes on as if it stood in the plant."""
