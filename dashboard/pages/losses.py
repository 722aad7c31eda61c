"""Who looks: whoever wants the machines to make more, and asks what to mend first.

The question: between calendar time and good parts, where did the time go, which loss cost most and what
caused it, when does it come, is it more than before or elsewhere, and what do people say of the stops that
no machine explains? After ten seconds the costliest loss is read, after half a minute its cause and hours.
The server answers an address; the table of stops is drawn by `assets/losses.js`, here and on the page of a
machine, because people write in it.
"""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboard.losses.heat import LOST, MEASURES, NUMBERS
from dashboard.pages.attributes import aria
from dashboard.pages.choice import as_text, segments
from dashboard.pages.loss_heat import heat_table
from dashboard.pages.loss_ranks import ranks_table
from dashboard.pages.loss_steps import compared_table, steps_table
from dashboard.pages.loss_view import AGAINST, BY, WINDOWS, LossView
from dashboard.pages.lost_window import Answer, LostWindow


def layout(search: str | None) -> html.Main:
    """The page of the losses.

    Args:
        search: What the address says of window, machines, comparison, measure and order.
    """
    return html.Main(
        id="losses",
        className="page",
        children=[
            html.H1("Losses", className="page-title"),
            html.Div(className="window", children=_window(search)),
            _panel(
                "From calendar time to good parts",
                html.Span(id="losses-against-words", className="label"),
                html.Div(id="losses-flags"),
                _scrolling("losses-steps", "The steps from calendar time to good parts"),
                name="losses-where",
            ),
            html.Div(
                className="loss-pair",
                children=[
                    _panel(
                        "What cost most",
                        segments("by", BY, search, "What the costliest is"),
                        _scrolling("losses-ranks", "Losses and their causes"),
                        name="losses-what",
                    ),
                    _panel(
                        "When",
                        html.Label(
                            [
                                html.Span("measure", className="unseen"),
                                html.Select(_measures(), id="losses-measure"),
                            ],
                            className="picker",
                        ),
                        _scrolling("losses-heat", "By hour and day"),
                        name="losses-when",
                    ),
                ],
            ),
            stops_section(),
            dcc.Store(id="losses-view", data=search or ""),
            dcc.Store(id="losses-ask"),
            dcc.Store(id="losses-offered"),
            dcc.Store(id="stops-window"),
            dcc.Store(id="stops-drawn"),
        ],
    )


def stops_section() -> html.Section:
    """The stops of a window, with the control that gives them reasons."""
    return html.Section(
        [
            html.Div(
                [html.H2("Stops"), html.Span("longest first", id="stops-words", className="label")],
                className="panel-head",
            ),
            html.Div(id="stops"),
        ],
        className="panel",
    )


def _window(search: str | None) -> list[Any]:
    return [
        segments("window", WINDOWS, search, "Window of the losses"),
        html.Label(
            ["of ", html.Select([html.Option("whole plant", value="")], id="losses-of")], className="picker"
        ),
        html.Label(
            ["against ", html.Select([html.Option("nothing", value="")], id="losses-against")],
            className="picker",
        ),
        html.Span(id="losses-words", className="label", role="status"),
        html.Span(
            [
                html.A("Numbers as CSV", id="losses-csv", href="/api/kpis?by=machine&format=csv"),
                html.A("Report of the last shift", href="/report", target="_blank"),
            ],
            className="downloads",
        ),
    ]


def _panel(title: str, beside: Any, *children: Any, name: str) -> html.Section:
    return html.Section(
        [html.Div([html.H2(title), beside], className="panel-head"), *children], id=name, className="panel"
    )


def _scrolling(name: str, label: str) -> html.Div:
    return html.Div(id=name, className="scroll", tabIndex=0, role="region", **aria(label=label))


def _measures() -> list[Any]:
    losses = [
        html.Option(word, value="" if key == LOST else key)
        for key, word in MEASURES.items()
        if key not in NUMBERS
    ]
    numbers = [html.Option(word, value=key) for key, (word, _) in NUMBERS.items()]
    return [html.Optgroup(losses, label="Time lost"), html.Optgroup(numbers, label="Numbers")]


def register(app: Dash, window: LostWindow) -> None:
    """Answer when the address says something else, and now and then while time goes on."""

    @app.callback(
        Output("losses-words", "children"),
        Output("losses-against-words", "children"),
        Output("losses-flags", "children"),
        Output("losses-steps", "children"),
        Output("losses-ranks", "children"),
        Output("losses-heat", "children"),
        Output("losses-when", "className"),
        Output("stops-window", "data"),
        Input("losses-view", "data"),
        Input("losses-ask", "data"),
        State("stops-window", "data"),
    )
    def show(search: str, _asked: Any, before: dict[str, Any] | None) -> tuple[Any, ...]:
        view = LossView.asked(as_text(search))
        answer = window.answer(view)
        if answer.lost is None:
            return (answer.sentence, "", [], [], [], [], "panel", no_update)
        return (
            answer.sentence,
            f"against {answer.against}"
            if answer.pairs
            else answer.against or "each step takes away; bold is what is left",
            _flags(answer),
            compared_table(answer.pairs, answer.sentence, answer.against)
            if answer.pairs
            else steps_table(answer.lost),
            ranks_table(answer.lost.pareto(view.by), view.loss),
            _heat(answer),
            "panel wide" if answer.heat and len(answer.heat.hours) > HALF_A_DAY else "panel",
            # Another look at the same window is no reason to draw its stops again while someone writes.
            no_update if answer.query == before else answer.query,
        )

    @app.callback(
        Output("losses-of", "children"),
        Output("losses-against", "children"),
        Output("losses-offered", "data"),
        Input("losses-ask", "data"),
        State("losses-offered", "data"),
    )
    def offer(_asked: Any, before: list[list[str]] | None) -> tuple[Any, Any, Any]:
        lines, machines = window.offered()
        if [lines, machines] == before:
            # Options that are drawn anew lose what was chosen.
            return no_update, no_update, no_update
        past = html.Optgroup(
            [html.Option(text, value=value) for value, text in AGAINST.items()], label="Earlier"
        )
        these = _options(lines, machines)
        return (
            [html.Option("whole plant", value=""), *these],
            [html.Option("nothing", value=""), past, *these],
            [lines, machines],
        )

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("losses", "show"), Output("stops-drawn", "data"), Input("stops-window", "data")
    )


HALF_A_DAY = 12
"""With more hours than these the heat map has a row of the page for itself."""


def _options(lines: list[str], machines: list[str]) -> list[Any]:
    return [
        html.Optgroup([html.Option(line, value=f"line:{line}") for line in lines], label="Lines"),
        html.Optgroup([html.Option(one, value=f"machine:{one}") for one in machines], label="Machines"),
    ]


def _heat(answer: Answer) -> Any:
    if answer.heat is None:
        return html.P("A window of more than six weeks is too long for its hours.", className="made")
    return heat_table(answer.heat, answer.zone, answer.span, answer.parts)


def _flags(answer: Answer) -> list[Any]:
    lost = answer.lost
    if lost is None:
        return []
    sentences = [f"{row.word}: {row.flag}." for row in lost.rows if row.flag]
    if lost.totals.silent_parts:
        sentences.append(
            f"{lost.totals.silent_parts} parts were counted across unknown time. "
            "Nothing tells how long they took, so they are in no step."
        )
    return [html.P(sentence, className="flag") for sentence in sentences]
