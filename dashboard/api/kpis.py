"""The KPIs of a machine, a line or the plant in a window, whole or cut by machine, line or calendar."""

from collections.abc import Sequence
from typing import Any, cast

from flask import Response

from dashboard.api.cuts import By, Cut, cuts
from dashboard.api.question import ApiError, Question, Selection
from dashboard.api.row import in_seconds
from dashboard.api.schemas import NUMBERS, ROWS
from dashboard.api.spreadsheet import csv_answer
from dashboard.kpi.account import Account, total
from dashboard.kpi.report import numbers
from protocol.moments import to_text

MAX_ROWS = 1_000
"""Hours, or days with their shifts, that one answer may span."""
LONGEST_MS = {"hour": 3_600_000, "shift": 86_400_000, "day": 86_400_000}
"""What is counted to that end, in milliseconds."""


def kpis(question: Question) -> dict[str, Any] | Response:
    """The numbers of one machine, of a line or of the plant; with `by`, in rows."""
    run = question.run
    from_ms, to_ms = question.window(run)
    by = question.choice("by", tuple(ROWS))
    chosen = question.selection(run, from_ms, to_ms)
    whole, rows = _found(question, chosen, by, (from_ms, to_ms))
    head = question.head(run, from_ms, to_ms)
    answer = {**head, "machine": chosen.machine, "line": chosen.line, **whole}
    if question.choice("format", ("json", "csv"), "json") == "csv":
        keys = [key for key in (ROWS[by]["properties"] if by else ()) if key not in NUMBERS]
        columns = [*head, *keys, *NUMBERS]
        return csv_answer(
            f"kpis-{by or 'all'}-{to_text(from_ms)}",
            columns,
            ({**head, **row} for row in (rows if by else [whole])),
        )
    if by is not None:
        return {**answer, "by": by, "rows": rows}
    if chosen.machine is not None:
        return answer
    return {**answer, "machines": {row.pop("machine"): _numbers_of(row) for row in rows}}


def _found(
    question: Question, chosen: Selection, by: str | None, window: tuple[int, int]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The numbers of the whole and of the rows, which are read at once."""
    source, sources, machines = question.source, question.sources, chosen.machines
    if by in LONGEST_MS:
        cut = _cuts(question, chosen, by, window)
        windows = [(one.from_ms, one.to_ms) for one in cut]
        whole, *each = map(in_seconds, sources.numbers(machines, [window, *windows], source))
        return whole, [{**_key_of(one), **row} for one, row in zip(cut, each, strict=True)]
    if by == "plant" or (by is None and chosen.machine is not None):
        (whole,) = map(in_seconds, sources.numbers(machines, [window], source))
        return whole, [{"machines": len(machines), **whole}]
    accounts = sources.accounts(machines, window, source)
    if by == "line":
        lines: dict[str, list[Account]] = {}
        for machine, account in zip(machines, accounts, strict=True):
            lines.setdefault(machine.path, []).append(account)
        rows = [
            {"line": line, "machines": len(mine), **_row(question, mine, window)}
            for line, mine in lines.items()
        ]
    else:
        rows = [
            {"machine": machine.name, "line": machine.path, **_row(question, [account], window)}
            for machine, account in zip(machines, accounts, strict=True)
        ]
    return _row(question, accounts, window), rows


def _row(question: Question, accounts: Sequence[Account], window: tuple[int, int]) -> dict[str, Any]:
    return in_seconds(numbers(total(accounts), question.sources.basis.choices, *window))


def _key_of(cut: Cut) -> dict[str, Any]:
    return {**cut.key, "start": to_text(cut.from_ms), "end": to_text(cut.to_ms), "clipped": cut.clipped}


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
