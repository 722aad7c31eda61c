"""The stretches in which the plant lived on without an office, and what was missed in each."""

from typing import Any

from dashboard.api.question import Question
from dashboard.api.sources import Sources
from dashboard.history.called import missed_in, unattended_of
from dashboard.history.rows import MachineRow, RunRow
from protocol.moments import to_text


def holes(question: Question) -> dict[str, Any]:
    """The holes of a run, in order; one that is still open lasts up to the run's now."""
    run, reader = question.run, question.sources.reader
    machines = [one for one in reader.machines(run.run, retired=True) if one.birth and one.birth.simulated]
    found = [
        _hole(question.sources, run, machines, from_ms, to_ms)
        for from_ms, to_ms in _joined(unattended_of(reader, run.run))
        # An office that is slow to answer for a moment has left no hole.
        if from_ms != to_ms
    ]
    return {"run": run.run, "plant": "monitored", "holes": found}


def _joined(stretches: list[tuple[int, int | None]]) -> list[tuple[int, int | None]]:
    """The stretches, those that touch as one: an office that has much to catch up with may be late again.

    >>> _joined([(0, 5), (5, 7), (9, None)])
    [(0, 7), (9, None)]
    """
    found: list[tuple[int, int | None]] = []
    for from_ms, to_ms in stretches:
        before = found[-1] if found else None
        if before is not None and before[1] == from_ms:
            found[-1] = before[0], to_ms
        else:
            found.append((from_ms, to_ms))
    return found


def _hole(
    sources: Sources, run: RunRow, machines: list[MachineRow], from_ms: int, to_ms: int | None
) -> dict[str, Any]:
    until_ms = max(from_ms, min(run.now_ms, run.now_ms if to_ms is None else to_ms))
    (numbers,) = sources.numbers(machines, [(from_ms, until_ms)], "measured")
    missed = missed_in(sources.reader, run.run, from_ms, to_ms)
    return {
        "from": to_text(from_ms),
        "to": None if to_ms is None else to_text(to_ms),
        "seconds": (until_ms - from_ms) / 1_000,
        "stops": numbers.stops,
        "coverage": numbers.coverage,
        "calls_missed": [
            {"id": call.id, "machine": call.machine, "rule": call.rule, "cause": call.cause,
             "since": to_text(call.since_ms), "raised": to_text(call.raised_ms)}
            for call in missed
        ],
    }  # fmt: skip
