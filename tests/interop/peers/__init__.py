"""Programs that run in the environment of a peer: they answer questions on standard input, in JSON."""
