"""What the sensors of a machine show, computed from its diary in columns."""
