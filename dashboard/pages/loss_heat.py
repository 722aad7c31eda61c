"""When it comes: a measure by hour and day, each cell with its number and the way to its own window."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from dash import html

from dashboard.figures.losses import darkness
from dashboard.losses.heat import MEASURES, NUMBERS, Cell, Heat, Row
from dashboard.pages.amounts import NONE, exactly, percent
from dashboard.pages.attributes import aria, data
from protocol.moments import from_ms, to_text


def heat_words(heat: Heat) -> str:
    """What a cell says, with its denominator."""
    if heat.measure in NUMBERS:
        word, formula = NUMBERS[heat.measure]
        return f"{word} in % = {formula}; darker is more, which is better"
    return f"{MEASURES[heat.measure]}: time lost in % of planned time; darker is more lost"


Parts = Sequence[tuple[str, str, Heat]]


def heat_table(heat: Heat, zone: str, window: tuple[int, int], parts: Parts = ()) -> html.P | html.Table:
    """Days from top to bottom, hours of the day from left to right, and what each row and column comes to.

    Args:
        heat: The measure.
        zone: Time zone of the plant.
        window: The window of the page, whose hours are marked where it is a part of what is shown.
        parts: The same of lines or machines, each with its name and what it is of; where all is of one day.
    """
    if not heat.rows:
        return html.P("There is no hour in this window.", className="made")
    part = heat.rows[0].cells[0].from_ms < window[0] or window[1] < heat.rows[-1].cells[-1].to_ms
    most = max([heat.most, *(one.most for _, _, one in parts)])
    newest = heat.rows[-1].cells[-1]
    shade = _Shade(most=most, zone=zone, window=window if part else None, newest_ms=newest.from_ms)
    lines = [_row(_day(row.day), row, heat, shade) for row in heat.rows]
    lines += [_row(name, one.rows[0], heat, shade, of) for name, of, one in parts if one.rows]
    if len(heat.rows) > 1:
        columns = [
            [cell for row in heat.rows for cell in row.cells if cell.hour == hour] for hour in heat.hours
        ]
        every = [cell for row in heat.rows for cell in row.cells]
        sums = [*(_sum(column, "of this hour, all days") for column in columns), _sum(every, "of all")]
        lines.append(html.Tr([html.Th("all days", scope="row"), *sums], className="total"))
    head = [
        html.Td("% lost" if heat.measure not in NUMBERS else "%", className="unit"),
        *(html.Th(f"{hour:02d}", scope="col") for hour in heat.hours),
        html.Th("day", scope="col"),
    ]
    caption = f"{heat_words(heat)}. Largest: {percent(most)}. A cell opens its hour.".replace(" %", "\u00a0%")
    return html.Table(
        [html.Thead(html.Tr(head)), html.Tbody(lines), html.Caption(caption)],
        className="heat-table" + (" number" if heat.measure in NUMBERS else ""),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shade:
    """How cells are drawn."""

    most: float
    """The share of the darkest one."""
    zone: str
    """Time zone of the plant."""
    window: tuple[int, int] | None
    """The window of the page, where its hours are marked."""
    newest_ms: int
    """Beginning of the newest hour, ms since 1970: it may still be running."""

    def marks(self, cell: Cell) -> bool:
        """Whether an hour lies in the window of the page."""
        if self.window is None or cell.from_ms < self.window[0]:
            return False
        # A running hour that was opened has grown since.
        ends_ms = cell.from_ms + 1 if cell.from_ms == self.newest_ms else cell.to_ms
        return ends_ms <= self.window[1]


def _row(name: str, row: Row, heat: Heat, shade: _Shade, of: str = "") -> html.Tr:
    cells = {cell.hour: cell for cell in row.cells}
    return html.Tr(
        [
            html.Th(name, scope="row"),
            *(_cell(cells.get(hour), heat.of, shade, of) for hour in heat.hours),
            _sum(row.cells, "of the day"),
        ],
        className="part" if of else None,
    )


def _cell(cell: Cell | None, whole: str, shade: _Shade, of: str) -> html.Td:
    if cell is None:
        return html.Td(className="heat-none")
    what, _, name = of.partition(":")
    moment = f"{name} {_moment(cell, shade.zone)}".strip()
    if cell.share is None:
        return html.Td(html.Span(NONE, title=f"{moment}: nothing {whole}"), className="heat-none")
    begun, ended = to_text(cell.from_ms), to_text(cell.to_ms)
    words = f"{moment}: {percent(cell.share)}, {exactly(cell.part_us)} of {exactly(cell.whole_us)} {whole}"
    query = urlencode({"from": begun, "to": ended, **({what: name} if of else {})})
    return html.Td(
        html.A(
            _whole(cell.share),
            href=f"/losses?{query}",
            title=words,
            **aria(label=words, **({"current": "true"} if not of and shade.marks(cell) else {})),
            **data(begun=begun, ended=ended, of=of),
        ),
        style={"--heat": darkness(cell.share, shade.most)},
    )


def _sum(cells: Sequence[Cell], words: str) -> html.Td:
    part_us, whole_us = sum(cell.part_us for cell in cells), sum(cell.whole_us for cell in cells)
    share = part_us / whole_us if whole_us else None
    said = NONE if share is None else _whole(share)
    return html.Td(
        html.Span(said, title=f"{exactly(part_us)} of {exactly(whole_us)} {words}"), className="heat-sum"
    )


def _whole(share: float) -> str:
    return f"{share * 100:.0f}".replace("-", "−")


def _day(day: date) -> str:
    return day.strftime("%a %-d %b")


def _moment(cell: Cell, zone: str) -> str:
    begun, ended = (from_ms(at_ms).astimezone(ZoneInfo(zone)) for at_ms in (cell.from_ms, cell.to_ms))
    return f"{begun.strftime('%a %-d %b %H:%M')} to {ended.strftime('%H:%M')}"
