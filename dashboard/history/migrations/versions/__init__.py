"""One step each, in the order of their numbers. A step is never changed once it was released."""
