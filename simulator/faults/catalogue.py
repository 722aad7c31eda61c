"""The catalogue: every fault that can be asked for, what its severity means in numbers, what is to be seen.

One table for the command line, the documentation and the page.
"""

from dataclasses import dataclass
from math import ceil
from typing import Literal

About = Literal["machine", "sensor", "link"]
"""What is at fault: the machine itself, one of its sensors, or its link to the broker."""

SEVERITY = 0.5
"""Severity of a fault that is asked for without one."""
SHORTEST_S = 1.0
"""No fault lasts shorter, in plant seconds."""
LONGEST_S = 7 * 86_400.0
"""No fault lasts longer, in plant seconds."""
OF_PARTS = frozenset({"tool-breakage", "slow-cycle", "scrap-burst", "starved"})
"""Faults of machines that make parts."""
SKEW = "clock-skew"
SKEW_STEP_MIN = 4
"""The office refuses what is more than ten minutes ahead, give or take a tick: no step comes near that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault that can be asked for."""

    name: str
    """What a command calls it, `tool-breakage`."""
    title: str
    """The same for people."""
    about: About
    """What is at fault."""
    least: float
    """What severity 0 amounts to."""
    most: float
    """What severity 1 amounts to; in between it rises evenly."""
    unit: str
    """Unit of both: `%`, `times`, `min`; empty for a plain number."""
    meaning: str
    """What that amount is; `{}` stands for it."""
    duration_s: float
    """How long it lasts when nobody says so, in plant seconds."""
    expected: str
    """What is to be seen of it."""

    def amount(self, severity: float) -> float:
        """What a severity means in numbers, in `unit`; a share is a fraction of 1.

        >>> fault("slow-cycle").amount(0.5)
        1.5
        >>> fault("jam").amount(1.0)
        1.0
        """
        if self.name == SKEW:
            return max(1, ceil(severity * self.most / SKEW_STEP_MIN)) * float(SKEW_STEP_MIN)
        amount = self.least + (self.most - self.least) * severity
        return amount / 100 if self.unit == "%" else amount

    def words(self, severity: float) -> str:
        """What a severity means, in words.

        >>> fault("jam").words(1.0)
        'jammed for 100 % of every two minutes'
        """
        amount = self.amount(severity) * (100 if self.unit == "%" else 1)
        return self.meaning.format(f"{amount:.3g} {self.unit}".rstrip())

    @property
    def severity(self) -> str:
        """What severity 0 to 1 means, in words."""
        return self.meaning.format(f"{self.least:g} to {self.most:g} {self.unit}".rstrip())


_MACHINES = (
    Fault(
        name="jam",
        title="jam",
        about="machine",
        least=20,
        most=100,
        unit="%",
        meaning="jammed for {} of every two minutes",
        duration_s=300,
        expected="down, cause `jam`; parts fewer; a retrofit is stopped",
    ),
    Fault(
        name="tool-breakage",
        title="tool breakage",
        about="machine",
        least=50,
        most=100,
        unit="%",
        meaning="down for {} of the time; before that, until somebody notices, all is scrap",
        duration_s=1_200,
        expected="rejects, then down, cause `tool breakage`",
    ),
    Fault(
        name="bearing-wear",
        title="bearing wear",
        about="machine",
        least=2,
        most=10,
        unit="times",
        meaning="{} its vibration when it breaks down, after three quarters of the time",
        duration_s=3_600,
        expected="vibration grows faster and faster; then down, cause `bearing`, unless it is cleared before",
    ),
    Fault(
        name="overheating",
        title="overheating",
        about="machine",
        least=10,
        most=60,
        unit="%",
        meaning="stands to cool for {} of every ten minutes",
        duration_s=3_600,
        expected="temperature climbs; down again and again, cause `too hot`",
    ),
    Fault(
        name="slow-cycle",
        title="slow cycle",
        about="machine",
        least=1,
        most=2,
        unit="times",
        meaning="a cycle takes {} as long",
        duration_s=3_600,
        expected="performance falls, utilization does not; parts fewer",
    ),
    Fault(
        name="scrap-burst",
        title="scrap burst",
        about="machine",
        least=5,
        most=100,
        unit="%",
        meaning="{} of its parts are rejects",
        duration_s=3_600,
        expected="quality falls; utilization and parts stay as they were",
    ),
    Fault(
        name="starved",
        title="starved",
        about="machine",
        least=20,
        most=100,
        unit="%",
        meaning="without material for {} of every five minutes",
        duration_s=900,
        expected="idle, cause `starved`: uptime stays, utilization and parts fall; a retrofit is stopped",
    ),
)

