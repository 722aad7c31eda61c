"""What a machine can be doing, as far as anybody can tell."""

from enum import StrEnum


class State(StrEnum):
    """The state of a machine in an interval."""

    RUNNING = "running"
    """In cycle: it does what it was bought for."""
    IDLE = "idle"
    """Able to run, and not running: waiting for people, material or room."""
    STOPPED = "stopped"
    """Not running, and nothing tells whether idle, down or in setup: all that power alone can show."""
    DOWN = "down"
    """Not able to run: broken, jammed, or being repaired."""
    SETUP = "setup"
    """Being prepared for another job."""
    UNKNOWN = "unknown"
    """No evidence: silence, or still learning what its power says."""


REPORTABLE = frozenset({State.RUNNING, State.IDLE, State.DOWN, State.SETUP})
"""What a control may report of its machine. Stopped and unknown are conclusions, not reports."""
