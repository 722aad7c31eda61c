"""The waterfall as one table: each step's bar stands in the row of its numbers, alone or beside another's."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from dash import html

from dashboard.figures.losses import COLOURS, LEVEL, Style, fall_place, reach_of
from dashboard.history.lost import Lost
from dashboard.losses.compare import Pair
from dashboard.losses.waterfall import Fall
from dashboard.losses.words import LEVELS, STEPS
from dashboard.pages.amounts import exactly, more_or_less, percent, points
from dashboard.pages.attributes import data


def steps_table(lost: Lost) -> html.Table:
    """From calendar time to good parts, one row a step; steps that took nothing are named below."""
    rows = lost.rows
    planned_us = _planned_us(rows)
    with_parts = lost.totals.cycle_us is not None
    reach_us = reach_of([(row.us, row.left_us, row.level) for row in rows])
    head = ["step", "", "time", "of planned", *(["parts"] if with_parts else [])]
    shown = [row for row in rows if row.level or row.us]
    since_planned = [row.key for row in rows].index("planned")
    lines = []
    for row in shown:
        planned = rows.index(row) >= since_planned
        us = row.us if row.level else -row.us
        share = us / planned_us if planned and planned_us else None
        cells = [
            html.Td(_bar(row.key, fall_place(row.us, row.left_us, reach_us, level=row.level), row.us)),
            html.Td(_taken(row.us, level=row.level), **data(label="time")),
            html.Td(percent(share), **data(label="of planned")),
        ]
        if with_parts:
            parts = "–" if row.parts is None else f"{row.parts:,.1f}".replace("-", "−")
            cells.append(html.Td(parts, **data(label="parts")))
        lines.append(_line(row.key, row.word, cells, level=row.level))
    caption = [html.Span(_sums(lost))]
    if nothing := [row.word for row in rows if not row.level and not row.us]:
        caption.insert(0, html.Span(f"Nothing was taken by: {', '.join(nothing)}."))
    return _table(head, lines, caption, "steps-table with-parts" if with_parts else "steps-table")


def compared_table(pairs: Sequence[Pair], words: str, against: str) -> html.Table:
    """Both waterfalls in the rows of one table, with what differs in time and in points of planned time.

    Args:
        pairs: Their rows.
        words: What the first is of.
        against: What the second is of.
    """
    shown = [pair for pair in pairs if pair.level or pair.us or pair.against_us]
    mine, other = _left(pairs, "us"), _left(pairs, "against_us")
    reach_us = max(
        reach_of([(pair.us, mine[pair.key], pair.level) for pair in pairs]),
        reach_of([(pair.against_us, other[pair.key], pair.level) for pair in pairs]),
    )
    lines = []
    for pair in shown:
        places = (
            fall_place(pair.us, mine[pair.key], reach_us, level=pair.level),
            fall_place(pair.against_us, other[pair.key], reach_us, level=pair.level),
        )
        bars = [
            _bar(pair.key, places[0], pair.us),
            _bar(pair.key, places[1], pair.against_us, against=True),
        ]
        cells = [
            html.Td(bars, className="two"),
            html.Td(_taken(pair.us, level=pair.level), **data(label="this")),
            html.Td(_taken(pair.against_us, level=pair.level), **data(label="against")),
            html.Td(
                more_or_less(pair.difference_us if pair.level else -pair.difference_us),
                **data(label="difference"),
            ),
            html.Td(percent(_signed(pair.share, pair)), **data(label="of planned")),
            html.Td(percent(_signed(pair.against_share, pair)), **data(label="against")),
            html.Td(points(_signed(pair.points, pair)), **data(label="points")),
        ]
        lines.append(_line(pair.key, pair.word, cells, level=pair.level))
    left_us = pairs[0].difference_us - sum(pair.difference_us for pair in pairs if not pair.level)
    caption = [
        html.Span(f"Solid: {words}. Pale: {against}."),
        html.Span(f"differences unaccounted for: {exactly(left_us - pairs[-1].difference_us)}"),
    ]
    head = ["step", "", "this", "against", "difference", "of planned", "against", "points of planned"]
    return _table(head, lines, caption, "steps-table compared")


def _table(head: list[str], lines: list[html.Tr], caption: list[Any], name: str) -> html.Table:
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(text, scope="col") if text else html.Td() for text in head])),
            html.Tbody(lines),
            html.Caption(caption),
        ],
        className=f"buckets {name}",
    )


def _line(key: str, word: str, cells: list[html.Td], *, level: bool) -> html.Tr:
    name: Any = [html.I(className="swatch", style={"background": COLOURS.get(key, LEVEL)}), word]
    meaning = LEVELS.get(key, "") if level else STEPS[key].meaning
    return html.Tr([html.Th(name, scope="row", title=meaning), *cells], className="level" if level else None)


def _bar(key: str, place: Style, us: int, *, against: bool = False) -> html.Div:
    name = "fall" + (" back" if us < 0 else "") + (" other" if against else "")
    return html.Div(
        html.I(style={**place, "background": COLOURS.get(key, LEVEL)}), className=name, **data(step=key)
    )


def _taken(us: int, *, level: bool) -> str:
    """What a step takes away has a minus, what it gives back a plus."""
    return exactly(us) if level else more_or_less(-us)


def _signed(share: Fraction | None, pair: Pair) -> Fraction | None:
    return share if pair.level or share is None else -share


def _left(pairs: Sequence[Pair], of: str) -> dict[str, int]:
    """What is left after each row of one of two waterfalls."""
    left_us, found = 0, {}
    for pair in pairs:
        us = int(getattr(pair, of))
        left_us = us if pair.level else left_us - us
        found[pair.key] = left_us
    return found


def _planned_us(rows: Sequence[Fall]) -> int:
    return next(row.us for row in rows if row.key == "planned")


def _sums(lost: Lost) -> str:
    rows = lost.rows
    left_us = rows[0].us - sum(row.us for row in rows if not row.level) - rows[-1].us
    words = f"unaccounted for: {exactly(left_us)}"
    if lost.totals.cycle_us is not None:
        return f"{words}; a part is {lost.totals.cycle_us / 1e6:g} s of ideal cycle"
    return words
