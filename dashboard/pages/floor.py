"""Who looks: everyone on the shop floor, and the wall screen. The question: what needs me now?

The answer in two seconds: what is down and for how long is red, first and has a word; who waits for whom is
beside it. In ten: whether the shift reaches its goal, and where its time went.
Every value is drawn by `assets/floor.js` and the files it names from the live channel, which own what is
inside the containers below; nothing else writes there.
"""

from dash import html

from dashboard.pages.attributes import aria, data
from dashboard.pages.calls import open_calls
from dashboard.pages.shell_line import shell_line
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
            html.Section(id="plant-totals", className="totals", **aria(label="Totals")),
            _selection(),
            open_calls(),
            html.P(
                "Shares are of this shift so far: utilization and uptime of observed time, coverage of "
                "planned time. A ring closes at the goal of the whole shift, in running time; its dot is "
                "where it should be by now.",
                className="label floor-caption",
            ),
            html.Div(id="floor-lines", className="lines"),
            _timeline(),
            html.Div(className="below", children=[_refused(), _own_device(guest_line), _add_machine()]),
        ],
    )


def _selection() -> html.Div:
    """What is shown alone, while something is."""
    words = [
        html.Span(id="picked-label", className="label"),
        html.Span(id="picked-words", className="strong-words"),
    ]
    return html.Div(
        id="picked",
        className="picked",
        hidden=True,
        children=[
            html.Span(words, role="status"),
            html.A(id="picked-open", className="button", hidden=True),
            html.Button("Show all", id="picked-none", className="button", type="button"),
        ],
    )


def _timeline() -> html.Section:
    return html.Section(
        id="timeline",
        className="panel",
        **aria(labelledby="timeline-title"),
        children=[
            html.Div(
                className="panel-head",
                children=[
                    html.H2("Timeline of the shift", id="timeline-title"),
                    html.Div(
                        className="zoom",
                        role="group",
                        **aria(label="Zoom of the timeline"),
                        children=[
                            _zoom("-", "zoom-out", "−", "Zoom out (key -)"),
                            _zoom("+", "zoom-in", "+", "Zoom in (key +, or drag over the timeline)"),
                            _zoom("0", "zoom-none", "Whole shift", "Show all of it (key 0)"),
                            html.Span(id="zoom-words", className="label", role="status"),
                        ],
                    ),
                    _legend(),
                ],
            ),
            html.Div(id="floor-timeline", className="timeline"),
            _downloads(),
        ],
    )


def _zoom(does: str, name: str, sign: str, words: str) -> html.Button:
    return html.Button(
        sign, id=name, className="button", type="button", title=words, **aria(label=words), **data(zoom=does)
    )


def _downloads() -> html.Span:
    return html.Span(
        [
            html.A("Numbers as CSV", href="/api/kpis?by=machine&format=csv"),
            html.A("Report of the last shift", href="/report", target="_blank"),
            html.A("Wall screen", href="/wall"),
            html.Span("beside each row: time in state this shift, in h:min", className="label"),
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
        className="panel door",
        children=[
            html.H2(html.A("Refused messages", href="/doctor")),
            html.Div(id="refused"),
        ],
    )


def _own_device(guest_line: str) -> html.Section:
    return html.Section(
        className="panel door",
        children=[
            html.H2(html.A("Connect your own device", href="/machines#connect")),
            html.P("One line of shell makes a tile; whether it runs is learned from its own power."),
            html.Div(
                className="copyable",
                children=[
                    html.Code(shell_line(guest_line), className="shell-line", id="guest-line", tabIndex="0"),
                    html.Button("Copy", className="button", **data(copy="guest-line")),
                ],
            ),
        ],
    )


def _add_machine() -> html.Section:
    return html.Section(
        className="panel door",
        children=[
            html.H2(html.A("Add a machine", href="/machines")),
            html.P(
                "By a form or by a file; its tile is here within two seconds while everything else runs on."
            ),
        ],
    )
