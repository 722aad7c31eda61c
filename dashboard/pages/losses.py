"""Who looks: whoever wants the machines to make more, and asks what to mend first.

The question: between calendar time and good parts, where did the time go, which loss cost most and what
caused it, and what do people say of the stops that no machine explains? The server answers a window; the
table of stops is drawn by `assets/losses.js`, here and on the page of a machine, because people write in it.
"""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard.figures.losses import COLOURS, LEVEL, pareto_figure, waterfall_figure
from dashboard.history.lost import Lost
from dashboard.losses.pareto import Bar, By, Pareto
from dashboard.losses.waterfall import Fall
from dashboard.losses.words import LEVELS, STEPS
from dashboard.pages.attributes import aria, data
from dashboard.pages.choice import chosen, said, segments
from dashboard.pages.graph import graph
from dashboard.pages.lost_window import Answer, LostWindow

WINDOWS = {"shift": "this shift", "last": "last shift", "8h": "last 8 h", "24h": "last 24 h"}
BY = {"time": "by time", "count": "by count"}
REFRESH_MS = 10_000
EMPTY: dict[str, Any] = {
    "data": [],
    "layout": {
        "height": 10, "xaxis": {"visible": False}, "yaxis": {"visible": False},
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
    },
}  # fmt: skip


