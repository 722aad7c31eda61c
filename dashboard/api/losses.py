"""Where the time went, what stopped, and why people say it did."""

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from werkzeug.datastructures import MultiDict

from dashboard.api.cuts import cuts
from dashboard.api.question import ApiError, Question
from dashboard.history.called import calls_between
from dashboard.losses.answers import (
    compare_answer,
    heat_answer,
    pareto_answer,
    reasons_answer,
    stops_answer,
    waterfall_answer,
)
from dashboard.losses.compare import EARLIER, compared, earlier
from dashboard.losses.heat import LOST, MEASURES, heat
from dashboard.losses.pareto import By
from dashboard.losses.split import Split, split_by
from dashboard.losses.stops import MachineStop
from protocol.moments import to_text

LIMIT = 100
MOST = 10_000
HOUR_MS = 3_600_000
MOST_HOURS = 1_000
"""Cells that one heat map may have: six weeks."""


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
    waited = question.choice("waited", ("true", "false"), "false") == "true"
    grouped = question.choice("micro", ("each", "grouped"), "each") == "grouped"
    return {
        **question.head(run, from_ms, to_ms),
        "machine": chosen.machine,
        "line": chosen.line,
        **stops_answer(
            found,
            limit,
            grouped=grouped,
            group=question.text("group"),
            splits=partial(_splits, question) if waited else None,
        ),
    }


def _splits(question: Question, stops: Sequence[MachineStop]) -> list[Split | None]:
    """Each stop cut by the call for it, over all of its time."""
    if not stops:
        return []
    first_ms, last_ms = min(one.begun_ms for one in stops), max(one.ended_ms for one in stops)
    names, run = {one.machine for one in stops}, question.run.run
    called: dict[str, list[Any]] = {}
    for call, said in calls_between(question.sources.reader, run, names, first_ms, last_ms + 1):
        called.setdefault(call.machine, []).append((call, said))
    return [split_by(one.begun_ms, one.ended_ms, called.get(one.machine, ())) for one in stops]


def heat_map(question: Question) -> dict[str, Any]:
    """A loss, or a number, by local hour and production day."""
    run = question.run
    from_ms, to_ms = question.window(run)
    measure = cast(str, question.choice("measure", tuple(MEASURES), LOST))
    if to_ms - from_ms > MOST_HOURS * HOUR_MS:
        raise ApiError(400, "from", question.text("from"), f"a window of at most {MOST_HOURS:,} hours")
    chosen = question.selection(run, from_ms, to_ms)
    machine = chosen.machine or ""
    schedule = question.sources.schedule(chosen.machines[0].path if machine else chosen.line or "", machine)
    hours = [(one.from_ms, one.to_ms) for one in cuts(schedule, "hour", from_ms, to_ms)]
    found = question.sources.book.hours(chosen.machines, hours, source=question.source)
    return {
        **question.head(run, from_ms, to_ms),
        "machine": chosen.machine,
        "line": chosen.line,
        **heat_answer(heat(measure, found, schedule, question.sources.basis.choices)),
    }


def compare(question: Question) -> dict[str, Any]:
    """The waterfall of a window beside that of an earlier one, or of another machine or line."""
    run = question.run
    from_ms, to_ms = question.window(run)
    chosen = question.selection(run, from_ms, to_ms)
    allowed = f"{', '.join(EARLIER)}, machine:NAME or line:NAME"
    against = question.text("against")
    what, _, name = (against or "").partition(":")
    other, window = chosen, (from_ms, to_ms)
    if against in EARLIER:
        window = earlier(question.sources.schedule("", None), from_ms, to_ms, against)
        if run.run:
            # Nothing was told of the time before the run.
            window = max(window[0], run.epoch_ms), max(window[1], run.epoch_ms)
        other = question.selection(run, *window)
    elif what in {"machine", "line"} and name:
        other = Question(question.sources, MultiDict({"run": run.run, what: name})).selection(run, *window)
    else:
        raise ApiError(400, "against", against, allowed)
    book = question.sources.book
    rows, others = (
        book.lost(one.machines, *span, source=question.source).rows
        for one, span in ((chosen, (from_ms, to_ms)), (other, window))
    )
    return {
        **question.head(run, from_ms, to_ms),
        "machine": chosen.machine,
        "line": chosen.line,
        "against": {
            "from": to_text(window[0]),
            "to": to_text(window[1]),
            "machine": other.machine,
            "line": other.line,
        },
        **compare_answer(compared(rows, others)),
    }


def reasons(question: Question) -> dict[str, Any]:
    """The reasons that a person can choose from, in the order of their file."""
    return reasons_answer(question.sources.book.reasons)
