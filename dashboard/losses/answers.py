"""Losses, stops and reasons as JSON: what the API answers, and what the page is told.

Times are seconds, moments RFC 3339 in UTC, shares from 0 to 1, and undefined is null. Every sum is made
in whole microseconds before it is divided.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dashboard.losses.compare import Pair
from dashboard.losses.groups import micro_groups, words_of
from dashboard.losses.heat import MEASURES, Heat
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


def stops_answer(
    stops: Iterable[MachineStop],
    limit: int,
    *,
    grouped: bool = False,
    group: str | None = None,
    splits: Callable[[Sequence[MachineStop]], list[Split | None]] | None = None,
) -> dict[str, Any]:
    """The stops of a window, longest first, bounded; `total` says how many there are in all.

    Args:
        stops: All of them.
        limit: How many are listed at most.
        grouped: Whether micro-stops are left to their groups, and not listed.
        group: The words of a group, whose micro-stops alone are listed.
        splits: Cuts those that are listed where people came in; None where nobody asks.
    """
    every = list(stops)
    chosen = [one for one in every if not (grouped and one.micro)]
    if group is not None:
        chosen = [one for one in every if one.micro and words_of(one) == group]
    ordered = sorted(chosen, key=lambda one: (one.start_ms - one.end_ms, one.start_ms, one.machine))
    shown = ordered[:limit]
    told = [stop_answer(one) for one in shown]
    if splits is not None:
        for one, split in zip(told, splits(shown), strict=True):
            one["split"] = split_answer(split)
    return {
        "total": len(every),
        "begun_before": sum(not one.begun for one in every),
        "listed": len(ordered),
        "shown": min(limit, len(ordered)),
        "total_s": sum(one.end_ms - one.start_ms for one in every) / 1_000,
        "stops": told,
        "groups": [
            {
                "words": one.words,
                "machines": list(one.machines),
                "states": list(one.states),
                "stops": one.stops,
                "seconds": one.ms / 1_000,
                "longest_s": one.longest_ms / 1_000,
            }
            for one in micro_groups(every)
        ],
    }


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


def heat_answer(found: Heat) -> dict[str, Any]:
    """A measure by hour and day; a cell without anything to divide by has no share."""
    return {
        "measure": found.measure,
        "word": MEASURES[found.measure],
        "of": found.of,
        "most": found.most,
        "hours": list(found.hours),
        "days": [
            {
                "date": row.day.isoformat(),
                "cells": [
                    {
                        "hour": cell.hour,
                        "start": to_text(cell.from_ms),
                        "end": to_text(cell.to_ms),
                        "seconds": cell.part_us / US_IN_S,
                        "of_s": cell.whole_us / US_IN_S,
                        "share": cell.share,
                    }
                    for cell in row.cells
                ],
            }
            for row in found.rows
        ],
    }


def compare_answer(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Both waterfalls row by row; what differs in steps and good parts adds up to what differs in time."""
    left_us = pairs[0].difference_us - sum(one.difference_us for one in pairs if not one.level)
    return {
        "unaccounted_s": (left_us - pairs[-1].difference_us) / US_IN_S,
        "steps": [
            {
                "key": one.key,
                "word": one.word,
                "level": one.level,
                "seconds": one.us / US_IN_S,
                "against_s": one.against_us / US_IN_S,
                "difference_s": one.difference_us / US_IN_S,
                "of_planned": None if one.share is None else float(one.share),
                "against_of_planned": None if one.against_share is None else float(one.against_share),
                "points": None if one.points is None else float(one.points * 100),
            }
            for one in pairs
        ],
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
