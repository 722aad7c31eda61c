"""What a machine was doing in a window: intervals that tile it."""

from bisect import bisect_right
from typing import Any

from flask import Response

from dashboard.api.question import Question
from dashboard.api.spreadsheet import csv_answer
from protocol.moments import to_text
from protocol.states import State

RUNS_ON = (State.RUNNING, State.UNKNOWN)
"""States of which no stop is made."""
COLUMNS = ("start", "end", "state", "cause", "reason")


def intervals(question: Question) -> dict[str, Any] | Response:
    """What a machine was doing, tiled over the window."""
    run, source = question.run, question.source
    machine = question.machine(run)
    from_ms, to_ms = question.window(run)
    found = question.sources.reader.intervals(run.run, machine.name, from_ms, to_ms, source=source)
    stops = question.sources.book.stops([machine], from_ms, to_ms, source=source)
    ends = [stop.end_ms for stop in stops]

    def reason(start_ms: int, end_ms: int, state: State) -> str | None:
        """What is said of the first stop that the interval belongs to."""
        index = bisect_right(ends, start_ms)
        if state in RUNS_ON or index == len(stops) or stops[index].start_ms >= end_ms:
            return None
        return stops[index].reason or None

    rows = (
        {
            "start": to_text(start),
            "end": to_text(end),
            "state": state.value,
            "cause": cause,
            "reason": reason(start, end, state),
        }
        for start, end, state, cause in found
    )
    if question.choice("format", ("json", "csv"), "json") == "csv":
        return csv_answer(f"intervals-{machine.name}-{to_text(from_ms)}", COLUMNS, rows)
    return {**question.head(run, from_ms, to_ms), "machine": machine.name, "intervals": list(rows)}
