"""The run: one history of the plant, written down so that it can be lived again, and lived."""
