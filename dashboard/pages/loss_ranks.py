"""What cost most, in two levels: the losses, and below the opened one its causes."""

from typing import Any

from dash import html

from dashboard.figures.losses import COLOURS, LEVEL, bar_place
from dashboard.losses.pareto import UNSTOPPED, Bar, By, Pareto
from dashboard.pages.amounts import NONE, counted, exactly, grouped, percent
from dashboard.pages.attributes import aria, data


def opened_loss(found: Pareto, loss: str) -> str:
    """The loss whose causes are shown: the chosen one, or the costliest; `""` where nothing was lost."""
    keys = [bar.key for bar in found.losses]
    return loss if loss in keys else next(iter(keys), "")


def ranks_table(found: Pareto, loss: str) -> Any:
    """The losses, the costliest first, with the causes of one.

    Args:
        found: The losses.
        loss: The loss whose causes are shown; the costliest where there is no such loss.
    """
    if not found.losses:
        return html.P("Nothing was lost in this window.", className="made")
    opened = opened_loss(found, loss)
    most = max(_amount(bar, found.by) for bar in found.losses)
    lines = []
    for bar in found.losses:
        colour = COLOURS.get(bar.key, LEVEL)
        stops = bar.key not in UNSTOPPED
        name = _button(bar, colour, opened=bar.key == opened)
        lines.append(_line(name, bar, found.by, most, colour, stops=stops))
        if bar.key == opened:
            lines += [
                _line(one.word, one, found.by, most, colour, stops=stops, level="cause") for one in bar.causes
            ]
    share = "of time" if found.by == "time" else "of stops"
    head = ["loss and cause", "", "time", share, "up to here", "stops"]
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(text, scope="col") if text else html.Td() for text in head])),
            html.Tbody(lines),
            html.Caption(
                f"of {exactly(found.us)} lost; {counted(found.stops, 'stop')} began in this window; "
                "the share of a cause is that of its loss"
            ),
        ],
        className="buckets ranks-table",
    )


def _button(bar: Bar, colour: str, *, opened: bool) -> html.Button:
    return html.Button(
        [html.I(className="swatch", style={"background": colour}), bar.word],
        className="plain-button",
        type="button",
        title="Show its causes",
        **aria(expanded="true" if opened else "false"),
        **data(loss=bar.key),
    )


def _line(
    name: Any, bar: Bar, by: By, most: float, colour: str, *, stops: bool, level: str | None = None
) -> html.Tr:
    place = {**bar_place(_amount(bar, by), most), "background": colour}
    return html.Tr(
        [
            html.Th(name, scope="row"),
            html.Td(html.Div(html.I(style=place), className="fall")),
            html.Td(exactly(bar.us), **data(label="time")),
            html.Td(percent(bar.share), **data(label="of time" if by == "time" else "of stops")),
            html.Td(percent(bar.cumulative), **data(label="up to here")),
            # A machine that runs slowly, or makes rejects, does not stop.
            html.Td(
                grouped(bar.stops) if stops else NONE,
                **data(label="stops", unit=(" stop" if bar.stops == 1 else " stops") if stops else ""),
            ),
        ],
        className=level,
    )


def _amount(bar: Bar, by: By) -> int:
    return bar.us if by == "time" else bar.stops
