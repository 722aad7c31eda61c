"""Pairs of plants lived in one process: a monitored one and its twin, and what monitoring gained."""
