"""Every number opens: what it is made of, in time, and what it is easily taken for."""

from typing import Any

from dashboard.api.question import ApiError, Question
from dashboard.history.numbers import account_of, lifetime, pieces_in
from dashboard.kpi.account import Account, total
from dashboard.kpi.choices import Choices
from dashboard.kpi.definitions import DEFINITIONS, Definition, Term
from dashboard.kpi.pieces import USES, Pieces
from dashboard.kpi.report import numbers
from protocol.moments import to_text

PIECES = 100
MOST_PIECES = 5_000
UNITS = {"share": "fraction", "ms": "s", "parts": "parts", "count": "count"}
"""The units of definitions as the API has them."""


def explain(question: Question) -> dict[str, Any]:
    """One number of a window, opened."""
    run, source = question.run, question.source
    from_ms, to_ms = question.window(run)
    chosen = question.selection(run, from_ms, to_ms)
    definition = _definition(question)
    limit = question.number("pieces", default=PIECES, least=0, most=MOST_PIECES)
    reader, basis = question.sources.reader, question.sources.basis
    choices = basis.choices
    accounts: list[Account] = []
    behind: list[tuple[str, Pieces]] = []
    calendar_ms = 0
    for machine in chosen.machines:
        accounts.append(account_of(reader, basis, machine, from_ms, to_ms, source=source))
        behind.append((machine.name, pieces_in(reader, basis, machine, from_ms, to_ms, source=source)))
        begun_ms, ended_ms = lifetime(machine, from_ms, to_ms)
        calendar_ms += max(ended_ms - begun_ms, 0)
    account = total(accounts)
    found = numbers(account, choices, from_ms, to_ms)
    uses = dict.fromkeys(USES, 0)
    for _, pieces in behind:
        for code, duration_ms in zip(pieces.uses.tolist(), pieces.durations_ms().tolist(), strict=True):
            uses[USES[code]] += duration_ms
    return {
        **question.head(run, from_ms, to_ms),
        "machine": chosen.machine,
        "line": chosen.line,
        "kpi": definition.key,
        "word": definition.word,
        "question": definition.question,
        "formula": definition.formula,
        "unit": UNITS[definition.unit],
        "value": _in_unit(definition.unit, definition.value(account, choices)),
        "low": getattr(found, f"{definition.key}_low", None),
        "high": getattr(found, f"{definition.key}_high", None),
        "coverage": found.coverage,
        "numerator": _sum(definition.top, account, choices),
        "denominator": _sum(definition.bottom, account, choices) if definition.bottom else None,
        "names": {
            "iso_22400": definition.iso,
            "semi": definition.semi,
            "machinemetrics": definition.vendor,
        },
        "reference": definition.source,
        "note": definition.note,
        "neighbours": [
            {
                "name": one.name,
                "standard": one.standard,
                "formula": one.formula,
                "value": one.value(account, choices),
            }
            for one in definition.neighbours
        ],
        "uses": [{"use": use.value, "value": ms / 1_000} for use, ms in uses.items()],
        "calendar_s": calendar_ms / 1_000,
        "unaccounted_s": (calendar_ms - sum(uses.values())) / 1_000,
        "choices": choices.named(),
        "pieces_total": sum(len(pieces) for _, pieces in behind),
        "pieces": _first(behind, limit),
    }


def _definition(question: Question) -> Definition:
    key = question.text("kpi")
    definition = DEFINITIONS.get(key or "")
    if definition is None:
        raise ApiError(400, "kpi", key, ", ".join(DEFINITIONS))
    return definition


def _sum(terms: tuple[Term, ...], account: Account, choices: Choices) -> dict[str, Any]:
    values = [_in_unit(term.unit, term.value(account, choices)) for term in terms]
    return {
        "value": sum(value for value in values if value is not None),
        "parts": [
            {"label": term.label, "unit": UNITS[term.unit], "value": value}
            for term, value in zip(terms, values, strict=True)
        ],
    }


def _in_unit(unit: str, value: float | None) -> float | None:
    return value / 1_000 if unit == "ms" and value is not None else value


def _first(behind: list[tuple[str, Pieces]], limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for machine, pieces in behind:
        for start_ms, end_ms, use, state, cause in pieces:
            if len(found) >= limit:
                return found
            found.append(
                {
                    "machine": machine,
                    "start": to_text(start_ms),
                    "end": to_text(end_ms),
                    "use": use.value,
                    "state": state.value,
                    "cause": cause,
                }
            )
    return found
