"""What a machine makes: its parts against plan, and how long each took."""

from typing import Any

from dashboard.api.question import Question
from dashboard.history.numbers import lifetime
from dashboard.kpi.account import ideal_us_of
from dashboard.kpi.cycles import Histogram, cycles_of, histogram
from dashboard.kpi.pace import Pace, pace_of
from protocol.moments import to_text

LATEST_AHEAD_MS = 86_400_000
"""How far after the run's now a plan is drawn, at most."""


def pace(question: Question) -> dict[str, Any]:
    """The parts of a machine in a window beside the ideal pace; a running shift is planned to its end."""
    run = question.run
    machine = question.machine(run)
    from_ms, now_ms = question.window(run)
    ahead_ms = min(question.moment("until") or now_ms, now_ms + LATEST_AHEAD_MS)
    begun_ms, ended_ms = lifetime(machine, from_ms, max(now_ms, ahead_ms))
    ideal_us = ideal_us_of(machine.birth)
    found: Pace | None = None
    known_ms = min(now_ms, ended_ms)
    if ideal_us is not None and begun_ms < known_ms:
        schedule = question.sources.schedule(machine.path, machine.name)
        counts = question.sources.reader.counts(run.run, machine.name, from_ms=begun_ms, to_ms=known_ms)
        found = pace_of(
            counts,
            schedule.planned(begun_ms, ended_ms),
            ideal_ms=ideal_us / 1_000,
            from_ms=begun_ms,
            now_ms=known_ms,
            to_ms=ended_ms,
        )
    return {
        **question.head(run, from_ms, now_ms),
        "machine": machine.name,
        "ideal_cycle_s": None if ideal_us is None else ideal_us / 1e6,
        "missing": _without_pace(ideal_us, found, known_ms - begun_ms),
        "pace": None if found is None else _pace(found),
    }


def _without_pace(ideal_us: int | None, found: Pace | None, span_ms: int) -> str:
    if ideal_us is None:
        return "its birth states no ideal cycle, so there is no plan to hold its parts against"
    if span_ms <= 0:
        return "it was not there in this window"
    return "nothing counts its parts" if found is None else ""


def _pace(found: Pace) -> dict[str, Any]:
    return {
        "made": found.made,
        "due": found.due,
        "whole": found.whole,
        "gap_parts": found.gap_parts,
        "gap_s": found.gap_ms / 1_000,
        "steps": [{"at": to_text(at_ms), "parts": parts} for at_ms, parts in found.steps],
        "plan": [{"at": to_text(at_ms), "parts": parts} for at_ms, parts in found.plan],
    }


def cycles(question: Question) -> dict[str, Any]:
    """How long the parts of a window took: running time from one to the next."""
    run = question.run
    machine = question.machine(run)
    from_ms, to_ms = question.window(run)
    reader = question.sources.reader
    counts = reader.counts(run.run, machine.name, from_ms=from_ms, to_ms=to_ms)
    found: Histogram | None = None
    if len(counts):
        first_ms = min(int(counts.at_ms[0]), from_ms)
        intervals = reader.intervals(run.run, machine.name, first_ms, to_ms)
        found = histogram(cycles_of(counts, intervals, from_ms, to_ms))
    ideal_us = ideal_us_of(machine.birth)
    missing = "nothing counts its parts" if not len(counts) else "no part was made in known time"
    return {
        **question.head(run, from_ms, to_ms),
        "machine": machine.name,
        "ideal_cycle_s": None if ideal_us is None else ideal_us / 1e6,
        "missing": "" if found is not None else missing,
        "cycles": None if found is None else _cycles(found),
    }


def _cycles(found: Histogram) -> dict[str, Any]:
    return {
        "count": found.count,
        "median_s": found.median_s,
        "mean_s": found.mean_s,
        "width_s": found.width_s,
        "from_s": found.from_s,
        "bars": found.bars,
        "longer": found.longer,
    }
