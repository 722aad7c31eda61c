"""What a machine that does not run is going through: every moment without running has one of these."""

from enum import StrEnum

import numpy as np

from dashboard.intervals import Int8s


class Phase(StrEnum):
    """Why a machine does not run. The words of the truth, and two for what the truth does not tell."""

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
    SETUP = "setup"
    """Another job, a worn tool, a new reel."""
    MICRO_STOP = "micro-stop"
    """A jam or the like, cleared within minutes."""
    WAITING = "waiting for material"
    """For blanks, a box, or whatever else does not come from another machine."""
    STARVED = "starved"
    """For parts of the machine before it."""
    BLOCKED = "blocked"
    """For room behind it, at the machine after it."""
    HANDLING = "handling"
    """Between two cycles: unloading and loading."""
    EDGE = "read a moment late"
    """Measured as not running while it ran in truth: a sampled reading is evidence until the next one."""
    NOT_TOLD = "not told"
    """Nothing tells why."""


PHASES: tuple[Phase, ...] = tuple(Phase)
"""The phase of each code that stands in a column."""
CODES: dict[Phase, int] = {phase: code for code, phase in enumerate(PHASES)}
"""The code of each phase."""
RUNNING = len(PHASES)
"""The code of a moment in which the machine truly ran."""
MEANING: dict[Phase, str] = {
    Phase.UNNOTICED: "stopped, and nobody knows",
    Phase.WAITING_FOR_PERSON: "stopped and known, but whoever tends it is at work elsewhere",
    Phase.WALKING: "a person is on the way",
    Phase.REPAIR: "broken, until it is mended",
    Phase.PLANNED_WORK: "a person changes what would have broken",
    Phase.FALSE_ALARM: "a person looks for what is not there",
    Phase.SETUP: "another job, a worn tool, a new reel",
    Phase.MICRO_STOP: "a jam or the like, cleared within minutes",
    Phase.WAITING: "for blanks or boxes, which come from no machine",
    Phase.STARVED: "for parts of the machine before it",
    Phase.BLOCKED: "for room at the machine after it",
    Phase.HANDLING: "unloading and loading between two cycles",
    Phase.EDGE: "measured as standing while it ran: a sampled reading holds until the next one",
    Phase.NOT_TOLD: "nothing tells why",
}
"""What each phase is, in a few words."""

WORK = frozenset(
    {Phase.REPAIR, Phase.PLANNED_WORK, Phase.FALSE_ALARM, Phase.SETUP, Phase.MICRO_STOP, Phase.WAITING}
)
"""What a person who has come does at a machine."""
BEFORE_WORK = frozenset({Phase.UNNOTICED, Phase.WAITING_FOR_PERSON, Phase.WALKING})
"""What comes before that."""


def marked(phases: frozenset[Phase]) -> Int8s:
    """For each code, `RUNNING` included, 1 where it is of some phases and else 0."""
    return np.array([phase in phases for phase in PHASES] + [False], np.int8)
