"""What a machine is going through, and the state that goes with it."""

from enum import StrEnum

from protocol.states import State


class Phase(StrEnum):
    """Why a machine is in its state, as only the truth tells."""

    CYCLE = "cycle"
    """It makes a part, or compresses air."""
    HANDLING = "handling"
    """Between two cycles: unloading, loading, the compressor running unloaded."""
    WAITING = "waiting for material"
    """For blanks, a box, or whatever else does not come from another machine."""
    STARVED = "starved"
    """For parts of the machine before it."""
    BLOCKED = "blocked"
    """For room behind it, at the machine after it."""
    SETUP = "setup"
    """Another job, a worn tool, a new reel."""
    MICRO_STOP = "micro-stop"
    """A jam or the like, cleared within minutes."""
    UNNOTICED = "unnoticed"
    """Stopped, and nobody knows."""
    WAITING_FOR_PERSON = "waiting for a person"
    """Stopped and known, but all who tend it are at work elsewhere."""
    WALKING = "walking"
    """Stopped, and a person is on the way."""
    REPAIR = "repair"
    """Broken, until it is mended."""
    PLANNED_WORK = "planned work"
    """A person changes what would have broken."""
    FALSE_ALARM = "false alarm"
    """A person looks for what is not there."""


STATE_OF = {
    Phase.CYCLE: State.RUNNING,
    Phase.HANDLING: State.IDLE,
    Phase.WAITING: State.IDLE,
    Phase.STARVED: State.IDLE,
    Phase.BLOCKED: State.IDLE,
    Phase.SETUP: State.SETUP,
    Phase.MICRO_STOP: State.DOWN,
    Phase.UNNOTICED: State.DOWN,
    Phase.WAITING_FOR_PERSON: State.DOWN,
    Phase.WALKING: State.DOWN,
    Phase.REPAIR: State.DOWN,
    Phase.PLANNED_WORK: State.DOWN,
    Phase.FALSE_ALARM: State.DOWN,
}
"""The state of each phase; before a setup the phases up to the person's arrival are of its state."""

STOP_PHASES = (Phase.WAITING, Phase.SETUP, Phase.MICRO_STOP, Phase.REPAIR)
"""The phases of a stop, as a kind's file names them."""

BETWEEN_CYCLES = frozenset({Phase.WAITING, Phase.SETUP})
"""These stops let the cycle under way finish; the others interrupt it."""
