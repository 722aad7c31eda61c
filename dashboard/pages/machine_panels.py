"""The panels of a machine's page, still without what is drawn into them.

Each is drawn by one file of `assets`: time in state, timeline and numbers by `machine.js`, the others by the
file that is named after them, `machine_pace.js` and so on.
"""

from typing import Any

from dash import html

from dashboard.pages.attributes import aria, data
from dashboard.pages.graph import graph
from dashboard.pages.machine_numbers import numbers

BY = {"hour": "by hour", "shift": "by shift", "day": "by day"}


def time_in_state() -> html.Section:
    """What all planned time was, and the timeline."""
    return _panel(
        "Time in state",
        html.Div(id="machine-buckets"),
        html.Div(
            className="strip-box",
            children=[
                html.Canvas(id="machine-axis", className="axis", **aria(hidden="true")),
                html.Canvas(id="machine-strip", className="strip"),
            ],
        ),
        html.P(
            "A stop on the timeline opens: why it was, what it waited for, and the message that told of it.",
            className="label strip-hint",
        ),
        beside=html.Span("shares of planned time; the timeline has the same colours", className="label"),
    )


def figures() -> html.Section:
    """The numbers."""
    return _panel(
        "Numbers",
        html.P(id="machine-numbers-none", hidden=True),
        html.Div(numbers(), id="machine-numbers"),
        beside=html.Span("a number opens: what it is made of", className="label"),
    )


def making() -> html.Div:
    """Parts against plan, cycles, and the greatest losses."""
    return html.Div(
        className="machine-three",
        children=[
            _panel("Parts against plan", html.Div(id="machine-pace")),
            _panel("Cycle time", html.Div(id="machine-cycles")),
            _panel("Greatest losses", html.Div(id="machine-losses")),
        ],
    )


def stops() -> html.Section:
    """The stops of the window, longest first, and micro-stops by cause."""
    return _panel(
        "Stops",
        html.Div(id="machine-stops"),
        beside=html.Span(id="machine-stops-words", className="label"),
    )


def signals() -> html.Section:
    """The signals by the minute, with what is foreseen of them."""
    return _panel(
        "Signals and health",
        html.Div(id="machine-health"),
        html.P(id="trends-empty"),
        graph("trends", {"data": [], "layout": {"height": 10}}),
        beside=html.Span(
            "mean of each minute, band from least to greatest; green is the normal range while it runs, "
            "grey is time in which it did not run",
            className="label",
        ),
    )


def wire() -> html.Section:
    """The newest messages as they came, and the one that tells of a moment."""
    return _panel(
        "Messages from the wire",
        html.Div(id="machine-wire"),
        beside=html.Span(
            "as they came; a point of a chart opens its message; sent is when the plant began to send a tick",
            className="label",
        ),
    )


def rows() -> html.Details:
    """The numbers in rows, and downloads; folded, because it is asked for seldom."""
    return html.Details(
        className="panel folded",
        children=[
            html.Summary(html.H2("In rows, and as CSV")),
            html.Div(
                className="panel-head",
                children=[
                    html.Div(
                        id="machine-by",
                        className="segments",
                        role="group",
                        **aria(label="What the window is cut into"),
                        children=[
                            html.Button(
                                text,
                                type="button",
                                **data(by=by),
                                **aria(pressed="true" if by == "hour" else "false"),
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
                id="machine-rows",
                className="scroll",
                tabIndex=0,
                role="region",
                **aria(label="Numbers in rows"),
            ),
        ],
    )


def care() -> html.Section:
    """How its state is known; hidden until that is said."""
    return html.Section(
        id="machine-care", className="panel", hidden=True, children=[html.H2("How its state is known")]
    )


def _panel(title: str, *children: Any, beside: Any = None) -> html.Section:
    head = [html.H2(title), *([] if beside is None else [beside])]
    return html.Section([html.Div(head, className="panel-head"), *children], className="panel")
