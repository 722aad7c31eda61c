"""What a machine is going through, and the state that goes with it."""

from enum import StrEnum

from protocol.states import State


class Phase(StrEnum):
    """Why a machine is in its state, as only the truth tells."""

    CYCLE = "cycle"
    """It makes a part, or compresses air."""
    HANDLING = "handling"
    """Between two cycles: unloading, loading, the compressor running unloaded."""
    WAITING = "waiting"
    """For material, an operator or room for its parts."""
    SETUP = "setup"
    """Another job, a worn tool, a new reel."""
    MICRO_STOP = "micro-stop"
    """A jam or the like, cleared within minutes."""
    REPAIR = "repair"
    """Broken, until it is mended."""


STATE_OF = {
    Phase.CYCLE: State.RUNNING,
    Phase.HANDLING: State.IDLE,
    Phase.WAITING: State.IDLE,
    Phase.SETUP: State.SETUP,
    Phase.MICRO_STOP: State.DOWN,
    Phase.REPAIR: State.DOWN,
}
"""The one state of each phase."""

STOP_PHASES = (Phase.WAITING, Phase.SETUP, Phase.MICRO_STOP, Phase.REPAIR)
"""The phases of a stop, as a kind's file names them."""

BETWEEN_CYCLES = frozenset({Phase.WAITING, Phase.SETUP})
"""These stops let the cycle under way finish; the others interrupt it."""
