"""The charts of a report: SVG without script, the same bytes for the same numbers."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
from markupsafe import Markup

from dashboard.kpi.pieces import USES, Pieces, Use
from protocol.moments import from_ms as moment_of

COLUMNS = 960
"""Columns of a timeline: on paper one is a third of a millimetre."""
HEIGHT = 16
HOUR_MS = 3_600_000
EVERY, TICKS = (1, 2, 4, 8, 24, 168), 12
"""The hours below a timeline are so far apart that there are at most so many."""
EDGE = 4.0
"""Per cent of a timeline within which a moment is at its end."""
_OVER: tuple[Use, ...] = (
    Use.OFF, Use.HOLIDAY, Use.BREAK, Use.MAINTENANCE, Use.RUNNING, Use.UNKNOWN, Use.IDLE, Use.STARVED,
    Use.BLOCKED, Use.STOPPED, Use.SETUP, Use.MICRO_STOP, Use.DOWN,
)  # fmt: skip
"""In a column that holds several uses the last of these is seen, so that short stops do not vanish."""
_RANK = np.array([_OVER.index(use) for use in USES], np.int8)


def timeline(pieces: Pieces, from_ms: int, to_ms: int) -> Markup:
    """What a machine's time was used for, from left to right; nothing where it did not exist."""
    runs = _runs(pieces, from_ms, to_ms)
    marks = Markup("").join(
        Markup('<rect class="{}" x="{}" width="{}" height="{}"/>').format(
            f"u-{use.value}", first, last - first, HEIGHT
        )
        for first, last, use in runs
    )
    return Markup(
        '<svg class="timeline" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    ).format(COLUMNS, HEIGHT, marks)


def hours(from_ms: int, to_ms: int, zone: str) -> Markup:
    """The time of day below timelines: at most a dozen full hours, where each stands."""
    length_ms = to_ms - from_ms
    every_ms = next((one for one in EVERY if length_ms <= one * HOUR_MS * TICKS), EVERY[-1]) * HOUR_MS
    away = moment_of(from_ms).astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    away_ms = round(away / timedelta(milliseconds=1))
    first_ms = -(-(from_ms + away_ms) // every_ms) * every_ms - away_ms
    marks = []
    for at_ms in range(first_ms, to_ms + 1, every_ms):
        share = (at_ms - from_ms) / length_ms * 100 if length_ms else 0.0
        # At an end a moment stands beside its mark, not across the edge.
        side = "first" if share < EDGE else "last" if share > 100 - EDGE else "within"
        clock = f"{moment_of(at_ms).astimezone(ZoneInfo(zone)):%H:%M}"
        place = f"right:{100 - share:.2f}%" if side == "last" else f"left:{share:.2f}%"
        marks.append(Markup('<i class="{}" style="{}">{}</i>').format(side, place, clock))
    return Markup('<span class="hours" aria-hidden="true">{}</span>').format(Markup("").join(marks))


def bar(part: float, whole: float, css: str) -> Markup:
    """A part of a whole as a bar; nothing for what is negative."""
    width = min(max(part / whole, 0.0), 1.0) * 100 if whole else 0.0
    return Markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="{}" width="{}" height="8"/></svg>'
    ).format(css, f"{width:.2f}")


def _runs(pieces: Pieces, from_ms: int, to_ms: int) -> list[tuple[int, int, Use]]:
    """Columns that look alike side by side, as (first, end, use)."""
    length_ms = to_ms - from_ms
    if length_ms <= 0 or not len(pieces):
        return []
    shown = np.full(COLUMNS, -1, np.int8)
    starts = pieces.start_ms
    ends = np.append(starts[1:], pieces.end_ms)
    first = (starts - from_ms) * COLUMNS // length_ms
    last = -(-(ends - from_ms) * COLUMNS // length_ms)
    for begun, ended, code in zip(first.tolist(), last.tolist(), pieces.uses.tolist(), strict=True):
        part = shown[begun:ended]
        np.maximum(part, _RANK[code], out=part)
    edges = np.flatnonzero(np.diff(shown, prepend=-2)).tolist()
    return [
        (begun, ended, _OVER[int(shown[begun])])
        for begun, ended in zip(edges, [*edges[1:], COLUMNS], strict=True)
        if shown[begun] >= 0
    ]


LEGEND: tuple[tuple[Use, str], ...] = (
    (Use.RUNNING, "running"),
    (Use.IDLE, "idle"),
    (Use.STARVED, "starved or blocked"),
    (Use.STOPPED, "stopped"),
    (Use.DOWN, "down"),
    (Use.SETUP, "setup"),
    (Use.MICRO_STOP, "micro-stop"),
    (Use.UNKNOWN, "unknown"),
    (Use.OFF, "not planned"),
)
"""What the colours of a timeline mean."""
