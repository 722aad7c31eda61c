"""Who looks: whoever sees that a page is grey or a number stands. The question: which link is broken?

The answer in five seconds: a chain from the broker to this browser with a lamp for each link, one sentence
for what is wrong, since when, and what to do. Drawn by `assets/doctor.js` from /api/health.
"""

import json

from dash import html

from dashboard.chain.remedies import PAGE_GONE
from dashboard.pages.attributes import aria, data

LINKS = {
    "broker": ("Broker", "carries every message"),
    "simulator": ("Simulator", "lives the plant and speaks for its machines"),
    "ingest": ("Ingest", "the office: hears the machines, concludes, calls"),
    "history": ("History", "keeps what was heard and concluded"),
    "web": ("Web", "serves these pages"),
    "browser": ("Browser", "yours, measured here"),
}
"""Title of each link, and what it does."""


def layout() -> html.Main:
    """The page of the chain."""
    return html.Main(
        id="doctor",
        className="page",
        **data(gone=json.dumps(PAGE_GONE._asdict())),
        children=[
            html.Div(
                className="title",
                children=[
                    html.H1("Health"),
                    html.P(
                        "The way of a reading, from the broker to this browser. What stands behind a broken "
                        "link is not blamed: the most upstream cause comes first."
                    ),
                ],
            ),
            html.Section(
                id="doctor-verdict",
                className="panel verdict",
                **aria(live="polite"),
                children=[html.P("Asking each link …", id="doctor-words")],
            ),
            html.Ol([_box(link) for link in LINKS], id="doctor-chain", **aria(label="The chain")),
            html.Section(
                id="doctor-wrong",
                className="panel",
                hidden=True,
                children=[html.H2("What is wrong, and what to do"), html.Ul(id="doctor-sentences")],
            ),
            html.Section(
                className="panel",
                children=[
                    html.H2("In numbers"),
                    html.P(
                        "As of now, asked once a second. Counts go back to when the part was started; a "
                        "second is a real one."
                    ),
                    html.Div(id="doctor-numbers"),
                ],
            ),
            html.Section(
                className="panel",
                children=[
                    html.H2("Where this page does not answer"),
                    html.P("The same on the terminal; it works when everything is down."),
                    html.Div(
                        className="copyable",
                        children=[
                            html.Code(".venv/bin/python -m demo doctor", id="doctor-command"),
                            html.Button("Copy", className="button", **data(copy="doctor-command")),
                        ],
                    ),
                ],
            ),
        ],
    )


def _box(link: str) -> html.Li:
    title, does = LINKS[link]
    return html.Li(
        [
            html.H2(title, title=does),
            html.Span("not known", className="lamp", **data(state="unknown")),
            html.Span("–", className="number"),
            html.Span(className="unit"),
            html.Span(className="more"),
        ],
        **data(link=link, lamp=""),
    )
