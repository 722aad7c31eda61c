"""Where the time went, what stopped, and why: `/api/losses`, `/api/stops` and `/api/reasons`."""

from typing import Any, cast

from dashboard.api.question import Question, Selection
from dashboard.losses.answers import pareto_answer, reasons_answer, stops_answer, waterfall_answer
from dashboard.losses.pareto import By

BY = ("time", "count")
LIMIT, MOST = 100, 10_000


def losses(question: Question) -> dict[str, Any]:
    """The waterfall from calendar time to good parts, and the Pareto in two levels."""
    head, chosen, window = _asked(question)
    by = cast(By, question.choice("by", BY, "time"))
    lost = question.sources.book.lost(chosen.machines, *window, source=question.source)
    return {
        **head,
        "waterfall": waterfall_answer(lost.rows, lost.totals),
        "pareto": pareto_answer(lost.pareto(by)),
    }


def stops(question: Question) -> dict[str, Any]:
    """The stops of a window with their reasons, longest first."""
    head, chosen, window = _asked(question)
    limit = question.number("limit", default=LIMIT, least=1, most=MOST)
    found = question.sources.book.stops(chosen.machines, *window, source=question.source)
    return {**head, **stops_answer(found, limit)}


def reasons(question: Question) -> dict[str, Any]:
    """The reasons that a person can choose from."""
    return reasons_answer(question.sources.reasons)


def _asked(question: Question) -> tuple[dict[str, Any], Selection, tuple[int, int]]:
    run = question.run
    window = question.window(run)
    chosen = question.selection(run, *window)
    head = {**question.head(run, *window), "machine": chosen.machine, "line": chosen.line}
    return head, chosen, window
