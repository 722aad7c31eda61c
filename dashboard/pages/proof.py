"""Who looks: whoever doubts a number. The question: is what was measured what really happened?

Everything inside the containers is drawn by `assets/proof.js` from `/api/proof`; nothing else writes
there. The truth comes from the simulator alone: a real machine has none, and the page says so.
"""

from typing import Any

from dash import html

from dashboard.kpi.definitions import DEFINITIONS
from dashboard.pages.attributes import aria, data
from dashboard.pages.choice import segments
from dashboard.pages.proofs import WINDOWS
from dashboard.pages.state_words import WORDS


def layout(search: str | None) -> html.Main:
    """The proof page.

    Args:
        search: What the address says of window, KPI and machine.
    """
    return html.Main(
        id="proof",
        className="page",
        children=[
            html.Div(
                className="title",
                children=[
                    html.H1("Proof"),
                    html.P(
                        "The simulator tells what really happened on a channel that nothing which computes "
                        "a number may read. Here both are laid side by side."
                    ),
                ],
            ),
            html.Div(className="window", children=_window(search)),
            html.Section(
                id="proof-verdict",
                className="panel verdict",
                children=[
                    html.P("Comparing.", id="proof-summary", role="status"),
                    html.Ul(id="proof-faults", className="chips", hidden=True, **aria(label="Faults")),
                ],
            ),
            html.Section(
                className="panel",
                children=[
                    html.Div(
                        className="panel-head",
                        children=[
                            html.H2("Machine by machine"),
                            # Of what the chosen one is a share, by `assets/proof.js`.
                            html.Span(
                                id="proof-of",
                                className="label",
                                **data(
                                    **{one.key: f"{one.word} = {one.formula}" for one in DEFINITIONS.values()}
                                ),
                            ),
                            html.Div(
                                id="proof-kpis",
                                className="segments",
                                role="group",
                                **aria(label="KPI that is compared"),
                            ),
                        ],
                    ),
                    html.Div(id="proof-table"),
                ],
            ),
            html.Section(
                id="proof-detail",
                className="panel",
                hidden=True,
                **aria(label="One machine measured against the truth"),
                children=_detail(),
            ),
            html.Section(className="panel", children=_bench()),
        ],
    )


def _window(search: str | None) -> list[Any]:
    return [
        segments("window", WINDOWS, search, "Window of the comparison"),
        html.Form(
            id="proof-range",
            className="range",
            children=[
                html.Label(["from", _moment("proof-from")]),
                html.Label(["to", _moment("proof-to")]),
                html.Button("Compare", className="button", type="submit"),
            ],
        ),
        html.Span(id="proof-window-words", className="label"),
    ]


def _moment(name: str) -> Any:
    # Dash's own Input has neither this type nor a step of a millisecond: the script makes the field.
    return html.Span(id=name, className="moment")


def _detail() -> list[Any]:
    return [
        html.Div(
            className="panel-head",
            children=[
                html.H2(id="proof-machine"),
                html.Ul(
                    className="legend",
                    children=[
                        html.Li(state, **data(state=state), title=text) for state, text in WORDS.items()
                    ],
                ),
            ],
        ),
        html.Div(id="proof-strips", className="strips"),
        html.Div(
            className="proof-grid",
            children=[_scrolling("proof-numbers", "Every KPI"), _scrolling("proof-reasons", "Reasons")],
        ),
        _scrolling("proof-differences", "Stretches that differ"),
    ]


def _scrolling(name: str, label: str) -> html.Div:
    """A room whose table may be wider than a phone, which arrow keys can scroll."""
    return html.Div(id=name, className="scroll", tabIndex=0, role="region", **aria(label=label))


def _bench() -> list[Any]:
    return [
        html.Div(
            className="panel-head",
            children=[
                html.H2("Calibration bench", id="bench-title"),
                html.Button(
                    [html.I(), html.Span("off")],
                    id="bench-switch",
                    className="switch",
                    role="switch",
                    **aria(checked="false", labelledby="bench-title"),
                ),
            ],
        ),
        html.P(
            "Machines whose every second is laid down, so that their numbers are known before they run. "
            "They stand on a line of their own and change nothing about the others; their answers hold for "
            "whole hours."
        ),
        html.P(id="bench-said", className="said", role="status"),
        _scrolling("bench-table", "Known answers"),
    ]