def layout(search: str | None) -> html.Main:
    """The page of the losses.

    Args:
        search: What the address says of window, line, machine and order.
    """
    line, machine = said(search, "line"), said(search, "machine")
    of = f"machine:{machine}" if machine else f"line:{line}" if line else ""
    return html.Main(
        id="losses",
        className="page",
        children=[
            html.H1("Losses", className="page-title"),
            html.Div(
                className="window",
                children=[
                    segments("window", WINDOWS, search, "Window of the losses"),
                    html.Label(
                        ["of ", html.Select([html.Option("whole plant", value="")], id="losses-of")],
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
                ],
            ),
            html.Section(
                className="panel",
                children=[
                    html.Div(
                        [
                            html.H2("From calendar time to good parts"),
                            html.Span("each step takes away; bold is what is left", className="label"),
                        ],
                        className="panel-head",
                    ),
                    html.Div(
                        className="loss-grid",
                        children=[
                            graph("losses-waterfall", EMPTY),
                            html.Div(id="losses-steps", className="scroll", tabIndex=0, role="region",
                                     **aria(label="The steps as a table")),
                        ],
                    ),
                    html.Div(id="losses-flags"),
                ],
            ),
            html.Section(
                className="panel",
                children=[
                    html.Div(
                        [
                            html.H2("What cost most"),
                            segments("by", BY, search, "What the costliest is"),
                        ],
                        className="panel-head",
                    ),
                    html.Div(
                        className="pareto-grid",
                        children=[
                            html.Div(
                                [
                                    html.H3("Losses, the costliest first; choose one for its causes"),
                                    graph("losses-pareto", EMPTY),
                                    html.Div(id="losses-first", className="scroll"),
                                ]
                            ),
                            html.Div(
                                [
                                    html.H3(id="losses-second-words"),
                                    graph("losses-causes", EMPTY),
                                    html.Div(id="losses-second", className="scroll"),
                                ]
                            ),
                        ],
                    ),
                ],
            ),
            html.Section(_stops("Stops", "longest first"), className="panel"),
            dcc.Store(id="losses-window", data=chosen(search, "window", WINDOWS)),
            dcc.Store(id="losses-by", data=chosen(search, "by", BY)),
            dcc.Store(id="losses-chosen", data=of),
            dcc.Store(id="losses-loss", data=""),
            dcc.Store(id="losses-ask"),
            dcc.Store(id="losses-offered"),
            dcc.Store(id="stops-window"),
            dcc.Store(id="stops-drawn"),
            dcc.Interval(id="losses-refresh", interval=REFRESH_MS),
        ],
    )  # fmt: skip


def _stops(title: str, words: str) -> list[Any]:
    return [
        html.Div(
            [html.H2(title), html.Span(words, id="stops-words", className="label")], className="panel-head"
        ),
        html.Div(id="stops"),
    ]


def register(app: Dash, window: LostWindow) -> None:
    """Answer when the reader chooses what to look at, and now and then while time goes on."""

    @app.callback(
        Output("losses-words", "children"),
        Output("losses-waterfall", "figure"),
        Output("losses-steps", "children"),
        Output("losses-flags", "children"),
        Output("losses-pareto", "figure"),
        Output("losses-first", "children"),
        Output("losses-second-words", "children"),
        Output("losses-causes", "figure"),
        Output("losses-second", "children"),
        Output("stops-window", "data"),
        Input("losses-window", "data"),
        Input("losses-chosen", "data"),
        Input("losses-by", "data"),
        Input("losses-loss", "data"),
        Input("losses-ask", "data"),
        Input("losses-refresh", "n_intervals"),
        State("stops-window", "data"),
    )
    def choose(
        window_: str, of: str, by: str, loss: str, _asked: Any, _refreshed: Any, before: dict[str, Any] | None
    ) -> tuple[Any, ...]:
        answer = window.answer(window_ if window_ in WINDOWS else "shift", of)
        if answer.lost is None:
            return (answer.sentence, EMPTY, [], [], EMPTY, [], "", EMPTY, [], no_update)
        found = answer.lost.pareto("count" if by == "count" else "time")
        # Another look at the same window is no reason to draw its stops again while someone writes.
        stops = no_update if ctx.triggered_id in ("losses-by", "losses-loss") and before else answer.stops
        return (
            answer.sentence,
            waterfall_figure(answer.lost.rows),
            _steps(answer.lost),
            _flags(answer),
            *_pareto(found, loss),
            stops,
        )

    @app.callback(
        Output("losses-of", "children"),
        Output("losses-offered", "data"),
        Input("losses-refresh", "n_intervals"),
        State("losses-offered", "data"),
    )
    def offer(_refreshed: int | None, before: list[list[str]] | None) -> tuple[Any, Any]:
        lines, machines = window.offered()
        # Options that are drawn anew lose what was chosen.
        return (
            (no_update, no_update)
            if [lines, machines] == before
            else (_options(lines, machines), [lines, machines])
        )

    @app.callback(
        Output("losses-loss", "data"), Input("losses-pareto", "clickData"), prevent_initial_call=True
    )
    def click(clicked: dict[str, Any] | None) -> Any:
        points = (clicked or {}).get("points") or [{}]
        return points[0].get("customdata") or no_update

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("losses", "show"), Output("stops-drawn", "data"), Input("stops-window", "data")
    )


def _options(lines: list[str], machines: list[str]) -> list[Any]:
    return [
        html.Option("whole plant", value=""),
        html.Optgroup([html.Option(line, value=f"line:{line}") for line in lines], label="Lines"),
        html.Optgroup([html.Option(one, value=f"machine:{one}") for one in machines], label="Machines"),
    ]


def _steps(lost: Lost) -> html.Table:
    calendar_us = lost.rows[0].us
    with_parts = lost.totals.cycle_us is not None
    head = ["", "time", "hours", "of calendar", *(["parts"] if with_parts else [])]
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(text, scope="col") for text in head])),
            html.Tbody([_step(row, calendar_us, with_parts=with_parts) for row in lost.rows]),
            html.Caption(_sums(lost)),
        ],
        className="buckets steps-table with-parts" if with_parts else "buckets steps-table",
    )


