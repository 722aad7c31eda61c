"""A day as SVG: a band of states, and beneath it each track as a line, summed up column by column."""

from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

import numpy as np

from protocol.states import State
from simulator.phase import STATE_OF, Phase
from tests.pictures.day import Day, Float64s, Track

WIDTH, EDGE, BAND, TRACK, GAP, TOP = 960, 12, 26, 84, 30, 34
COLUMN = 2
"""Pixels in which a track is summed up."""
COLOURS = {
    State.RUNNING: "#0f8f6f",
    State.IDLE: "#e3a008",
    State.DOWN: "#cf3a24",
    State.SETUP: "#3b82d6",
}
LINE, INK, GRID = "#3f7fd0", "#3c4650", "#dde2e7"
WORST_FIRST = (State.DOWN, State.SETUP, State.IDLE, State.RUNNING)
OF_THE_CYCLE = (Phase.CYCLE, Phase.HANDLING)
CLOSE_TICKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A part of the picture that shows some hours."""

    left: int
    """Where it begins, in pixels."""
    width: int
    """How wide it is, in pixels."""
    ticks: tuple[float, ...]
    """The hours that are named, from its first to its last."""

    def x(self, hour: float) -> float:
        """Where an hour is, in pixels from its left edge."""
        return (hour - self.ticks[0]) / (self.ticks[-1] - self.ticks[0]) * self.width


def svg_of(day: Day) -> str:
    """The picture, the day on the left and a close-up on the right; the same day draws the same text."""
    height = TOP + BAND + 26 + len(day.tracks) * (TRACK + GAP)
    begin, end = day.close_h
    close = tuple(begin + (end - begin) * tick / 3 for tick in range(4))
    panels = (
        Panel(left=EDGE, width=640, ticks=tuple(range(0, 25, 3))),
        Panel(left=EDGE + 640 + 28, width=WIDTH - 640 - 28 - 2 * EDGE, ticks=close),
    )
    pieces = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">',
        f'<g font-family="system-ui, sans-serif" font-size="12" fill="{INK}">',
        f"<title>{escape(day.title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{EDGE}" y="18" font-size="14">{escape(day.title)}</text>',
        *_legend(),
    ]
    for panel in panels:
        pieces += [f'<g transform="translate({panel.left} 0)">', *_band(day, panel), *_axis(panel, height)]
        for number, track in enumerate(day.tracks):
            top = TOP + BAND + 26 + number * (TRACK + GAP) + 16
            pieces += _line(track, panel, top=top, named=panel is panels[0])
        pieces.append("</g>")
    return "\n".join([*pieces, "</g>", "</svg>"]) + "\n"


def _legend() -> list[str]:
    pieces = []
    for number, (state, colour) in enumerate(COLOURS.items()):
        x = WIDTH - EDGE - 75 * (len(COLOURS) - number)
        pieces.append(f'<rect x="{x}" y="9" width="11" height="11" fill="{colour}"/>')
        pieces.append(f'<text x="{x + 15}" y="19">{state}</text>')
    return pieces


def _band(day: Day, panel: Panel) -> list[str]:
    """One colour for each column of pixels: down wins, so that a short stop does not vanish."""
    worst = np.full(panel.width, len(WORST_FIRST) - 1)
    for start, end, phase in day.phases:
        # A minute between two parts is no stop, unless one looks closely.
        passing = phase in OF_THE_CYCLE and len(panel.ticks) > CLOSE_TICKS
        state = State.RUNNING if passing else STATE_OF[phase]
        first, last = max(panel.x(start), 0), min(panel.x(end), panel.width)
        if last > first:
            columns = slice(int(first), int(np.ceil(last)))
            worst[columns] = np.minimum(worst[columns], WORST_FIRST.index(state))
    edges = [0, *(np.flatnonzero(np.diff(worst)) + 1).tolist(), panel.width]
    paths = dict.fromkeys(WORST_FIRST, "")
    for first, end in pairwise(edges):
        paths[WORST_FIRST[worst[first]]] += f"M{first},{TOP}h{end - first}v{BAND}h-{end - first}z"
    return [f'<path fill="{COLOURS[state]}" d="{path}"/>' for state, path in paths.items() if path]


def _axis(panel: Panel, height: int) -> list[str]:
    pieces = []
    for hour in panel.ticks:
        anchor = {panel.ticks[0]: "start", panel.ticks[-1]: "end"}.get(hour, "middle")
        x, minutes = f"{panel.x(hour):.0f}", round(hour * 60)
        pieces.append(f'<path stroke="{GRID}" d="M{x},{TOP + BAND}V{height - 8}"/>')
        pieces.append(
            f'<text x="{x}" y="{TOP + BAND + 15}" text-anchor="{anchor}">'
            f"{minutes // 60:02d}:{minutes % 60:02d}</text>"
        )
    return pieces


def _line(track: Track, panel: Panel, *, top: int, named: bool) -> list[str]:
    """The mean of each column as a line, on a band from its lowest to its highest value."""
    low, high = float(np.nanmin(track.values)), float(np.nanmax(track.values))
    if low < high / 2:
        low = min(low, 0.0)
    span = (high - low) or 1.0
    points = [
        (x, *(f"{TRACK * (1 - (value - low) / span):.0f}" for value in (own.max(), own.min(), own.mean())))
        for x, own in _columns(track, panel)
        if len(own)
    ]
    place = f'transform="translate(0 {top})"'
    pieces = [f'<path stroke="{GRID}" d="M0,{top + TRACK}h{panel.width}"/>']
    if named:
        pieces.append(f'<text y="{top - 5}">{escape(track.title)}: {_said(low)} to {_said(high)}</text>')
    if any(above != below for _, above, below, _ in points):
        above = "L".join(f"{x},{highest}" for x, highest, _, _ in points)
        below = "L".join(f"{x},{lowest}" for x, _, lowest, _ in reversed(points))
        pieces.append(f'<path {place} fill="{LINE}" fill-opacity=".3" d="M{above}L{below}z"/>')
    mean = "L".join(f"{x},{middle}" for x, _, _, middle in points)
    pieces.append(f'<path {place} fill="none" stroke="{LINE}" d="M{mean}"/>')
    return pieces


def _said(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _columns(track: Track, panel: Panel) -> list[tuple[int, Float64s]]:
    """The values of each column of pixels."""
    first, last = np.searchsorted(track.hours, [panel.ticks[0], panel.ticks[-1]])
    hours, values = track.hours[first:last], track.values[first:last]
    columns = (panel.width * (hours - panel.ticks[0]) / (panel.ticks[-1] - panel.ticks[0])).astype(
        int
    ) // COLUMN
    edges = [0, *(np.flatnonzero(np.diff(columns)) + 1).tolist(), len(columns)]
    pieces = ((int(columns[begin]) * COLUMN, values[begin:end]) for begin, end in pairwise(edges))
    return [(x, own[~np.isnan(own)]) for x, own in pieces]
