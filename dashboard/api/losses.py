"""Where the time went, what stopped, and why people say it did."""

from collections.abc import Sequence
from typing import Any, cast

from dashboard.api.question import Question
from dashboard.history.called import calls_between
from dashboard.losses.answers import (
    folds_answer,
    longest_first,
    pareto_answer,
    reasons_answer,
    split_answer,
    stops_answer,
    waterfall_answer,
)
from dashboard.losses.folded import folded
from dashboard.losses.pareto import By
from dashboard.losses.split import Split, split_by
from dashboard.losses.stops import MachineStop

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
    folds = question.choice("micro", ("listed", "folded"), "listed") == "folded"
    found = question.sources.book.stops(chosen.machines, from_ms, to_ms, source=question.source)
    head = {
        **question.head(run, from_ms, to_ms),
        "machine": chosen.machine,
        "line": chosen.line,
    }
    if not folds:
        return {**head, **stops_answer(found, limit)}
    long, short = folded(found)
    answer = stops_answer(long, limit)
    splits = _splits(question, longest_first(long)[:limit])
    for told, split in zip(answer["stops"], splits, strict=True):
        told["split"] = split_answer(split)
    return {**head, **answer, "micro_stops": folds_answer(short)}


def _splits(question: Question, stops: Sequence[MachineStop]) -> list[Split | None]:
    """Each stop cut by the call for it, over all of its time."""
    if not stops:
        return []
    names = {one.machine for one in stops}
    first_ms, last_ms = min(one.begun_ms for one in stops), max(one.ended_ms for one in stops)
    called: dict[str, list[Any]] = {}
    run = question.run.run
    for call, said in calls_between(question.sources.reader, run, names, first_ms, last_ms + 1):
        called.setdefault(call.machine, []).append((call, said))
    return [split_by(one.begun_ms, one.ended_ms, called.get(one.machine, ())) for one in stops]


def reasons(question: Question) -> dict[str, Any]:
    """The reasons that a person can choose from, in the order of their file."""
    return reasons_answer(question.sources.book.reasons)
