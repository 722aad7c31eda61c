"""Condition of machines: what is usual for a signal, how surprising a value is, and when a limit is reached."""
