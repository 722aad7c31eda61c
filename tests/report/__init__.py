"""The shift report, made from a real history."""
