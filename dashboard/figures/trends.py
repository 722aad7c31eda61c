"""The signals of one machine over a window: small multiples on one time axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.condition.zones import Zones

MINUTE_MS = 60_000
ROW_PX = 94
GAP_PX = 46
TOP_PX = 42
BOTTOM_PX = 30
LEFT_PX = 56
RIGHT_PX = 16
LINE = "#3f7fd0"
BAND = "rgba(63, 127, 208, 0.22)"
NORMAL = "rgba(22, 150, 110, 0.10)"
GREY = "#7b8794"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """One signal by the minute."""

    signal: str
    """Name of the signal."""
    title: str
    """What it measures, in words."""
    unit: str
    """Unit of its values."""
    low: float | None
    """Lower end of the normal range, in `unit`."""
    high: float | None
    """Upper end of the normal range, in `unit`."""
    minute_ms: Sequence[int]
    """Beginning of each minute that has readings, plant time."""
    mean: Sequence[float]
    """Mean of each minute, in `unit`."""
    lowest: Sequence[float]
    """Least value in each minute, in `unit`."""
    highest: Sequence[float]
    """Greatest value in each minute, in `unit`."""
    zones: Zones | None = None
    """The zones of vibration severity, for a signal that has them."""
    spacing_ms: int = MINUTE_MS
    """Up to so far apart its minutes still make one line, at least a minute; it is read that seldom."""


def trends(
    signals: Sequence[Trend], *, from_ms: int, to_ms: int, offset_ms: int, revision: str
) -> dict[str, Any]:
    """Minute means with the band from least to greatest, one row a signal, the normal range shaded.

    Args:
        signals: Rows from top to bottom.
        from_ms: Left end of the time axis.
        to_ms: Right end of the time axis.
        offset_ms: Added to every moment, so that the axis shows the plant's local time.
        revision: As long as it stays the same, the reader's zoom does.
    """
    rows = max(len(signals), 1)
    inner_px = rows * ROW_PX + (rows - 1) * GAP_PX
    layout: dict[str, Any] = {
        "height": inner_px + TOP_PX + BOTTOM_PX,
        "margin": {"l": LEFT_PX, "r": RIGHT_PX, "t": TOP_PX, "b": BOTTOM_PX, "autoexpand": False},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "hovermode": "x",
        "dragmode": "zoom",
        "uirevision": revision,
        "font": {"color": GREY, "size": 12, "family": "system-ui, sans-serif"},
        "meta": {
            "offset_ms": offset_ms,
            "from_ms": from_ms,
            "to_ms": to_ms,
            "signals": [s.signal for s in signals],
            "spacing_ms": [s.spacing_ms for s in signals],
        },
        "xaxis": {
            "type": "date",
            "range": [from_ms + offset_ms, to_ms + offset_ms],
            "anchor": f"y{rows}" if rows > 1 else "y",
            "gridcolor": "rgba(123,135,148,0.18)",
            "zeroline": False,
            "hoverformat": "%H:%M",
            "tickformatstops": [
                {"dtickrange": [None, 60_000], "value": "%H:%M:%S"},
                {"dtickrange": [60_000, None], "value": "%H:%M"},
            ],
        },
        "annotations": [],
        "shapes": [],
    }
    data: list[dict[str, Any]] = []
    for number, trend in enumerate(signals):
        top = 1 - number * (ROW_PX + GAP_PX) / inner_px
        axis = "y" if number == 0 else f"y{number + 1}"
        layout["yaxis" if number == 0 else f"yaxis{number + 1}"] = {
            "domain": [max(0.0, top - ROW_PX / inner_px), top],
            "gridcolor": "rgba(123,135,148,0.18)",
            "zeroline": False,
            "nticks": 4,
            "fixedrange": True,
        }
        layout["annotations"].append(_title(trend, top))
        layout["shapes"].extend(_normal_range(trend, axis))
        if trend.zones is not None:
            layout["shapes"].extend(_boundaries(trend.zones, axis))
            layout["annotations"].extend(_letters(trend.zones, axis))
        data.extend(_traces(trend, axis, offset_ms))
    # The browser shades what the machine did, and draws forecasts, beside these.
    layout["meta"]["shapes"] = list(layout["shapes"])
    return {"data": data, "layout": layout}


def _title(trend: Trend, top: float) -> dict[str, Any]:
    unit = f" ({trend.unit})" if trend.unit else ""
    text = _escaped(f"{trend.title or trend.signal}{unit}")
    if trend.low is not None or trend.high is not None:
        # On a line of its own: beside the title it would be cut off on a phone.
        zones = f"; {trend.zones.source}" if trend.zones is not None else ""
        text += f'<br><span style="font-size:12px">normal {_escaped(_range(trend) + zones)}</span>'
    return {
        "text": text, "align": "left",
        "xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left", "yanchor": "bottom",
        "showarrow": False, "font": {"size": 13}, "xshift": 4 - LEFT_PX,
    }  # fmt: skip


def _range(trend: Trend) -> str:
    if trend.low is None:
        return f"up to {trend.high:g}"
    if trend.high is None:
        return f"from {trend.low:g}"
    return f"{trend.low:g} to {trend.high:g}"


def _escaped(text: str) -> str:
    # Plotly reads a little HTML in annotations; a name from the wire is text.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _normal_range(trend: Trend, axis: str) -> list[dict[str, Any]]:
    if trend.low is None or trend.high is None:
        return []
    return [
        {
            "type": "rect", "xref": "paper", "x0": 0, "x1": 1, "yref": axis,
            "y0": trend.low, "y1": trend.high, "fillcolor": NORMAL, "line": {"width": 0}, "layer": "below",
        }
    ]  # fmt: skip


def _boundaries(zones: Zones, axis: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": axis, "y0": at, "y1": at,
            "line": {"width": 1, "dash": "dot", "color": GREY}, "layer": "below",
        }
        for at in (zones.ab, zones.bc, zones.cd)
    ]  # fmt: skip


def _letters(zones: Zones, axis: str) -> list[dict[str, Any]]:
    return [
        {
            "text": f"zone {letter} from {at:g}", "xref": "paper", "x": 1, "yref": axis, "y": at,
            "xanchor": "right", "yanchor": "bottom", "showarrow": False, "font": {"size": 12},
        }
        for letter, at in (("B", zones.ab), ("C", zones.bc), ("D", zones.cd))
    ]  # fmt: skip


def _traces(trend: Trend, axis: str, offset_ms: int) -> list[dict[str, Any]]:
    x: list[int] = []
    lows: list[float] = []
    highs: list[float] = []
    means: list[float | None] = []
    before: tuple[int, float] | None = None
    for minute, low, high, mean in zip(trend.minute_ms, trend.lowest, trend.highest, trend.mean, strict=True):
        if before is not None and minute - before[0] > trend.spacing_ms:
            # A minute without readings is a hole in the line; the band shrinks to nothing there,
            # because a filled trace would be closed across a hole.
            x += [before[0] + MINUTE_MS + offset_ms, minute + offset_ms]
            lows += [before[1], mean]
            highs += [before[1], mean]
            means += [None, None]
        x.append(minute + offset_ms)
        lows.append(low)
        highs.append(high)
        means.append(mean)
        before = minute, mean
    common = {"type": "scatter", "mode": "lines", "xaxis": "x", "yaxis": axis, "connectgaps": False}
    thin = {"width": 0, "color": LINE}
    label = _escaped(trend.unit)
    return [
        {**common, "x": list(x), "y": lows, "line": thin, "hoverinfo": "skip"},
        {**common, "x": list(x), "y": highs, "line": thin, "fill": "tonexty", "fillcolor": BAND,
         "hoverinfo": "skip"},
        {**common, "x": list(x), "y": means, "line": {"width": 1.6, "color": LINE},
         "name": _escaped(trend.signal), "hovertemplate": f"%{{y:.3~g}} {label}<extra></extra>"},
    ]  # fmt: skip
