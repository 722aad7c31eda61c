"""The faults on demand of a window: which machine had which, from when to when."""

from typing import Any

from flask import Response

from dashboard.api.question import Question
from dashboard.api.spreadsheet import csv_answer
from dashboard.history.faulted import faults_between
from protocol.moments import to_text

COLUMNS = ("machine", "fault", "signal", "severity", "from", "until")


def faults(question: Question) -> dict[str, Any] | Response:
    """The faults that touch a window, in the order in which they began."""
    run = question.run
    from_ms, to_ms = question.window(run)
    chosen = question.selection(run, from_ms, to_ms)
    names = [one.name for one in chosen.machines]
    rows = [
        {
            "machine": one.machine,
            "fault": one.fault,
            "signal": one.signal or None,
            "severity": one.severity,
            "from": to_text(one.from_ms),
            "until": to_text(one.until_ms),
        }
        for one in faults_between(question.sources.reader, run.run, names, from_ms, to_ms)
    ]
    if question.choice("format", ("json", "csv"), "json") == "csv":
        return csv_answer(f"faults-{to_text(from_ms)}", COLUMNS, rows)
    head = question.head(run, from_ms, to_ms)
    return {**head, "machine": chosen.machine, "line": chosen.line, "faults": rows}
