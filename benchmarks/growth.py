"""How something grows with something else: points, the exponent of a power law, and a picture."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

WIDTH, HEIGHT, EDGE = 300, 220, 44
COLOURS = ("#2563c9", "#c2410c", "#15803d", "#7e22ce")
STYLE = (
    "text{font:11px system-ui,sans-serif;fill:#334155}.axis{stroke:#94a3b8}.grid{stroke:#e2e8f0}"
    "@media(prefers-color-scheme:dark){text{fill:#cbd5e1}.grid{stroke:#334155}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How one thing grows with another; n measured points."""

    what: str
    """What grows, with its unit."""
    points: tuple[tuple[float, float], ...]
    """Pairs of how much there is of the other thing, and of this; all above 0."""

    @property
    def exponent(self) -> float:
        """The exponent of the power law that fits best: 1 grows in proportion, 0 not at all.

        >>> round(Growth(what="s", points=((1, 3), (10, 30), (100, 300))).exponent, 3)
        1.0
        """
        return self._fit()[0]

    def _fit(self) -> tuple[float, float]:
        at, grown = np.log(np.array(self.points, np.float64)).T
        slope, start = np.polyfit(at, grown, 1)
        return float(slope), float(np.exp(start))

    def line(self) -> list[tuple[float, float]]:
        """The law at the first point and at the last."""
        slope, start = self._fit()
        ends = [self.points[0][0], self.points[-1][0]]
        return [(at, start * at**slope) for at in ends]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Things that grow with the same other thing."""

    of: str
    """What they grow with."""
    growths: tuple[Growth, ...]
    """They."""


def write_picture(file: Path, panels: list[Panel]) -> None:
    """Draw panels side by side, both axes logarithmic, as an SVG that light and dark pages can show."""
    width = WIDTH * len(panels)
    begin = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + 62}" role="img" '
        f'aria-label="{escape(_told(panels))}"><style>{STYLE}</style>'
    )
    parts = [begin]
    for place, panel in enumerate(panels):
        parts.append(f'<g transform="translate({place * WIDTH} 0)">{"".join(_panel(panel))}</g>')
    file.write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")


def _told(panels: list[Panel]) -> str:
    return "; ".join(
        f"with {panel.of}: "
        + ", ".join(f"{one.what} as the power {one.exponent:.2f}" for one in panel.growths)
        for panel in panels
    )


def _panel(panel: Panel) -> list[str]:
    every = [point for one in panel.growths for point in one.points]
    xs, ys = ([point[axis] for point in every] for axis in (0, 1))
    low, high = 10 ** np.floor(np.log10(min(ys))), 10 ** np.ceil(np.log10(max(ys)) + 1e-9)
    left, right = min(xs), max(xs)

    def x(value: float) -> float:
        return EDGE + (WIDTH - EDGE - 16) * float(np.log(value / left) / np.log(right / left))

    def y(value: float) -> float:
        return HEIGHT - 24 - (HEIGHT - 44) * float(np.log(value / low) / np.log(high / low))

    drawn = [f'<text x="{EDGE}" y="12">with {escape(panel.of)}</text>']
    for power in range(round(np.log10(low)), round(np.log10(high)) + 1):
        at = y(10.0**power)
        drawn.append(
            f'<line class="grid" x1="{EDGE}" x2="{WIDTH - 16}" y1="{at:.1f}" y2="{at:.1f}"/>'
            f'<text x="{EDGE - 5}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g}</text>'
        )
    drawn += [
        f'<text x="{x(value):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{value:,.0f}</text>'
        for value in sorted(set(xs))
    ]
    for number, one in enumerate(panel.growths):
        colour = COLOURS[number % len(COLOURS)]
        (x1, y1), (x2, y2) = one.line()
        drawn.append(
            f'<line x1="{x(x1):.1f}" y1="{y(y1):.1f}" x2="{x(x2):.1f}" y2="{y(y2):.1f}" '
            f'stroke="{colour}" stroke-dasharray="4 3"/>'
        )
        drawn += [
            f'<circle cx="{x(at):.1f}" cy="{y(grown):.1f}" r="3.5" fill="{colour}"/>'
            for at, grown in one.points
        ]
        top = HEIGHT + 10 + 15 * number
        drawn.append(
            f'<circle cx="{EDGE}" cy="{top - 4}" r="3.5" fill="{colour}"/>'
            f'<text x="{EDGE + 8}" y="{top}">{escape(one.what)}: power {one.exponent:.2f}</text>'
        )
    return drawn
