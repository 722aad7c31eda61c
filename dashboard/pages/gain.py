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
                children=[html.H1("Gain"), html.Div(id="gain-window", className="window")],
            ),
            html.P(id="gain-said", className="panel gain-said", role="status", hidden=True),
            html.Div(
                id="gain-body",
                className="gain-body",
                hidden=True,
                children=[
                    _what(),
                    html.Div(className="gain-answers", children=[_why(), _sure()]),
                    _folded(
                        "gain-worth", "Line by line: when it came, what is counted, and money", *_worth()
                    ),
                    _lanes(),
                    _folded("gain-kpis", "Both plants beside each other", *_beside()),
                    _folded("gain-paper", "What a log kept by hand would have said", *_paper()),
                    _folded("gain-stops", "The same stop in both plants", *_stops()),
                    _folded("gain-holes", "Time without the dashboard", *_holes()),
                    _folded(
                        "gain-assume", "What is assumed, and the controls that change it", *_assumptions()
                    ),
                ],
            ),
        ],
    )


def _panel(name: str, title: str, *children: Any) -> html.Section:
    return html.Section(
        id=name,
        className="panel",
        children=[html.H2(title, id=f"{name}-title"), *children],
        **aria(labelledby=f"{name}-title"),
    )


def _what() -> html.Section:
    return html.Section(
        id="gain-what",
        className="panel",
        **aria(label="What was gained"),
        children=[
            html.H2("What was gained", className="unseen"),
            html.P(id="gain-headline", className="gain-headline"),
            html.P(
                "One simulated plant, lived twice from the same random numbers: in one, people hear the "
                "calls of this dashboard; in its twin they find a stopped machine on their next round. The "
                "difference is what monitoring gained.",
                className="label",
            ),
            html.P(id="gain-brief", className="gain-brief"),
            html.Div(id="gain-lines", className="gain-lines"),
        ],
    )


def _why() -> html.Section:
    return _panel(
        "gain-why",
        "Why",
        html.P(id="gain-why-words", className="gain-sentence"),
        html.Div(id="gain-phases"),
        html.Button(id="gain-all-phases", className="button small", type="button", hidden=True),
        html.P(id="gain-answered", className="label"),
    )


def _sure() -> html.Section:
    return _panel(
        "gain-sure",
        "How sure is that",
        html.P(
            "What is above was measured and did happen, in both plants and to the millisecond. "
            "One day may be luck, good or bad:",
            className="gain-sentence",
        ),
        html.P(id="gain-expected", className="gain-sentence strong-words"),
        html.Div(id="gain-intervals"),
        html.P(id="gain-sure-words", className="label"),
    )


def _worth() -> list[Any]:
    return [
        html.P(id="gain-what-words", className="label"),
        html.Div(id="gain-worth-lines", className="gain-lines"),
    ]


def _lanes() -> html.Details:
    legend = html.Ul(
        className="legend",
        children=[html.Li(state, **data(state=state), title=text) for state, text in WORDS.items()]
        + [
            html.Li("only the monitored plant runs", **data(gap="more")),
            html.Li("only the twin runs", **data(gap="less")),
        ],
    )
    return _folded(
        "gain-lanes",
        "Both plants in time",
        html.P(id="gain-lanes-words", className="label"),
        legend,
        html.Div(id="gain-lanes-table", className="gain-lanes"),
    )


def _beside() -> list[Any]:
    return [
        html.Div(
            className="gain-pairs",
            children=[
                _scrolling("gain-kpi-table", "KPIs of both plants"),
                _scrolling("gain-state-table", "Time by state in both plants"),
            ],
        )
    ]


def _paper() -> list[Any]:
    return [
        html.Div(
            className="gain-pairs",
            children=[html.Div(id="gain-paper-bars"), html.P(id="gain-paper-words", className="label")],
        )
    ]


def _stops() -> list[Any]:
    return [
        html.P(id="gain-stops-words", className="gain-sentence"),
        html.P(
            "Stops are paired by machine, cause and number: the third jam of a machine is the same in both "
            "plants, whenever it comes. One that has come in one plant alone has no pair.",
            className="label",
        ),
        _scrolling("gain-stops-table", "Stops of both plants"),
    ]


def _holes() -> list[Any]:
    return [
        html.P(id="gain-holes-words", className="label"),
        _scrolling("gain-holes-table", "Time without the dashboard, and what it cost"),
    ]


def _assumptions() -> list[Any]:
    return [
        html.P(id="gain-assume-words", className="label"),
        html.Div(id="gain-controls", className="gain-controls"),
        html.P(id="gain-assume-said", className="said", role="status"),
        _scrolling("gain-assume-table", "Every assumption with its source"),
    ]


def _folded(name: str, title: str, *children: Any) -> html.Details:
    """A part of the page below its heading, which opens it: the three answers above come first."""
    return html.Details(
        id=name,
        className="panel gain-fold",
        children=[
            html.Summary([html.H2(title), html.Span(id=f"{name}-brief", className="label")]),
            html.Div(children, className="gain-fold-body"),
        ],
    )


def _scrolling(name: str, label: str) -> html.Div:
    """A room whose table may be wider than a phone, which arrow keys can scroll."""
    return html.Div(id=name, className="scroll", tabIndex=0, role="region", **aria(label=label))
