"""Who looks: whoever pays for monitoring. The question: what has it brought, why, and how sure is that?

Everything inside the containers is drawn by `assets/gain.js`, `gain_more.js` and `gain_assume.js` from
`/api/gain`; nothing else writes there.
"""

from typing import Any

from dash import html

from dashboard.pages.attributes import aria, data
from dashboard.pages.state_words import WORDS


def layout() -> html.Main:
    """The gain page."""
    return html.Main(
        id="gain",
        className="page gain",
        children=[
            html.Div(
                className="title gain-title",
                children=[
                    html.H1("Gain"),
                    html.Div(id="gain-window", className="window"),
                    html.P(
                        "One plant, lived twice from the same random numbers. In one, people hear the calls "
                        "of this dashboard; in its twin they find a stopped machine on their next round. "
                        "The difference is what monitoring gained."
                    ),
                ],
            ),
            html.P(id="gain-said", className="panel gain-said", role="status", hidden=True),
            html.Div(
                id="gain-body",
                className="gain-body",
                hidden=True,
                children=[
                    _what(),
                    html.Div(className="gain-answers", children=[_why(), _sure()]),
                    _lanes(),
                    html.Div(className="gain-pairs", children=[_beside(), _paper()]),
                    _stops(),
                    _holes(),
                    _assumptions(),
                ],
            ),
        ],
    )


def _panel(name: str, title: str, *children: Any, **more: Any) -> html.Section:
    return html.Section(
        id=name,
        className="panel",
        children=[html.H2(title, id=f"{name}-title"), *children],
        **aria(labelledby=f"{name}-title"),
        **more,
    )


def _what() -> html.Section:
    return _panel(
        "gain-what",
        "What was gained",
        html.Div(id="gain-lines", className="gain-lines"),
        html.P(id="gain-what-words", className="label"),
    )


def _why() -> html.Section:
    return _panel(
        "gain-why",
        "Why",
        html.P(id="gain-why-words", className="gain-sentence"),
        html.Div(id="gain-phases"),
        html.P(id="gain-answered", className="label"),
    )


def _sure() -> html.Section:
    return _panel(
        "gain-sure",
        "How sure is that",
        html.P(id="gain-sure-words", className="gain-sentence"),
        html.Div(id="gain-intervals"),
    )


def _lanes() -> html.Section:
    return html.Section(
        id="gain-lanes",
        className="panel",
        **aria(labelledby="gain-lanes-title"),
        children=[
            html.Div(
                className="panel-head",
                children=[
                    html.H2("Both plants in time", id="gain-lanes-title"),
                    html.Ul(
                        className="legend",
                        children=[
                            html.Li(state, **data(state=state), title=text) for state, text in WORDS.items()
                        ]
                        + [
                            html.Li("only the monitored plant runs", **data(gap="more")),
                            html.Li("only the twin runs", **data(gap="less")),
                        ],
                    ),
                ],
            ),
            html.P(id="gain-lanes-words", className="label"),
            html.Div(id="gain-lanes-table", className="gain-lanes"),
        ],
    )


def _beside() -> html.Section:
    return _panel(
        "gain-kpis",
        "Both plants beside each other",
        _folded(
            "Utilization, uptime, OEE and time by state",
            _scrolling("gain-kpi-table", "KPIs of both plants"),
            _scrolling("gain-state-table", "Time by state in both plants"),
        ),
    )


def _paper() -> html.Section:
    return _panel(
        "gain-paper",
        "What a log kept by hand would have said",
        html.Div(id="gain-paper-bars"),
        html.P(id="gain-paper-words", className="label"),
    )


def _stops() -> html.Section:
    return _panel(
        "gain-stops",
        "The same stop in both plants",
        html.P(id="gain-stops-words", className="gain-sentence"),
        html.P(
            "Stops are paired by machine, cause and number: the third jam of a machine is the same in both "
            "plants, whenever it comes. One that has come in one plant alone has no pair.",
            className="label",
        ),
        _folded(
            "The stops that differ most, and those without a pair",
            _scrolling("gain-stops-table", "Stops of both plants"),
        ),
    )


def _holes() -> html.Section:
    return _panel(
        "gain-holes",
        "Time without the dashboard",
        html.P(id="gain-holes-words", className="label"),
        _scrolling("gain-holes-table", "Time without the dashboard, and what it cost"),
    )


def _assumptions() -> html.Section:
    return _panel(
        "gain-assume",
        "What is assumed",
        html.P(id="gain-assume-words", className="label"),
        html.Div(id="gain-controls", className="gain-controls"),
        html.P(id="gain-assume-said", className="said", role="status"),
        _folded(
            "Every assumption with its source",
            _scrolling("gain-assume-table", "Assumptions with their sources"),
        ),
    )


def _folded(summary: str, *children: Any) -> html.Details:
    """What stands open, but on a phone, where it would be many screens long."""
    return html.Details(className="fold", open=True, children=[html.Summary(summary), *children])


def _scrolling(name: str, label: str) -> html.Div:
    """A room whose table may be wider than a phone, which arrow keys can scroll."""
    return html.Div(id=name, className="scroll", tabIndex=0, role="region", **aria(label=label))
