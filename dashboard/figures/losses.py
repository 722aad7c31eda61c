"""Where the time went: the waterfall from calendar time to good parts, and the Pareto of what cost most."""

import math
from collections.abc import Sequence
from typing import Any

from dashboard.losses.pareto import Bar
from dashboard.losses.waterfall import Fall

US_IN_HOUR = 3_600_000_000
ROW_PX = 26
EDGES_PX = 64
LEVEL = "#6b7a8a"
GREY = "#7b8794"
GRID = "rgba(123,135,148,0.18)"
PLANNED_STOP = "#a3adb8"
COLOURS = {
    "off": PLANNED_STOP,
    "holiday": PLANNED_STOP,
    "break": PLANNED_STOP,
    "maintenance": PLANNED_STOP,
    "unknown": "#c3cad2",
    "setup": "#3b82d6",
    "down": "#cf3a24",
    "starved": "#c48a00",
    "blocked": "#b06f10",
    "idle": "#e3a008",
    "stopped": "#8d7ab8",
    "micro-stop": "#e58a4e",
    "uncounted": "#7cc0ad",
    "speed": "#5f8f3f",
    "rejects": "#a8437e",
    "startup": "#c983ab",
    "good": "#0f8f6f",
}
"""The colour of each step: those of a state are as everywhere; a word always goes with them."""


def waterfall_figure(rows: Sequence[Fall]) -> dict[str, Any]:
    """One bar a row, from top to bottom: levels from zero, steps between what was left and what is.

    Steps that took nothing are left out; the table beside the figure has them all.
    """
    shown = [row for row in rows if row.level or row.us]
    bases = [0 if row.level else min(row.left_us, row.left_us + row.us) for row in shown]
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": [row.key for row in shown],
        "x": [abs(row.us) / US_IN_HOUR for row in shown],
        "base": [base / US_IN_HOUR for base in bases],
        "marker": {
            "color": [COLOURS.get(row.key, LEVEL) for row in shown],
            "pattern": {"shape": ["/" if row.us < 0 else "" for row in shown], "fillmode": "overlay"},
        },
        "text": [_hours(row.us) if row.level else _hours(-row.us) for row in shown],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": [f"{row.word}: {_hours(row.us)}{row.flag and f'<br>{row.flag}'}" for row in shown],
        "hoverinfo": "text",
    }
    reach = max((base + abs(row.us) for base, row in zip(bases, shown, strict=True)), default=0) / US_IN_HOUR
    layout = _layout([(row.key, f"<b>{row.word}</b>" if row.level else row.word) for row in shown])
    layout["xaxis"] |= {"range": [0, reach or 1], **_ticks(reach, " h"), "tickangle": 0}
    # Beside the bars there is room for their hours; the figure is as high as the table beside it.
    layout["margin"]["r"] = 58
    layout["height"] = len(rows) * ROW_PX + EDGES_PX
    return {"data": [trace], "layout": layout}


def pareto_figure(bars: Sequence[Bar], by: str, colour: str = "") -> dict[str, Any]:
    """One bar each, most costly on top, and beside them the line of their cumulative share.

    Args:
        bars: The losses, or the causes of one.
        by: `time` for hours, `count` for stops.
        colour: Of all bars; without it each has the colour of its loss.
    """
    values = [bar.us / US_IN_HOUR if by == "time" else bar.stops for bar in bars]
    texts = [_hours(bar.us) if by == "time" else str(bar.stops) for bar in bars]
    keys = [bar.key for bar in bars]
    common = {"y": keys, "customdata": keys, "hoverinfo": "text"}
    columns = {
        **common,
        "type": "bar",
        "orientation": "h",
        "x": values,
        "marker": {"color": [colour or COLOURS.get(bar.key, LEVEL) for bar in bars]},
        "text": texts,
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": [
            f"{_escaped(bar.word)}: {_hours(bar.us)}, {bar.stops} stops, {_percent(bar.share)}"
            for bar in bars
        ],
    }
    line = {
        **common,
        "type": "scatter",
        "mode": "lines+markers",
        "x": [(bar.cumulative or 0) * 100 for bar in bars],
        "xaxis": "x2",
        "line": {"color": GREY, "width": 1.4},
        "marker": {"size": 5, "color": GREY},
        "hovertext": [f"up to here {_percent(bar.cumulative)}" for bar in bars],
    }
    layout = _layout([(bar.key, _escaped(_shortened(bar.word))) for bar in bars])
    most = max([*values, 0]) or 1
    ticks = _ticks(most, " h") if by == "time" else _ticks(max(most, 2), "")
    layout["xaxis"] |= {"range": [0, most * 1.5], "domain": [0, 0.74], "tickangle": 0, **ticks}
    layout["xaxis2"] = {
        "range": [0, 104], "domain": [0.78, 0.97], "tickvals": [0, 50, 100], "ticktext": ["0", "", "100 %"],
        "gridcolor": GRID, "zeroline": False, "fixedrange": True, "anchor": "y",
    }  # fmt: skip
    layout["margin"]["t"] = 6
    return {"data": [columns, line], "layout": layout}


def _layout(rows: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "height": max(len(rows), 1) * ROW_PX + EDGES_PX,
        "margin": {"l": 10, "r": 12, "t": 30, "b": 34},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "bargap": 0.28,
        "font": {"color": GREY, "size": 12, "family": "system-ui, sans-serif"},
        "xaxis": {"gridcolor": GRID, "zeroline": False, "fixedrange": True},
        "yaxis": {
            "type": "category",
            "autorange": "reversed",
            "tickvals": [key for key, _ in rows],
            "ticktext": [text for _, text in rows],
            "ticklen": 6,
            "tickcolor": "rgba(0,0,0,0)",
            "automargin": True,
            "fixedrange": True,
            "gridcolor": "rgba(0,0,0,0)",
        },
    }


def _ticks(reach: float, unit: str) -> dict[str, Any]:
    """Zero, about the half and about the end, in round numbers: more would run into each other on a phone.

    >>> _ticks(88.5, " h"), _ticks(0, "")
    ({'tickvals': [0, 40.0, 80.0], 'ticktext': ['0 h', '40 h', '80 h']}, {'tickvals': [0], 'ticktext': ['0']})
    """
    if reach <= 0:
        return {"tickvals": [0], "ticktext": [f"0{unit}"]}
    half, size = reach / 2, 10.0 ** math.floor(math.log10(reach / 2))
    step = next(one for one in (8, 6, 5, 4, 3, 2, 1) if one * size <= half) * size
    values = [0, *(round(step * times, 9) for times in (1, 2))]
    return {"tickvals": values, "ticktext": [f"{value:,g}{unit}" for value in values]}


def _hours(us: int) -> str:
    """Hours with as many digits as say something: `8.00 h`, `-0.25 h`."""
    return f"{us / US_IN_HOUR:,.2f} h".replace("-", "−")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.1f} %"


def _shortened(text: str) -> str:
    return text if len(text) <= 28 else text[:27] + "…"  # noqa: PLR2004 - beside a bar there is no more room


def _escaped(text: str) -> str:
    # Plotly reads a little HTML in text; a cause from the wire is text.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
