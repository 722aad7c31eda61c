"""Who looks: whoever doubts the dashboard, and breaks something to see what it makes of it.

The question: does it notice, how soon, and does it stay honest? The answer: within three seconds the fault
stands on the machine's tile by its name; as soon as measurement shows it, the scoreboard says so.

What was broken is known from the simulator and marked so; what was measured stands beside it. The faults
are drawn by `assets/lab.js`, their scores by `assets/lab_scores.js`, the chips of all pages by
`assets/chips.js`.
"""

from dash import html

from dashboard.pages.attributes import aria, data

GROUPS = {
    "machine": ("Machine", "It truly stands, is slower or makes scrap, in both plants."),
    "sensor": ("Sensor", "One signal shows what is not so; nothing that happens changes."),
    "link": ("Link", "Its messages do not arrive as they were sent; nothing that happens changes."),
}
"""What may be at fault: its title, and what such a fault is."""


def layout() -> html.Main:
    """The page of the fault lab."""
    return html.Main(
        id="lab",
        className="page",
        children=[
            html.Div(
                className="title",
                children=[
                    html.H1("Fault lab"),
                    html.P(
                        "Break a machine, a sensor or a link of the simulated plant, and see what comes of "
                        "it. The simulator tells this page what was broken. The office that works out states "
                        "and numbers is not told: it has to find it by measurement."
                    ),
                ],
            ),
            _under_way(),
            _catalogue(),
            _scoreboard(),
        ],
    )


def _under_way() -> html.Section:
    return html.Section(
        className="panel",
        **aria(labelledby="lab-on-title"),
        children=[
            html.Div(
                className="panel-head",
                children=[
                    html.H2("Under way", id="lab-on-title"),
                    html.Span("known from the simulator, not found by measurement", className="label"),
                    html.Button("Clear all", id="lab-clear-all", className="button", type="button"),
                ],
            ),
            html.Ul(id="lab-on", className="lab-on"),
            html.P("Nothing is broken on demand.", id="lab-on-none", className="label"),
        ],
    )


def _catalogue() -> html.Section:
    return html.Section(
        className="panel",
        **aria(labelledby="lab-break-title"),
        children=[
            html.Div(
                className="panel-head",
                children=[
                    html.H2("Break something", id="lab-break-title"),
                    html.Span(
                        "each says what you will see, and what its severity is; one click begins it, "
                        "another clears it",
                        className="label",
                    ),
                ],
            ),
            html.Div(id="lab-choice", className="lab-choice"),
            html.P(id="lab-said", className="said", role="status"),
            html.P(id="lab-none", className="label", hidden=True),
            html.Div(className="lab-groups", children=[_group(about) for about in GROUPS]),
        ],
    )


def _group(about: str) -> html.Section:
    title, words = GROUPS[about]
    return html.Section(
        className="lab-group",
        **aria(labelledby=f"lab-group-{about}"),
        children=[
            html.H3(title, id=f"lab-group-{about}"),
            html.P(words, className="label"),
            html.Div(className="lab-faults", **data(about=about)),
        ],
    )


def _scoreboard() -> html.Section:
    return html.Section(
        className="panel",
        **aria(labelledby="lab-scores-title"),
        children=[
            html.Div(
                className="panel-head",
                children=[
                    html.H2("Scoreboard of this run", id="lab-scores-title"),
                    html.Span(id="lab-scores-words", className="label"),
                    html.Span(
                        html.A("Scores as CSV", href="/api/faultlab?format=csv"), className="downloads"
                    ),
                ],
            ),
            html.P(
                "Lost time and parts are the truth: of a machine's own fault against its pace in the eight "
                "hours before, of a sensor's or a link's against the twin, which has not got it. The error "
                "of utilization is what was measured in the fault's time less what was true.",
            ),
            html.Div(id="lab-scores", className="scroll", tabIndex="0", **aria(label="Scoreboard")),
            html.Button("Show all", id="lab-more", className="button", type="button", hidden=True),
        ],
    )
