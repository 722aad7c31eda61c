"""A soak as a picture: what was measured over plant days, as an SVG that light and dark pages can show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from tests.soak.judged import DAY_H
from tests.soak.slope import SETTLING, Floats, rate_of

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 400, 190, 46, 88, 24, 26
ACROSS = 2
POINTS = 160
COLOURS = ("#2563c9", "#c2410c", "#15803d", "#7e22ce")
STYLE = (
    "text{font:11px system-ui,sans-serif;fill:#334155}.grid{stroke:#e2e8f0}.judged{fill:#e2e8f0;opacity:.5}"
    "polyline{fill:none;stroke-width:1.5}"
    "@media(prefers-color-scheme:dark){text{fill:#cbd5e1}.grid{stroke:#334155}.judged{fill:#334155}}"
)

Columns = Mapping[str, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Some series of one unit."""

    title: str
    """What they are, with their unit."""
    series: Sequence[tuple[str, Callable[[Columns], Floats]]]
    """Each with its name."""


def _column(name: str) -> Callable[[Columns], Floats]:
    return lambda columns: columns[name]


def _cpu(part: str) -> Callable[[Columns], Floats]:
    return lambda columns: rate_of(columns["plant_h"], columns[f"{part}_cpu_s"], over=6.0)


def _of(ending: str, *parts: str) -> list[tuple[str, Callable[[Columns], Floats]]]:
    return [(part, _column(f"{part}_{ending}")) for part in parts]


MAIN = ("web", "ingest", "simulator", "broker")
PANELS = (
    Panel(title="memory (RSS), MB", series=_of("rss_mb", *MAIN)),
    Panel(title="CPU a plant hour, s", series=[(part, _cpu(part)) for part in MAIN]),
    Panel(title="descriptors", series=_of("files", *MAIN)),
    Panel(title="threads", series=_of("threads", *MAIN)),
    Panel(
        title="history, MB",
        series=[("in use", _column("db_used_mb")), ("write-ahead log", _column("wal_mb"))],
    ),
    Panel(title="messages kept", series=[("messages", _column("messages_kept"))]),
    Panel(title="from sent to told to pages, ms", series=[("median", _column("told_ms"))]),
    Panel(
        title="answers of the API, ms",
        series=[(f"/api/{kind}", _column(f"{kind}_ms")) for kind in ("kpis", "losses", "gain", "calls")],
    ),
)


def write_picture(file: Path, columns: Columns) -> None:
    """Draw every panel; what is judged lies on grey."""
    rows = -(-len(PANELS) // ACROSS)
    said = escape("; ".join(one.title for one in PANELS))
    begin = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * ACROSS} {HEIGHT * rows}" role="img" '
        f'aria-label="{said}, over plant days"><style>{STYLE}</style>'
    )
    parts = [begin]
    for place, panel in enumerate(PANELS):
        x, y = place % ACROSS * WIDTH, place // ACROSS * HEIGHT
        parts.append(f'<g transform="translate({x} {y})">{"".join(_drawn(panel, columns))}</g>')
    file.write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")


def _drawn(panel: Panel, columns: Columns) -> list[str]:
    days = (columns["plant_h"] - columns["plant_h"][0]) / DAY_H
    thinned = [(name, *_thinned(days, of(columns))) for name, of in panel.series]
    most = max((float(values.max()) for _, _, values in thinned if len(values)), default=1.0) or 1.0
    step = _step(most)
    top = step * float(np.ceil(most / step))
    long = float(days[-1]) or 1.0

    def x(day: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * day / long

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top

    judged = x(long * SETTLING)
    begin = (
        f'<rect class="judged" x="{judged:.1f}" y="{TOP}" width="{x(long) - judged:.1f}" '
        f'height="{HEIGHT - TOP - BOTTOM}"/><text x="{LEFT}" y="14">{escape(panel.title)}</text>'
    )
    drawn = [begin]
    for number in range(round(top / step) + 1):
        value = number * step
        drawn.append(
            f'<line class="grid" x1="{LEFT}" x2="{x(long):.1f}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
            f'<text x="{LEFT - 5}" y="{y(value) + 4:.1f}" text-anchor="end">{value:,g}</text>'
        )
    every = _step(long)
    drawn += [
        f'<text x="{x(day):.1f}" y="{HEIGHT - 10}" text-anchor="middle">{day:g} d</text>'
        for day in (number * every for number in range(int(long / every) + 1))
    ]
    lowest = HEIGHT - BOTTOM + 12.0
    ends = sorted(enumerate(thinned), key=lambda one: one[1][2][-1] if len(one[1][2]) else 0.0)
    for number, (name, at, values) in ends:
        if not len(values):
            continue
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in zip(at, values, strict=True))
        # Names stand at the ends of their lines, the lowest first, and none upon another.
        lowest = min(y(float(values[-1])) + 4, lowest - 12)
        drawn.append(
            f'<polyline stroke="{colour}" points="{points}"/>'
            f'<text x="{x(long) + 5:.1f}" y="{lowest:.1f}" style="fill:{colour}">{escape(name)}</text>'
        )
    return drawn


def _thinned(days: Floats, values: Floats) -> tuple[Floats, Floats]:
    """The medians of so many stretches."""
    kept = np.isfinite(values)
    pieces = [one for one in np.array_split(np.flatnonzero(kept), POINTS) if len(one)]
    return (
        np.array([float(np.mean(days[one])) for one in pieces], np.float64),
        np.array([float(np.median(values[one])) for one in pieces], np.float64),
    )


def _step(most: float) -> float:
    """A round step of which three to six reach so far."""
    power = 10.0 ** np.floor(np.log10(most / 3))
    return next(float(one * power) for one in (1, 2, 5, 10) if most / (one * power) <= 6)
