"""Losses, stops and reasons as JSON: what the API answers, and what the page is told.

Times are seconds, moments RFC 3339 in UTC, shares from 0 to 1, and undefined is null. Every sum is made
in whole microseconds before it is divided.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from dashboard.losses.folded import Fold
from dashboard.losses.pareto import Bar, Pareto
from dashboard.losses.reasons import Reasons
from dashboard.losses.split import Split
from dashboard.losses.stops import MachineStop
from dashboard.losses.waterfall import Fall, Totals
from protocol.moments import to_text

US_IN_S = 1_000_000


def waterfall_answer(rows: Sequence[Fall], totals: Totals) -> dict[str, Any]:
    """The waterfall: `steps` take away, levels are left; `unaccounted_s` is 0."""
    calendar_us = rows[0].us
    taken_us = sum(row.us for row in rows if not row.level)
    cycle_us = totals.cycle_us
    return {
        "calendar_s": calendar_us / US_IN_S,
        "good_s": rows[-1].us / US_IN_S,
        "unaccounted_s": (calendar_us - taken_us - rows[-1].us) / US_IN_S,
        "parts_in_silence": totals.silent_parts,
        "ideal_cycle_s": None if cycle_us is None else cycle_us / US_IN_S,
        "steps": [
            {
                "key": row.key,
                "word": row.word,
                "level": row.level,
                "seconds": row.us / US_IN_S,
                "hours": row.us / US_IN_S / 3_600,
                "left_s": row.left_us / US_IN_S,
                "parts": row.parts,
                "charged_to": None if row.charge == "none" else row.charge,
                "flag": row.flag,
            }
            for row in rows
        ],
    }


def pareto_answer(found: Pareto) -> dict[str, Any]:
    """The Pareto in two levels, most costly first."""
    return {
        "by": found.by,
        "lost_s": found.us / US_IN_S,
        "stops": found.stops,
        "losses": [
            {"loss": bar.key, **_bar(bar), "causes": [{"cause": one.key, **_bar(one)} for one in bar.causes]}
            for bar in found.losses
        ],
    }


def longest_first(stops: Iterable[MachineStop]) -> list[MachineStop]:
    """Stops in the order in which they are given."""
    return sorted(stops, key=lambda one: (one.start_ms - one.end_ms, one.start_ms, one.machine))


def stops_answer(stops: Iterable[MachineStop], limit: int) -> dict[str, Any]:
    """The stops of a window, longest first, bounded; `total` says how many there are in all."""
    ordered = longest_first(stops)
    return {
        "total": len(ordered),
        "begun_before": sum(not one.begun for one in ordered),
        "shown": min(limit, len(ordered)),
        "total_s": sum(one.end_ms - one.start_ms for one in ordered) / 1_000,
        "stops": [stop_answer(one) for one in ordered[:limit]],
    }


def folds_answer(folds: Iterable[Fold]) -> list[dict[str, Any]]:
    """The micro-stops by cause."""
    return [
        {
            "cause": one.cause,
            "stops": one.stops,
            "seconds": one.ms / 1_000,
            "longest_s": one.longest_ms / 1_000,
        }
        for one in folds
    ]


def split_answer(split: Split | None) -> dict[str, Any] | None:
    """A stop cut where people came in; None where nobody was called."""
    if split is None:
        return None
    return {
        "unnoticed_s": split.unnoticed_ms / 1_000,
        "unanswered_s": split.unanswered_ms / 1_000,
        "way_s": split.way_ms / 1_000,
        "repair_s": split.repair_ms / 1_000,
        "restart_s": split.restart_ms / 1_000,
        "acknowledged": split.acknowledged,
        "at_machine": split.at_machine,
        "restored": split.restored,
    }


def stop_answer(stop: MachineStop) -> dict[str, Any]:
    """One stop; `at` is the moment to name when a reason is given for it."""
    return {
        "machine": stop.machine,
        "start": to_text(stop.start_ms),
        "end": to_text(stop.end_ms),
        "seconds": (stop.end_ms - stop.start_ms) / 1_000,
        "at": to_text(stop.begun_ms),
        "over": stop.over,
        "loss": stop.loss,
        "state": stop.state,
        "states": stop.states,
        "cause": stop.cause,
        "reason": stop.reason or None,
        "note": stop.note,
        "given_by": stop.given_by,
        "micro": stop.micro,
    }


def reasons_answer(reasons: Reasons) -> dict[str, Any]:
    """The reasons that a person can choose from, in the order of the file."""
    return {"reasons": [{"reason": one.name, "loss": one.loss or None} for one in reasons.reasons]}


def _bar(bar: Bar) -> dict[str, Any]:
    return {
        "word": bar.word,
        "lost_s": bar.us / US_IN_S,
        "stops": bar.stops,
        "share": bar.share,
        "cumulative": bar.cumulative,
    }
