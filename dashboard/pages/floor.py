"""Who looks: everyone on the shop floor, and the wall screen. The question: what needs me now?

Every value is drawn by `assets/floor.js` from the live channel, which owns what is inside the
containers below; nothing else writes there.
"""

from dash import html

from dashboard.pages.attributes import aria, data
from dashboard.pages.calls import open_calls
from dashboard.pages.state_words import WORDS


def layout(guest_line: str) -> html.Main:
    """The floor page.

    Args:
        guest_line: The command with which a device of one's own joins.
    """
    return html.Main(
        id="floor",
        className="page",
        children=[
            html.H1("Shop floor", className="unseen"),
            html.Section(id="plant-totals", className="totals", **aria(label="Plant totals")),
            open_calls(),
            html.Div(id="floor-lines", className="lines"),
            html.Section(
                className="panel",
                children=[
                    html.Div(
                        className="panel-head",
                        children=[
                            html.H2("Timeline of the shift", id="timeline-title"),
                            _legend(),
                            _downloads(),
                        ],
                    ),
                    html.Div(id="floor-timeline", className="timeline"),
                ],
            ),
            html.Div(className="below", children=[_refused(), _own_device(guest_line), _add_machine()]),
        ],
    )


def _downloads() -> html.Span:
    return html.Span(
        [
            html.A("Numbers as CSV", href="/api/kpis?by=machine&format=csv"),
            html.A("Report of the last shift", href="/report", target="_blank"),
        ],
        className="downloads",
    )


def _legend() -> html.Ul:
    return html.Ul(
        className="legend",
        children=[html.Li(state, **data(state=state), title=text) for state, text in WORDS.items()],
    )


def _refused() -> html.Section:
    return html.Section(
        className="panel",
        children=[
            html.H2("Refused messages"),
            html.P("What could not be used is counted and kept with the reason; nothing else changes."),
            html.Div(id="refused"),
        ],
    )


def _own_device(guest_line: str) -> html.Section:
    return html.Section(
        id="connect",
        className="panel",
        children=[
            html.H2("Connect your own device"),
            html.P("One line of shell makes a tile; whether it runs is learned from its own power."),
            html.Div(
                className="copyable",
                children=[
                    html.Code(guest_line, id="guest-line", tabIndex="0"),
                    html.Button("Copy", className="button", **data(copy="guest-line")),
                ],
            ),
        ],
    )


def _add_machine() -> html.Section:
    return html.Section(
        className="panel",
        children=[
            html.H2("Add a machine"),
            html.Ol(
                className="steps",
                children=[
                    html.Li(["See what there is: ", html.Code("python -m simulator kinds")]),
                    html.Li(
                        [
                            "Write its file: ",
                            html.Code("python -m simulator new cnc-mill mill-7 --line machining"),
                        ]
                    ),
                    html.Li("Its tile is here within two seconds, while everything else runs on."),
                    html.Li(
                        ["Delete ", html.Code("simulator/machines/mill-7.toml"), ", and the machine retires."]
                    ),
                ],
            ),
        ],
    )
