"""A day as SVG: a band of states, and beneath it each track as a line, summed up column by column."""

from itertools import pairwise
from xml.sax.saxutils import escape

import numpy as np

from protocol.states import State
from simulator.phase import STATE_OF, Phase
from tests.pictures.day import Day, Float64s, Track

WIDTH, LEFT, RIGHT = 860, 12, 12
PLOT = WIDTH - LEFT - RIGHT
BAND, TRACK, GAP, TOP = 26, 84, 30, 34
DAY_HOURS = 24
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
"""Drawn as running: a minute between two parts is no stop."""


def svg_of(day: Day) -> str:
    """The picture; the same day draws the same text."""
    height = TOP + BAND + 26 + len(day.tracks) * (TRACK + GAP)
    pieces = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">',
        f'<g font-family="system-ui, sans-serif" font-size="12" fill="{INK}">',
        f"<title>{escape(day.title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="18" font-size="14">{escape(day.title)}</text>',
        *_legend(),
        *_band(day),
        *_axis(height),
    ]
    for number, track in enumerate(day.tracks):
        pieces += _line(track, top=TOP + BAND + 26 + number * (TRACK + GAP) + 16)
    return "\n".join([*pieces, "</g>", "</svg>"]) + "\n"


def _x(hour: float) -> float:
    return LEFT + hour / DAY_HOURS * PLOT


def _legend() -> list[str]:
    pieces = []
    for number, (state, colour) in enumerate(COLOURS.items()):
        x = WIDTH - RIGHT - 75 * (len(COLOURS) - number)
        pieces.append(f'<rect x="{x}" y="9" width="11" height="11" fill="{colour}"/>')
        pieces.append(f'<text x="{x + 15}" y="19">{state}</text>')
    return pieces


def _band(day: Day) -> list[str]:
    """One colour for each column of pixels: down wins, so that a short stop does not vanish."""
    worst = np.full(PLOT, len(WORST_FIRST) - 1)
    for start, end, phase in day.phases:
        state = State.RUNNING if phase in OF_THE_CYCLE else STATE_OF[phase]
        if end > start:
            columns = slice(int(start / DAY_HOURS * PLOT), max(int(np.ceil(end / DAY_HOURS * PLOT)), 1))
            worst[columns] = np.minimum(worst[columns], WORST_FIRST.index(state))
    edges = [0, *(np.flatnonzero(np.diff(worst)) + 1).tolist(), PLOT]
    paths = dict.fromkeys(WORST_FIRST, "")
    for first, end in pairwise(edges):
        paths[WORST_FIRST[worst[first]]] += f"M{LEFT + first},{TOP}h{end - first}v{BAND}h-{end - first}z"
    return [f'<path fill="{COLOURS[state]}" d="{path}"/>' for state, path in paths.items() if path]


def _axis(height: int) -> list[str]:
    pieces = []
    for hour in range(0, DAY_HOURS + 1, 3):
        anchor = {0: "start", DAY_HOURS: "end"}.get(hour, "middle")
        x = f"{_x(hour):.0f}"
        pieces.append(f'<path stroke="{GRID}" d="M{x},{TOP + BAND}V{height - 8}"/>')
        pieces.append(f'<text x="{x}" y="{TOP + BAND + 15}" text-anchor="{anchor}">{hour:02d}:00</text>')
    return pieces


def _line(track: Track, *, top: int) -> list[str]:
    """The mean of each column as a line, on a band from its lowest to its highest value."""
    low, high = min(float(np.nanmin(track.values)), 0.0), float(np.nanmax(track.values))
    span = (high - low) or 1.0
    shown = [column for column in _columns(track) if len(column[1])]
    points = [
        (x, *(f"{TRACK * (1 - (value - low) / span):.0f}" for value in (own.max(), own.min(), own.mean())))
        for x, own in shown
    ]
    above = "L".join(f"{x},{top}" for x, top, _, _ in points)
    below = "L".join(f"{x},{bottom}" for x, _, bottom, _ in reversed(points))
    mean = "L".join(f"{x},{middle}" for x, _, _, middle in points)
    place = f'transform="translate({LEFT} {top})"'
    return [
        f'<text x="{LEFT}" y="{top - 5}">{escape(track.title)}: {low:.3g} to {high:.3g}</text>',
        f'<path stroke="{GRID}" d="M{LEFT},{top + TRACK}h{PLOT}"/>',
        f'<path {place} fill="{LINE}" fill-opacity=".3" d="M{above}L{below}z"/>',
        f'<path {place} fill="none" stroke="{LINE}" d="M{mean}"/>',
    ]


def _columns(track: Track) -> list[tuple[int, Float64s]]:
    """The values of each column of pixels."""
    columns = (track.hours / DAY_HOURS * PLOT).astype(int) // COLUMN
    edges = [0, *(np.flatnonzero(np.diff(columns)) + 1).tolist(), len(columns)]
    pieces = ((int(columns[first]) * COLUMN, track.values[first:end]) for first, end in pairwise(edges))
    return [(x, own[~np.isnan(own)]) for x, own in pieces]
