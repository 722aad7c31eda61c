"""The figures of one replication, each under its key: `("machines", "mill-1", "utilization")`.

Time is summed first and divided last, for a machine, a line and the plant alike, and the words mean what
the README says of them; all of the window counts as planned and observed.
"""

from collections.abc import Iterable, Mapping

from protocol.states import State
from simulator.phase import Phase
from simulator.specs.sensor import STATES
from simulator.study.tally import Level, Tally

Key = tuple[str, ...]
Figures = dict[Key, float | None]
HOUR_MS = 3_600_000

UNITS = {
    "parts_per_hour": "parts an hour; of a line and the plant, those that leave it",
    "good_per_hour": "the same less the rejected ones",
    "utilization": "share of time running",
    "uptime": "share of time running or idle",
    "performance": "ideal cycle x parts / running time",
    "quality": "good parts / parts",
    "oee": "utilization x performance x quality",
    "failures": "unbroken stretches of down time that began in the window",
    "mtbf_h": "hours running or in setup / failures",
    "mttr_h": "hours down / failures",
    "stops": "unbroken stretches without running that began in the window",
    "states": "share of time in each state",
    "phases": "share of time in each phase",
    "causes": "of each cause, share of time and how often it began in an hour",
    "mean_level": "mean number of parts in the buffer",
    "at_hours": "1 when the machine was running, or up, at that hour after the beginning, else 0",
}
"""What each figure is."""


def of_machine(tally: Tally, *, ideal_cycle_s: float | None) -> Figures:
    """The figures of one machine."""
    figures = of_group([tally])
    figures |= _output(tally.parts, tally.parts - tally.rejects, tally.window_ms)
    if ideal_cycle_s is None:
        del figures["parts_per_hour",], figures["good_per_hour",]
    else:
        figures |= _effectiveness(tally, ideal_cycle_s)
    return figures


def of_group(tallies: Iterable[Tally]) -> Figures:
    """What the times of some machines come to; without their parts."""
    tallies = list(tallies)
    window_ms = sum(tally.window_ms for tally in tallies)
    states = dict.fromkeys(STATES, 0)
    phases = dict.fromkeys(Phase, 0)
    causes: dict[str, tuple[int, int]] = {}
    for tally in tallies:
        for label, ms, count in zip(tally.labels, tally.label_ms, tally.label_count, strict=True):
            states[label.state] += ms
            phases[label.phase] += ms
            if label.cause:
                before_ms, before = causes.get(label.cause, (0, 0))
                causes[label.cause] = before_ms + ms, before + count
    failures = sum(tally.failures for tally in tallies)
    figures: Figures = {
        ("utilization",): _share(states[State.RUNNING], window_ms),
        ("uptime",): _share(states[State.RUNNING] + states[State.IDLE], window_ms),
        ("failures",): float(failures),
        ("mtbf_h",): _share(states[State.RUNNING] + states[State.SETUP], failures * HOUR_MS),
        ("mttr_h",): _share(states[State.DOWN], failures * HOUR_MS),
        ("stops",): float(sum(tally.stops for tally in tallies)),
    }
    figures |= {("states", state.value): _share(ms, window_ms) for state, ms in states.items()}
    figures |= {("phases", phase.value): _share(ms, window_ms) for phase, ms in phases.items()}
    for cause, (ms, count) in sorted(causes.items()):
        figures["causes", cause, "share"] = _share(ms, window_ms)
        figures["causes", cause, "per_hour"] = _share(count * HOUR_MS, window_ms)
    return figures


def of_output(tallies: Iterable[Tally]) -> Figures:
    """The parts that leave a line or the plant, by the machines that nothing follows."""
    tallies = list(tallies)
    parts = sum(tally.parts for tally in tallies)
    good = parts - sum(tally.rejects for tally in tallies)
    return _output(parts, good, max((tally.window_ms for tally in tallies), default=0))


def of_buffer(level: Level) -> Figures:
    """The figures of one buffer."""
    return {("mean_level",): _share(level.part_ms, level.window_ms)}


def under(path: Key, figures: Mapping[Key, float | None]) -> Figures:
    """The figures with a path before each one's own."""
    return {(*path, *own): value for own, value in figures.items()}


def _output(parts: int, good: int, window_ms: int) -> Figures:
    return {
        ("parts_per_hour",): _share(parts * HOUR_MS, window_ms),
        ("good_per_hour",): _share(good * HOUR_MS, window_ms),
    }


def _effectiveness(tally: Tally, ideal_cycle_s: float) -> Figures:
    running_ms = tally.state_ms().get(State.RUNNING, 0)
    good = tally.parts - tally.rejects
    return {
        ("performance",): ideal_cycle_s * 1000 * tally.parts / running_ms if running_ms else None,
        ("quality",): _share(good, tally.parts),
        ("oee",): ideal_cycle_s * 1000 * good / tally.window_ms if tally.window_ms else None,
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
