"""What a machine was doing in a window: intervals that tile it."""

from typing import Any

from flask import Response

from dashboard.api.question import Question
from dashboard.api.spreadsheet import csv_answer
from dashboard.losses.stops import reason_between
from protocol.moments import to_text

COLUMNS = ("start", "end", "state", "cause", "reason")


def intervals(question: Question) -> dict[str, Any] | Response:
    """What a machine was doing, tiled over the window."""
    run, source = question.run, question.source
    machine = question.machine(run)
    from_ms, to_ms = question.window(run)
    found = question.sources.reader.intervals(run.run, machine.name, from_ms, to_ms, source=source)
    stops = question.sources.book.stops([machine], from_ms, to_ms, source=source)
    rows = (
        {
            "start": to_text(start),
            "end": to_text(end),
            "state": state.value,
            "cause": cause,
            "reason": reason_between(stops, start, end) or None,
        }
        for start, end, state, cause in found
    )
    if question.choice("format", ("json", "csv"), "json") == "csv":
        return csv_answer(f"intervals-{machine.name}-{to_text(from_ms)}", COLUMNS, rows)
    return {**question.head(run, from_ms, to_ms), "machine": machine.name, "intervals": list(rows)}
