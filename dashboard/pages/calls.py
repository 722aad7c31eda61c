"""Calls for people: on the floor those that are open, on a machine's page those of its window.

What is inside the containers is drawn by `assets/calls.js` alone.
"""

from dash import html

from dashboard.pages.attributes import aria


def open_calls() -> html.Section:
    """The calls that are open, oldest first, each with the control that acknowledges it."""
    return html.Section(
        className="panel calls",
        **aria(labelledby="calls-title"),
        children=[
            html.Div(
                [html.H2("Calls", id="calls-title"), html.Span(id="calls-words", className="label")],
                className="panel-head",
            ),
            html.Ul(id="calls-open", hidden=True),
            html.Button(id="calls-more", className="button small", type="button", hidden=True),
            html.P(id="calls-said", className="said", role="status", hidden=True),
        ],
    )


def calls_of_window() -> html.Details:
    """The calls for one machine in the window of its page."""
    return html.Details(
        className="panel folded",
        children=[
            html.Summary(html.H2("Every call")),
            html.Div(
                [
                    html.Span(id="machine-calls-words", className="label calls-words"),
                    html.Span(
                        html.A("Calls as CSV", id="csv-calls", href="#", download=""), className="downloads"
                    ),
                ],
                className="panel-head",
            ),
            html.Div(id="machine-calls"),
        ],
    )
