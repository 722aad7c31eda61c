"""The sign that goes with each state, so that colour alone never carries it."""

WORDS = {
    "running": "in cycle",
    "idle": "able to run, and not running",
    "stopped": "not running; power alone does not tell idle from down",
    "down": "not able to run",
    "setup": "being prepared for another job",
    "unknown": "no evidence",
}
"""What each state means, for a reader who asks."""
