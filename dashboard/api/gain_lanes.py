"""Both plants' timelines for a picture: a letter for each cell of time, and the parts made up to when."""

from typing import Any

from dashboard.api.gain import plants_of, window_of
from dashboard.api.question import Question
from dashboard.gain.lanes import LETTERS, cells
from dashboard.gain.parts import good_of
from dashboard.history.stretches import Stretch
from dashboard.history.twins import Both
from protocol.moments import to_text

LONGEST_MS = 24 * 3_600_000
"""More than the last day of a window is not drawn."""
MOMENTS = 48
"""At so many moments it is said how many parts were gained by then."""


def lanes(question: Question) -> dict[str, Any]:
    """What each machine did in both plants, cell by cell, and the good parts that each line made by when."""
    plants = plants_of(question)
    from_ms, to_ms = window_of(question, plants)
    drawn_ms = max(from_ms, to_ms - LONGEST_MS)
    count = question.number("cells", default=480, least=10, most=2_000)
    there = [one for one in plants.machines if one.lifetime(drawn_ms, to_ms)[0] < to_ms]
    stretches = [
        Stretch(run=row.run, machine=row.name, from_ms=drawn_ms, to_ms=to_ms, reach_ms=0)
        for one in there
        for row in one.rows
    ]
    known = question.sources.reader.measured(stretches) if to_ms > drawn_ms else []
    drawn = [cells(one, drawn_ms, to_ms, count) for one in known]
    return {
        "run": plants.run.run,
        "from": to_text(drawn_ms),
        "to": to_text(to_ms),
        "letters": {letter: str(state) for state, letter in LETTERS.items()},
        "machines": [
            {"machine": one.name, "line": one.line, "monitored": monitored, "twin": twin}
            for one, monitored, twin in zip(there, drawn[::2], drawn[1::2], strict=False)
        ],
        "curve_from": to_text(from_ms),
        "curves": _curves(question, plants.machines, from_ms, to_ms),
    }


def _curves(question: Question, machines: tuple[Both, ...], from_ms: int, to_ms: int) -> list[dict[str, Any]]:
    """Good parts gained by each line up to each of some moments that divide the window evenly."""
    if to_ms <= from_ms:
        return []
    by_name = {one.name: one for one in machines}
    moments = [from_ms + (to_ms - from_ms) * (place + 1) // MOMENTS for place in range(MOMENTS)]
    windows = [(from_ms, moment) for moment in moments if moment > from_ms]
    curves = []
    for outlets in question.sources.gain.outlets(machines, from_ms, to_ms):
        chosen = [by_name[name] for name in outlets.counted]
        if not chosen:
            continue
        both = [
            [good_of(account) for account in question.sources.totals(rows, windows)]
            for rows in ([one.monitored for one in chosen], [one.twin for one in chosen])
        ]
        curves.append(
            {
                "line": outlets.line,
                "at": [to_text(moment) for _, moment in windows],
                "monitored": both[0],
                "twin": both[1],
            }
        )
    return curves
