"""Condition of machines: what is usual, how surprising a reading is, and when a limit is reached."""
