"""What each state means. Its sign and colour are in `assets/`: a word goes with them everywhere."""

WORDS = {
    "running": "in cycle",
    "idle": "able to run, and not running",
    "stopped": "not running; power alone does not tell idle from down",
    "down": "not able to run",
    "setup": "being prepared for another job",
    "unknown": "no evidence",
}
"""What each state means, for a reader who asks."""
