"""The numbers of a window as the API has them: durations in seconds, fractions from 0 to 1."""

from dataclasses import dataclass
from typing import Any, Literal

from dashboard.conclusions import Numbers

Unit = Literal["seconds", "count", "fraction", "ratio"]


@dataclass(frozen=True, slots=True)
class Field:
    """One number of a row."""

    key: str
    """Its name in the API; one that ends in `_s` is the same in `Numbers` with `_ms`."""
    unit: Unit
    """Seconds; a count; a fraction, from 0 to 1; or a ratio, which may exceed 1."""
    words: str
    """What it is."""
    nullable: bool = True
    """Whether it may be undefined."""

    @property
    def attribute(self) -> str:
        """Its name in `Numbers`."""
        return f"{self.key[:-2]}_ms" if self.unit == "seconds" else self.key


def _time(key: str, words: str) -> Field:
    return Field(key, "seconds", words, nullable=False)


FIELDS = (
    _time("calendar_s", "The whole window, planned or not, times machines"),
    _time("planned_s", "Time in which production was planned"),
    _time("observed_s", "Planned time in which the state is known"),
    _time("running_s", "Planned time running"),
    _time("idle_s", "Planned time idle, with what is merely known to be stopped"),
    _time("stopped_s", "The part of it in which nothing tells idle from down"),
    _time("down_s", "Planned time down"),
    _time("setup_s", "Planned time in setup"),
    _time("unknown_s", "Planned time without evidence"),
    Field("parts", "count", "Parts counted in planned time; null when nothing counts them"),
    Field("good", "count", "Parts that were not rejected"),
    Field("rejects", "count", "Parts that were rejected"),
    Field("parts_in_silence", "count", "Parts counted across unknown time; not in performance"),
    Field("parts_off_shift", "count", "Parts made outside planned time"),
    Field("utilization", "fraction", "running / observed"),
    Field("utilization_low", "fraction", "The same if everything unknown had not been running"),
    Field("utilization_high", "fraction", "The same if everything unknown had been running"),
    Field("uptime", "fraction", "(running + idle) / observed; null when time stopped cannot be told"),
    Field("uptime_low", "fraction", "The same if everything unknown or merely stopped had been down"),
    Field("uptime_high", "fraction", "The same if everything unknown or merely stopped had been up"),
    Field("coverage", "fraction", "observed / planned"),
    Field("performance", "ratio", "ideal cycle x parts / running; above 1 the ideal cycle is wrong"),
    Field("quality", "fraction", "good / parts; in a group weighted by ideal time"),
    Field("oee", "ratio", "utilization x performance x quality"),
    Field("nee", "ratio", "OEE with setup not counted as a loss"),
    Field("teep", "ratio", "OEE over calendar time"),
    Field("failures", "count", "Stops that were failures"),
    Field("mtbf_s", "seconds", "Mean time between failures; null without one"),
    Field("mttr_s", "seconds", "Mean time to repair; null without a failure"),
    Field("stops", "count", "Unbroken stretches of known planned time without running"),
    Field("micro_stops", "count", "The stops shorter than the threshold, between running and running"),
    Field("cycle_s", "seconds", "Running time for each part"),
    Field("ideal_cycle_s", "seconds", "The ideal cycle, as the machine says"),
    Field("target_parts", "count", "Parts that the planned time could have made at the ideal cycle"),
)
"""Every number of a row, in order."""
WHOLE = frozenset({"failures", "stops", "micro_stops", "parts_in_silence", "parts_off_shift"})
"""Counts that are never undefined."""


def in_seconds(numbers: Numbers) -> dict[str, Any]:
    """The numbers as the API has them.

    Idle is as the standards have it: it includes what is merely known to be stopped.
    """
    answer: dict[str, Any] = {}
    for field in FIELDS:
        value = getattr(numbers, field.attribute)
        answer[field.key] = value / 1_000 if value is not None and field.unit == "seconds" else value
    answer["idle_s"] = (numbers.idle_ms + numbers.stopped_ms) / 1_000
    return answer
