"""What a metric probably is, by its name, its type and its unit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from dashboard.units import UNITS
from protocol.sparkplug.births import BD_SEQ, PREFIX
from protocol.sparkplug.datatypes import NUMBERS, TEXTS, DataType
from protocol.sparkplug.payloads import Metric
from protocol.states import State

What = Literal["signal", "state", "cause", "parts", "rejects", "nothing"]

RUNNING_SIGNAL = "running"
"""The signal that a metric of yes and no becomes which tells whether a machine runs."""
CONTROLS = ("Node Control/", "Device Control/", PREFIX)
"""What the names of metrics begin with that tell nothing of what a machine does."""
_STATES = {
    "state",
    "machine_state",
    "status",
    "machine_status",
    "operating_state",
    "execution",
    "state_current",
}
_CAUSES = {"cause", "reason", "stop_reason", "stop_cause", "down_reason"}
_RUNNING = {"running", "is_running", "run", "in_cycle", "machine_running"}
_PARTS = {
    "parts", "part_count", "parts_total", "total_count", "production_count", "produced",
    "prod_processed_count",
}  # fmt: skip
_REJECTS = {"rejects", "reject_count", "scrap", "scrap_count", "bad_count", "prod_defective_count", "defects"}
_UNFIT = re.compile(r"[^a-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

WORDS = {
    **dict.fromkeys(("running", "run", "execute", "executing", "active", "producing"), State.RUNNING),
    **dict.fromkeys(
        (
            "idle",
            "waiting",
            "standby",
            "ready",
            "starved",
            "blocked",
            "suspended",
            "held",
            "stopped",
            "complete",
        ),
        State.IDLE,
    ),
    **dict.fromkeys(
        ("down", "fault", "faulted", "alarm", "error", "aborted", "breakdown", "interrupted"), State.DOWN
    ),
    **dict.fromkeys(("setup", "set up", "changeover", "change over"), State.SETUP),
}
"""States by what machines call them, in small letters; the numbers of PackML beside them."""
PACKML = {
    "2": State.IDLE, "3": State.IDLE, "4": State.IDLE, "5": State.IDLE, "6": State.RUNNING, "7": State.IDLE,
    "8": State.DOWN, "9": State.DOWN, "10": State.IDLE, "11": State.IDLE, "12": State.IDLE, "13": State.IDLE,
    "14": State.IDLE, "15": State.IDLE, "16": State.RUNNING, "17": State.IDLE, "1": State.DOWN,
}  # fmt: skip
"""States by the numbers of PackML: 6 is Execute, 9 is Aborted, 1 Clearing after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a metric is."""

    what: What
    """What of a machine it tells."""
    signal: str = ""
    """Name of the signal, of one that is one."""
    factor: float = 1.0
    """What makes the unit of a signal right."""
    offset: float = 0.0
    """What is added after that."""
    words: Mapping[str, State] | None = None
    """Of a state: what it is called, in small letters, and what it is."""


NOTHING = Meaning(what="nothing")


def guessed(metric: Metric) -> Meaning:
    """What a metric of a birth probably is.

    >>> guessed(Metric(name="Drive/Power", datatype=DataType.FLOAT)).signal
    'power'
    """
    if metric.name == BD_SEQ or metric.name.startswith(CONTROLS) or metric.datatype is None:
        return NOTHING
    if metric.name.isidentifier() and metric.name == metric.name.lower() and metric.datatype in NUMBERS:
        key = metric.name
    else:
        key = slug(metric.name.rsplit("/", 1)[-1])
    if key in _STATES and (metric.datatype in TEXTS or metric.datatype in NUMBERS):
        return Meaning(what="state", words=WORDS if metric.datatype in TEXTS else PACKML)
    if metric.datatype in TEXTS:
        return Meaning(what="cause") if key in _CAUSES else NOTHING
    if metric.datatype == DataType.BOOLEAN:
        return Meaning(what="signal", signal=RUNNING_SIGNAL) if key in _RUNNING else NOTHING
    if metric.datatype not in NUMBERS:
        return NOTHING
    if key in _PARTS:
        return Meaning(what="parts")
    if key in _REJECTS:
        return Meaning(what="rejects")
    return Meaning(what="signal", signal=_with_unit(key, metric))


def slug(name: str) -> str:
    """A name as signals have it.

    >>> slug("SpindleLoad (%)"), slug("3rd axis")
    ('spindle_load', 'm_3rd_axis')
    """
    key = _UNFIT.sub("_", _HUMP.sub("_", name).lower()).strip("_")
    return key if key[:1].isalpha() else f"m_{key}"


def _with_unit(key: str, metric: Metric) -> str:
    said = metric.properties.get("engUnit")
    end = next((end for end, unit in UNITS.items() if said is not None and unit == said.value), "")
    return key if not end or any(key.endswith(one) for one in UNITS) else key + end
