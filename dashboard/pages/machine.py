"""Who looks: whoever is called to one machine, or asks why a number is what it is.

The question: what is it doing, since when and why, what do its sensors show, and what is each of its
numbers made of? State, strip and numbers are drawn by `assets/machine.js` from the live channel; the
server answers when the reader chooses a window.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from dashboard.pages import losses
from dashboard.pages.attributes import aria, data
from dashboard.pages.calls import calls_of_window
from dashboard.pages.choice import chosen, segments
from dashboard.pages.graph import graph
from dashboard.pages.machine_numbers import numbers
from dashboard.pages.state_words import WORDS

WINDOWS = {"shift": "this shift", "last": "last shift", "8h": "last 8 h"}
BY = {"hour": "by hour", "shift": "by shift", "day": "by day"}
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
    return [
        html.P(id="machine-facts"),
        html.Div(
            className="window",
            children=[
                segments("window", WINDOWS, search, "Window of the numbers, stops and signals"),
                html.Span(id="machine-window-words", className="label"),
            ],
        ),
        html.Section(
            className="panel",
            children=[
                html.Div(
                    className="panel-head",
                    children=[
                        html.H2("States in time"),
                        html.Ul(
                            className="legend",
                            children=[
                                html.Li(state, **data(state=state), title=text)
                                for state, text in WORDS.items()
                            ],
                        ),
                    ],
                ),
                html.Div(
                    className="strip-box",
                    children=[
                        html.Canvas(id="machine-axis", className="axis", **aria(hidden="true")),
                        html.Canvas(id="machine-strip", className="strip"),
                    ],
                ),
            ],
        ),
        html.Section(
            className="panel",
            children=[
                html.Div(
                    className="panel-head",
                    children=[
                        html.H2("Numbers"),
                        html.Span("a number opens: what it is made of", className="label"),
                    ],
                ),
                html.P(id="machine-numbers-none", hidden=True),
                html.Div(numbers(), id="machine-numbers"),
            ],
        ),
        html.Div(
            className="machine-grid",
            children=[
                html.Section(
                    [html.H2("Where the time went"), html.Div(id="machine-buckets")], className="panel"
                ),
                html.Section(className="panel", children=_by()),
            ],
        ),
        calls_of_window(),
        losses.stops_section(),
        html.Section(
            className="panel",
            children=[
                html.Div(
                    className="panel-head",
                    children=[
                        html.H2("Signals"),
                        html.Span(
                            "mean of each minute, band from least to greatest, normal range shaded",
                            className="label",
                        ),
                    ],
                ),
                html.P(id="trends-empty"),
                graph("trends", {"data": [], "layout": {"height": 10}}),
            ],
        ),
        html.Section(
            id="machine-care", className="panel", hidden=True, children=[html.H2("How its state is known")]
        ),
    ]


def _by() -> list[Any]:
    return [
        html.Div(
            className="panel-head",
            children=[
                html.H2("In rows"),
                html.Div(
                    id="machine-by",
                    className="segments",
                    role="group",
                    **aria(label="What the window is cut into"),
                    children=[
                        html.Button(
                            text, type="button", **data(by=by), **aria(pressed=_pressed(by == "hour"))
                        )
                        for by, text in BY.items()
                    ],
                ),
                html.Span(
                    [
                        html.A("Numbers as CSV", id="csv-kpis", href="#", download=""),
                        html.A("Intervals as CSV", id="csv-intervals", href="#", download=""),
                    ],
                    className="downloads",
                ),
            ],
        ),
        html.Div(
            id="machine-rows", className="scroll", tabIndex=0, role="region", **aria(label="Numbers in rows")
        ),
    ]


def _pressed(pressed: bool) -> str:  # noqa: FBT001 - it is the whole question
    return "true" if pressed else "false"


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
        name = unquote(pathname).removeprefix("/machine/").strip("/")
        shown, figure, sentence = answer(name, window if window in WINDOWS else "shift")
        # The running shift is pushed; the last one does not change.
        return shown, figure, sentence, window != "8h"

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("machine", "show"),
        Output("machine-drawn", "data"),
        Input("machine-window", "data"),
    )
