"""The calls of a window: when each was raised, what came of it, and how long each part took."""

from typing import Any

from flask import Response

from dashboard.api.question import ApiError, Question
from dashboard.api.spreadsheet import csv_answer
from dashboard.calls.phases import STATES, phases_of
from dashboard.history.called import calls_between
from protocol.moments import to_text

COLUMNS = (
    "id", "machine", "state", "rule", "cause", "since", "raised", "acknowledged", "acknowledged_by",
    "at_machine", "restored", "closed", "escalated", "missed", "noticed_s", "to_acknowledge_s",
    "to_machine_s", "repair_s",
)  # fmt: skip
MOST = 10_000


def calls(question: Question) -> dict[str, Any] | Response:
    """The calls that lie in a window or reach into it, in the order in which they were raised."""
    run = question.run
    from_ms, to_ms = question.window(run)
    chosen = question.selection(run, from_ms, to_ms)
    only = question.choice("open", ("true", "false"))
    # Up to the window's end, which is not past it: what was raised at the run's now belongs to it.
    found = calls_between(
        question.sources.reader, run.run, [one.name for one in chosen.machines], from_ms, to_ms + 1
    )
    rows = [_row(call, said) for call, said in found]
    if only is not None:
        rows = [row for row in rows if (row["closed"] is None and not row["missed"]) == (only == "true")]
    if len(rows) > MOST:
        raise ApiError(
            400, "from", question.text("from"), f"a window of at most {MOST:,} calls", f"{len(rows):,} calls"
        )
    if question.choice("format", ("json", "csv"), "json") == "csv":
        return csv_answer(f"calls-{to_text(from_ms)}", COLUMNS, rows)
    head = question.head(run, from_ms, to_ms)
    return {**head, "machine": chosen.machine, "line": chosen.line, "calls": rows}


def _row(call: Any, said: dict[str, Any]) -> dict[str, Any]:
    at_ms = {what: reply.at_ms for what, reply in said.items()}
    acknowledged_ms, at_machine_ms = at_ms.get("acknowledged"), at_ms.get("at-machine")
    restored_ms = at_ms.get("restored")
    phases = phases_of(
        since_ms=call.since_ms,
        raised_ms=call.raised_ms,
        acknowledged_ms=acknowledged_ms,
        at_machine_ms=at_machine_ms,
        restored_ms=restored_ms,
        closed_ms=call.closed_ms,
    )
    reached = {
        "acknowledged": acknowledged_ms is not None,
        "at-machine": at_machine_ms is not None,
        "restored": restored_ms is not None,
        "closed": call.closed_ms is not None,
        "missed": bool(call.missed),
    }
    return {
        "id": call.id,
        "machine": call.machine,
        "state": next((state for state in reversed(STATES[1:]) if reached[state]), "open"),
        "rule": call.rule,
        "cause": call.cause,
        "since": to_text(call.since_ms),
        "raised": to_text(call.raised_ms),
        "acknowledged": _text(acknowledged_ms),
        "acknowledged_by": said["acknowledged"].by if "acknowledged" in said else None,
        "at_machine": _text(at_machine_ms),
        "restored": _text(restored_ms),
        "closed": _text(call.closed_ms),
        "escalated": _text(call.escalated_ms),
        "missed": bool(call.missed),
        "noticed_s": _seconds(phases.noticed_ms),
        "to_acknowledge_s": _seconds(phases.to_acknowledge_ms),
        "to_machine_s": _seconds(phases.to_machine_ms),
        "repair_s": _seconds(phases.repair_ms),
    }


def _text(at_ms: int | None) -> str | None:
    return None if at_ms is None else to_text(at_ms)


def _seconds(span_ms: int | None) -> float | None:
    return None if span_ms is None else span_ms / 1_000
