"""Who looks: whoever is called to one machine, or asks why a number is what it is.

The question: what is it doing, since when and why, is it behind, what stopped it and what did that wait for,
where are its signals going, and what is each of its numbers made of? The first is answered in two seconds by
the line at the top and the bar below it, the rest by one look at a panel each.
State, strip and numbers are drawn by `assets/machine.js` from the live channel, every panel below by its own
file; the server answers when the reader chooses a window.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from dashboard.pages import machine_panels
from dashboard.pages.attributes import aria
from dashboard.pages.calls import calls_of_window
from dashboard.pages.choice import as_text, chosen, segments

WINDOWS = {"shift": "this shift", "last": "last shift", "8h": "last 8 h"}
REFRESH_MS = 15_000
Answer = Callable[[str, str], tuple[dict[str, Any], dict[str, Any], str]]
"""From machine and window to what the page keeps of the window, the figure, and a sentence if it is empty."""


def layout(name: str, search: str | None) -> html.Main:
    """The page of one machine.

    Args:
        name: The machine.
        search: What the address says of the window.
    """
    return html.Main(
        id="machine",
        className="page",
        children=[
            html.Nav(
                [html.A("Shop floor", href="/"), " / ", html.Span(name)],
                className="crumbs",
                **aria(label="Where you are"),
            ),
            html.Div(className="machine-head", children=_head(name)),
            html.Section(
                id="machine-missing",
                className="panel",
                hidden=True,
                children=[
                    html.H2("No such machine"),
                    html.P(
                        [
                            "No machine named ",
                            html.Code(name),
                            " has been heard of. It may be retired, or have sent nothing yet. ",
                            "This page fills by itself when it does.",
                        ]
                    ),
                ],
            ),
            html.Div(id="machine-body", children=_body(search)),
            dcc.Store(id="window", data=chosen(search, "window", WINDOWS)),
            dcc.Store(id="machine-window"),
            dcc.Store(id="machine-ask"),
            dcc.Store(id="machine-drawn"),
            dcc.Interval(id="machine-refresh", interval=REFRESH_MS, disabled=True),
        ],
    )


def _head(name: str) -> list[Any]:
    return [
        html.H1(name),
        html.Div(
            [html.Span(id="machine-sign", className="icon"), html.B("–", id="machine-state")],
            className="machine-state",
        ),
        html.Span(id="machine-since"),
        html.Span(id="machine-cause"),
        # The chip of its faults on demand, by assets/chips.js.
        html.Span(id="machine-faults"),
    ]


def _body(search: str | None) -> list[Any]:
    """In the order in which it is read: now, time in state, numbers; what was made, and what stopped it."""
    return [
        html.P(id="machine-facts"),
        html.P(id="machine-foreseen", hidden=True),
        html.Div(
            className="window",
            children=[
                segments("window", WINDOWS, search, "Window of the numbers, stops and signals"),
                html.Span(id="machine-window-words", className="label"),
            ],
        ),
        machine_panels.time_in_state(),
        machine_panels.figures(),
        machine_panels.making(),
        machine_panels.stops(),
        machine_panels.signals(),
        machine_panels.wire(),
        machine_panels.rows(),
        calls_of_window(),
        machine_panels.care(),
    ]


def register(app: Dash, answer: Answer) -> None:
    """Answer when the reader chooses a window, or the page has a gap to fill."""

    @app.callback(
        Output("machine-window", "data"),
        Output("trends", "figure"),
        Output("trends-empty", "children"),
        Output("machine-refresh", "disabled"),
        Input("url", "pathname"),
        Input("window", "data"),
        Input("machine-ask", "data"),
        Input("machine-refresh", "n_intervals"),
    )
    def choose(
        pathname: str, window: str, _asked: int | None, _refreshed: int | None
    ) -> tuple[dict[str, Any], dict[str, Any], str, bool]:
        name, window = unquote(as_text(pathname)).removeprefix("/machine/").strip("/"), as_text(window)
        shown, figure, sentence = answer(name, window if window in WINDOWS else "shift")
        # The running shift is pushed; the last one does not change.
        return shown, figure, sentence, window != "8h"

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("machine", "show"),
        Output("machine-drawn", "data"),
        Input("machine-window", "data"),
    )
