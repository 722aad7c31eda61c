"""The KPIs of a machine, a line or the plant in a window, whole or cut by machine, line or calendar."""

from collections.abc import Iterator
from typing import Any, cast

from flask import Response

from dashboard.api.cuts import By, Cut, cuts
from dashboard.api.question import ApiError, Question, Selection
from dashboard.api.row import in_seconds
from dashboard.api.schemas import NUMBERS, ROWS
from dashboard.api.spreadsheet import csv_answer
from dashboard.history.reader import MachineRow
from protocol.moments import to_text

MAX_ROWS = 1_000
"""Hours, or days with their shifts, that one answer may span."""
LONGEST_MS = {"hour": 3_600_000, "shift": 86_400_000, "day": 86_400_000}
"""What is counted to that end, in milliseconds."""


def kpis(question: Question) -> dict[str, Any] | Response:
    """The numbers of one machine, of a line or of the plant; with `by`, in rows."""
    run, source = question.run, question.source
    from_ms, to_ms = question.window(run)
    by = question.choice("by", tuple(ROWS))
    chosen = question.selection(run, from_ms, to_ms)
    whole = in_seconds(question.sources.numbers(chosen.machines, from_ms, to_ms, source))
    head = question.head(run, from_ms, to_ms)
    answer = {**head, "machine": chosen.machine, "line": chosen.line, **whole}
    if question.choice("format", ("json", "csv"), "json") == "csv":
        keys = [key for key in (ROWS[by]["properties"] if by else ()) if key not in NUMBERS]
        rows = _rows(question, chosen, by, (from_ms, to_ms)) if by else [whole]
        columns = [*head, *keys, *NUMBERS]
        return csv_answer(
            f"kpis-{by or 'all'}-{to_text(from_ms)}", columns, ({**head, **row} for row in rows)
        )
    if by is not None:
        return {**answer, "by": by, "rows": list(_rows(question, chosen, by, (from_ms, to_ms)))}
    if chosen.machine is not None:
        return answer
    each = _rows(question, chosen, "machine", (from_ms, to_ms))
    return {**answer, "machines": {row.pop("machine"): _numbers_of(row) for row in each}}


def _rows(
    question: Question, chosen: Selection, by: str, window: tuple[int, int]
) -> Iterator[dict[str, Any]]:
    source, numbers = question.source, question.sources.numbers
    if by == "machine":
        each = question.sources.of_each(chosen.machines, *window, source)
        for one, found in zip(chosen.machines, each, strict=True):
            yield {"machine": one.name, "line": one.path, **in_seconds(found)}
    elif by == "line":
        lines: dict[str, list[MachineRow]] = {}
        for one in chosen.machines:
            lines.setdefault(one.path, []).append(one)
        for line, members in lines.items():
            row = in_seconds(numbers(members, *window, source))
            yield {"line": line, "machines": len(members), **row}
    elif by == "plant":
        row = in_seconds(numbers(chosen.machines, *window, source))
        yield {"machines": len(chosen.machines), **row}
    else:
        found = _cuts(question, chosen, by, window)
        windows = [(cut.from_ms, cut.to_ms) for cut in found]
        for cut, one in zip(
            found, question.sources.numbers_in(chosen.machines, windows, source), strict=True
        ):
            row = in_seconds(one)
            yield {
                **cut.key,
                "start": to_text(cut.from_ms),
                "end": to_text(cut.to_ms),
                "clipped": cut.clipped,
                **row,
            }


def _cuts(question: Question, chosen: Selection, by: str, window: tuple[int, int]) -> list[Cut]:
    if window[1] - window[0] > MAX_ROWS * LONGEST_MS[by]:
        raise ApiError(
            400,
            "by",
            by,
            f"a window of at most {MAX_ROWS:,} hours"
            if by == "hour"
            else f"a window of at most {MAX_ROWS:,} days",
        )
    schedule = question.sources.schedule(chosen.line or "", None)
    if chosen.machine is not None:
        schedule = question.sources.schedule(chosen.machines[0].path, chosen.machine)
    return cuts(schedule, cast(By, by), *window)


def _numbers_of(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in NUMBERS}
