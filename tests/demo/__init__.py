"""The demo without Docker: what it claims, which broker it takes, how it keeps its parts alive."""
