"""Where the signals of machines are going: the level of each in running time, and when it reaches a limit."""

from typing import Any

import numpy as np

from dashboard.api.question import ApiError, Question
from dashboard.condition.outlook import EVERY_MS, WINDOW_MS, how, outlook, words
from dashboard.condition.regime import MINUTE_MS, blocks, ran
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow, Rollup
from dashboard.intervals import Intervals
from protocol.messages import Signal
from protocol.moments import to_text

MOST = 100
"""Machines that are told of at once: each is twelve hours of minutes."""


def conditions(question: Question) -> dict[str, Any]:
    """The signals with a normal range, as of the newest moment at which trends are looked for."""
    run = question.run
    now_ms = run.now_ms // EVERY_MS * EVERY_MS
    chosen = question.selection(run, max(now_ms - WINDOW_MS, run.epoch_ms), max(now_ms, run.epoch_ms + 1))
    if len(chosen.machines) > MOST:
        raise ApiError(400, "line", None, f"a machine, or a line of at most {MOST} machines")
    rows = [row for one in chosen.machines for row in _of(question.sources.reader, one, now_ms)]
    return {
        "run": run.run,
        "plant": "monitored",
        "at": to_text(now_ms),
        "machine": chosen.machine,
        "line": chosen.line,
        "conditions": rows,
    }


def _of(reader: Reader, machine: MachineRow, now_ms: int) -> list[dict[str, Any]]:
    signals = {} if machine.birth is None else machine.birth.signals
    limited = {name: one for name, one in signals.items() if one.low is not None or one.high is not None}
    from_ms = max(now_ms - WINDOW_MS, machine.since_ms)
    if not limited or machine.retired_ms is not None or from_ms >= now_ms:
        return []
    intervals = reader.intervals(machine.run, machine.name, from_ms, now_ms)
    minutes = reader.rollups(machine.run, machine.name, from_ms, now_ms)
    return [
        {"machine": machine.name, "signal": name, **_row(name, one, minutes.get(name), intervals, now_ms)}
        for name, one in limited.items()
    ]


def _row(
    name: str, signal: Signal, minutes: Rollup | None, intervals: Intervals, now_ms: int
) -> dict[str, Any]:
    level: float | None = None
    found, minutes_seen = None, 0
    if minutes is not None:
        single = minutes.length_ms == MINUTE_MS
        minute_ms, means = minutes.minute_ms[single], minutes.mean[single]
        whole = ran(minute_ms, intervals) & ~np.isnan(means)
        minutes_seen = int(whole.sum())
        seen = blocks(minute_ms[whole], means[whole])
        level = float(seen.level[-1]) if len(seen.level) else None
        found = outlook(now_ms, minute_ms, means, intervals, low=signal.low, high=signal.high)
    return {
        "unit": signal.unit,
        "low": signal.low,
        "high": signal.high,
        "level": level,
        "minutes": minutes_seen,
        "limit": None if found is None else found.limit,
        "baseline": None if found is None else found.baseline,
        "now": None if found is None else found.now,
        "rises_since": None if found is None else to_text(found.begun_ms),
        "reached": None if found is None else to_text(found.at_ms),
        "reached_from": None if found is None else to_text(found.low_ms),
        "reached_until": None if found is None or found.high_ms is None else to_text(found.high_ms),
        "words": "" if found is None else words(name, signal.unit, found, now_ms),
        "found": "" if found is None else how(signal.unit, found),
    }
