"""Where the time went, what stopped, and why people say it did."""

from typing import Any, cast

from dashboard.api.question import Question
from dashboard.losses.answers import pareto_answer, reasons_answer, stops_answer, waterfall_answer
from dashboard.losses.pareto import By

LIMIT = 100
MOST = 10_000


def losses(question: Question) -> dict[str, Any]:
    """The waterfall from calendar time to good parts, and the Pareto in two levels."""
    run = question.run
    from_ms, to_ms = question.window(run)
    by = cast(By, question.choice("by", ("time", "count"), "time"))
    chosen = question.selection(run, from_ms, to_ms)
    lost = question.sources.book.lost(chosen.machines, from_ms, to_ms, source=question.source)
    return {
        **question.head(run, from_ms, to_ms),
        "machine": chosen.machine,
        "line": chosen.line,
        "waterfall": waterfall_answer(lost.rows, lost.totals),
        "pareto": pareto_answer(lost.pareto(by)),
    }


def stops(question: Question) -> dict[str, Any]:
    """The stops with their reasons, longest first."""
    run = question.run
    from_ms, to_ms = question.window(run)
    limit = question.number("limit", default=LIMIT, least=1, most=MOST)
    chosen = question.selection(run, from_ms, to_ms)
    found = question.sources.book.stops(chosen.machines, from_ms, to_ms, source=question.source)
    return {
        **question.head(run, from_ms, to_ms),
        "machine": chosen.machine,
        "line": chosen.line,
        **stops_answer(found, limit),
    }


def reasons(question: Question) -> dict[str, Any]:
    """The reasons that a person can choose from, in the order of their file."""
    return reasons_answer(question.sources.book.reasons)
