"""Who looks: everyone who walks past a screen, from five metres. The question: does anything need somebody?

The answer in one second: the calls along the lower edge, and what is red. In fifteen the next line is there,
with the state of every machine, how long it has lasted, and whether it reaches its goal.
`?rotate=SECONDS` says how long a line stays, 0 for ever. Everything is drawn by `assets/wall.js`.
"""

from dash import html

from dashboard.pages.attributes import aria, data


def layout() -> html.Main:
    """The wall screen."""
    return html.Main(
        id="wall",
        className="page",
        children=[
            html.H1("Wall screen of the shop floor", className="unseen"),
            html.Header(className="wall-top", children=[_time(), _plant(), _controls()]),
            html.Section(
                className="wall-line",
                **aria(labelledby="wall-name"),
                children=[
                    html.Div(
                        className="wall-head",
                        children=[
                            html.H2("–", id="wall-name"),
                            html.Span(id="wall-held"),
                            html.Span(id="wall-share"),
                            html.Ol(id="wall-dots", **aria(hidden="true")),
                        ],
                    ),
                    html.Ul(id="wall-cards"),
                ],
            ),
            html.Section(
                className="wall-calls",
                **aria(label="Calls"),
                children=[html.Ul(id="wall-calls"), html.P(id="wall-calls-words")],
            ),
        ],
    )


def _time() -> html.Div:
    return html.Div(
        className="wall-time",
        children=[
            html.Span("–", id="wall-clock"),
            html.Span(id="wall-shift"),
            html.Span(id="wall-link"),
        ],
    )


def _plant() -> html.Div:
    return html.Div(
        className="wall-plant",
        children=[
            html.Div(id="wall-ring"),
            html.Div(
                className="wall-number",
                children=[
                    html.Span("Plant utilization, of observed", className="label"),
                    html.Span("–", id="wall-utilization"),
                    html.Span(id="wall-goal", className="goal"),
                ],
            ),
            html.Ul(id="wall-counts"),
        ],
    )


def _controls() -> html.Div:
    def button(words: str, does: str, name: str) -> html.Button:
        return html.Button(words, id=name, className="button", type="button", **data(wall=does))

    return html.Div(
        className="wall-controls",
        children=[
            button("‹ Line before", "before", "wall-before"),
            button("Pause", "pause", "wall-pause"),
            button("Next line ›", "next", "wall-next"),
            button("Full screen", "full", "wall-full"),
            html.A("Floor", href="/", className="button"),
        ],
    )