_SENSORS = (
    Fault(
        name="stuck",
        title="stuck",
        about="sensor",
        least=100,
        most=100,
        unit="%",
        meaning="the same at any severity",
        duration_s=900,
        expected="a flat line; on power of a retrofit the measured state stands still, the truth goes on",
    ),
    Fault(
        name="spike",
        title="spikes",
        about="sensor",
        least=0.5,
        most=5,
        unit="times",
        meaning="{} the top of its normal range, added to every tenth reading",
        duration_s=900,
        expected="peaks; on power of a retrofit short runs that were none, unless a state has to last",
    ),
    Fault(
        name="drift",
        title="drift",
        about="sensor",
        least=10,
        most=200,
        unit="%",
        meaning="in the end it has run away by {} of the top of its normal range",
        duration_s=3_600,
        expected="a slope; on power of a retrofit standing looks like running once it is past the level",
    ),
    Fault(
        name="dropout",
        title="dropout",
        about="sensor",
        least=5,
        most=100,
        unit="%",
        meaning="{} of its stretches of ten seconds are missing",
        duration_s=900,
        expected="holes in its line; on power of a retrofit unknown, and coverage falls",
    ),
)

_LINKS = (
    Fault(
        name="silent-drop",
        title="silent drop",
        about="link",
        least=5,
        most=100,
        unit="%",
        meaning="{} of its messages vanish while the connection stands",
        duration_s=300,
        expected="unknown, for good: coverage falls, the bounds hold the truth; gaps are counted",
    ),
    Fault(
        name="disconnect",
        title="abrupt disconnect",
        about="link",
        least=100,
        most=100,
        unit="%",
        meaning="the same at any severity",
        duration_s=300,
        expected="its will, or its gateway, says offline; unknown until it is back, then its backlog "
        "fills the time",
    ),
    Fault(
        name="delay",
        title="delay",
        about="link",
        least=0.5,
        most=20,
        unit="min",
        meaning="its messages come {} late",
        duration_s=600,
        expected="unknown at first, whole in the end",
    ),
    Fault(
        name="duplicate",
        title="duplicates",
        about="link",
        least=1,
        most=5,
        unit="",
        meaning="each message comes {} times more",
        duration_s=600,
        expected="repeats are counted, nothing else changes",
    ),
    Fault(
        name="out-of-order",
        title="out of order",
        about="link",
        least=2,
        most=12,
        unit="",
        meaning="{} messages at a time come last first",
        duration_s=600,
        expected="nothing changes in the end",
    ),
    Fault(
        name=SKEW,
        title="clock skew",
        about="link",
        least=4,
        most=16,
        unit="min",
        meaning="its clock is {} ahead, in steps of 4 min",
        duration_s=600,
        expected="to 8 min its time is moved, and health names its clock; beyond it is refused, both named",
    ),
    Fault(
        name="malformed",
        title="malformed payload",
        about="link",
        least=5,
        most=100,
        unit="%",
        meaning="{} of its messages are cut off in the middle",
        duration_s=300,
        expected="refused and counted; unknown where they are missing, and nowhere else",
    ),
)

CATALOGUE: dict[str, Fault] = {one.name: one for one in (*_MACHINES, *_SENSORS, *_LINKS)}
"""Every fault by its name, machines first, then sensors, then links."""


def fault(name: str) -> Fault:
    """The fault of a name.

    Raises:
        KeyError: There is none.
    """
    return CATALOGUE[name]


def table() -> str:
    """The catalogue as a table in Markdown, as `python -m simulator faults` prints it."""
    rows = [
        "| fault | of | severity 0 to 1 | lasts | what is to be seen |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| `{one.name}` | {one.about} | {one.severity} | {_length(one.duration_s)} | {one.expected} |"
            for one in CATALOGUE.values()
        ),
    ]
    return "\n".join(rows)


def _length(seconds: float) -> str:
    return f"{seconds / 60:g} min"
