"""The command line in its parts: shared options, and what is asked of a running plant."""