def _step(row: Fall, calendar_us: int, *, with_parts: bool) -> html.Tr:
    meaning = "" if row.level else STEPS[row.key].meaning
    sign = "" if row.level or row.us <= 0 else "−"
    us = row.us if row.level else abs(row.us)
    if not row.level and row.us < 0:
        sign = "+"
    cells = [
        html.Td(f"{sign}{exactly(us)}"),
        html.Td(f"{sign}{us / 3.6e9:,.3f}"),
        html.Td(percent(row.us / calendar_us if calendar_us else None)),
    ]
    if with_parts:
        cells.append(html.Td("–" if row.parts is None else f"{row.parts:,.1f}".replace("-", "−")))
    name: Any = [html.I(className="swatch", style={"background": COLOURS.get(row.key, LEVEL)}), row.word]
    return html.Tr(
        [html.Th(name, scope="row", title=meaning or LEVELS.get(row.key, "")), *cells],
        className="level" if row.level else "" if row.us else "nothing",
    )


def _sums(lost: Lost) -> str:
    rows = lost.rows
    left_us = rows[0].us - sum(row.us for row in rows if not row.level) - rows[-1].us
    words = f"unaccounted for: {exactly(left_us)}"
    if lost.totals.cycle_us is not None:
        return f"{words}; a part is {lost.totals.cycle_us / 1e6:g} s of ideal cycle"
    return words


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


def _pareto(found: Pareto, loss: str) -> tuple[Any, ...]:
    if not found.losses:
        nothing = html.P("Nothing was lost in this window.", className="made")
        return (EMPTY, nothing, "", EMPTY, [])
    chosen = next((bar for bar in found.losses if bar.key == loss), found.losses[0])
    whole = f"of {exactly(found.us)} lost, {counted(found.stops, 'stop')}"
    return (
        pareto_figure(found.losses, found.by),
        _bars(found.losses, found.by, whole, chosen.key),
        f"Causes of {chosen.word}",
        pareto_figure(chosen.causes, found.by, COLOURS.get(chosen.key, LEVEL)),
        _bars(
            chosen.causes, found.by, f"of {exactly(chosen.us)} {chosen.word}, {counted(chosen.stops, 'stop')}"
        ),
    )


def _bars(bars: tuple[Bar, ...], by: By, whole: str, chosen: str | None = None) -> html.Table:
    share = "of time" if by == "time" else "of stops"
    head = ["", "time", "stops", share, "up to here"]
    return html.Table(
        [
            html.Caption(whole),
            html.Thead(html.Tr([html.Th(text, scope="col") for text in head])),
            html.Tbody([_bar(bar, chosen) for bar in bars]),
        ],
        className="buckets pareto-table",
    )


def _bar(bar: Bar, chosen: str | None) -> html.Tr:
    name: Any = bar.word
    if chosen is not None:
        pressed = "true" if bar.key == chosen else "false"
        name = html.Button(
            [html.I(className="swatch", style={"background": COLOURS.get(bar.key, LEVEL)}), bar.word],
            className="plain-button",
            title="Show its causes",
            **aria(pressed=pressed),
            **data(loss=bar.key),
        )
    return html.Tr(
        [
            html.Th(name, scope="row"),
            html.Td(exactly(bar.us)),
            html.Td(str(bar.stops)),
            html.Td(percent(bar.share)),
            html.Td(percent(bar.cumulative)),
        ]
    )


def exactly(us: int) -> str:
    """A duration to the millisecond.

    >>> exactly(5_425_250_000), exactly(0), exactly(-60_000_000)
    ('1 h 30 min 25.25 s', '0 s', '−1 min')
    """
    if us < 0:
        return f"−{exactly(-us)}"
    minutes, rest_us = divmod(us, 60_000_000)
    hours, minutes = divmod(minutes, 60)
    said = [f"{value} {unit}" for value, unit in ((hours, "h"), (minutes, "min")) if value]
    if rest_us or not said:
        said.append(f"{round(rest_us / 1e6, 3):g} s")
    return " ".join(said)


def percent(share: float | None) -> str:
    """A share with one digit, or a dash where there is none."""
    return "–" if share is None else f"{share * 100:.1f} %".replace("-", "−")


def counted(count: int, word: str) -> str:
    """A number with its word.

    >>> counted(1, "stop"), counted(2, "stop")
    ('1 stop', '2 stops')
    """
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
