"""The simulator against theory: each result at the printed parameters and at others."""
