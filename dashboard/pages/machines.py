"""Who looks: whoever wants another machine on the floor, simulated or their own.

The question: what is there, and how do I put up one more, change it, take it away? The answer: a form that
is right as it opens and is checked as one types, a tile within two seconds of pressing *Add*, and beside each
machine what can be done with it and what came of it. How plant time goes by, and the lines with which a
device of one's own joins, stand below.

Inside the containers `assets/machine_form.js`, `machines_table.js`, `run_control.js` and `checker.js` draw.
"""

from typing import Any

from dash import html

from dashboard.pages.attributes import aria, data
from dashboard.pages.choice import segments
from dashboard.pages.guest import WAYS, Guest
from dashboard.pages.shell_line import shell_line


def layout(search: str | None, guest: Guest) -> html.Main:
    """The page of machines.

    Args:
        search: What the address says of the way to connect a device.
        guest: How a device of one's own joins.
    """
    return html.Main(
        id="machines",
        className="page",
        **data(topic=f"{guest.root}/NAME/readings"),
        children=[
            html.Div(
                className="title",
                children=[
                    html.H1("Machines"),
                    html.P("Put one up, change it, hold it, take it away: the plant lives on meanwhile."),
                ],
            ),
            _add(),
            _table(),
            html.Div(className="machines-below", children=[_connect(search, guest), _run()]),
            _checker(),
        ],
    )


def _add() -> html.Section:
    return html.Section(
        id="add-panel",
        className="panel",
        children=[
            html.H2("Add a machine", id="add-title"),
            html.P(
                "Every field may stay as it is. The text beside it is the machine's file: "
                "edit it, or paste one."
            ),
            html.Div(
                className="add-grid",
                children=[
                    html.Form(
                        id="add-form",
                        className="add-form",
                        children=html.P("Asking the plant which kinds it knows.", className="label"),
                        **aria(labelledby="add-title"),
                    ),
                    html.Div(
                        className="add-text",
                        children=[
                            html.Div("The file it writes, TOML", id="add-text-label", className="label"),
                            html.Div(id="add-editor", className="editor"),
                            html.P(id="add-text-wrong", className="wrong", hidden=True),
                            html.P(id="add-verdict", className="verdict-line", role="status"),
                        ],
                    ),
                ],
            ),
            html.P(id="add-said", className="said", role="status"),
        ],
    )


def _table() -> html.Section:
    return html.Section(
        className="panel",
        children=[
            html.Div(
                className="panel-head",
                children=[
                    html.H2("The machines there are"),
                    html.Span(id="machines-count", className="label"),
                ],
            ),
            html.P(id="machines-said", className="said", role="status", tabIndex=-1),
            html.Div(
                id="machines-table",
                className="scroll",
                tabIndex=0,
                role="region",
                **aria(label="The machines there are"),
            ),
        ],
    )


def _run() -> html.Section:
    return html.Section(
        className="panel",
        children=[
            html.H2("The run"),
            html.P("How fast time goes by changes nothing of what happens in the plant."),
            html.P(id="run-now", className="run-now"),
            html.Div(id="run-controls", className="run-controls"),
            html.P(id="run-said", className="said", role="status"),
            html.Div(id="run-over"),
            html.P(
                [
                    "Machines whose numbers are known before they run stand on the calibration bench: ",
                    html.A("switch it on Proof", href="/proof#bench-title"),
                    ".",
                ],
                className="label",
            ),
        ],
    )


def _connect(search: str | None, guest: Guest) -> html.Section:
    ways = {name: title for name, (title, _) in WAYS.items()}
    return html.Section(
        id="connect",
        className="panel",
        children=[
            html.H2("Connect your own device"),
            html.P(
                "Whatever can publish a number makes a tile, under the name that stands in the topic. "
                "Whether it runs is learned from its own power."
            ),
            segments("with", ways, search, "Way of connecting"),
            *(_way(name, write(guest)) for name, (_, write) in WAYS.items()),
            *_near(guest),
        ],
    )


def _checker() -> html.Section:
    return html.Section(
        id="checker",
        className="panel",
        children=[
            html.Div(
                className="panel-head",
                children=[
                    html.H2("What came, and what was understood"),
                    html.Span(id="checker-count", className="label"),
                ],
            ),
            html.P(
                "The newest message on each topic of a device of one's own, and what could not be used, "
                "as it comes."
            ),
            html.Div(
                id="checker-list", className="scroll", tabIndex=0, role="region", **aria(label="Messages")
            ),
            html.P(id="checker-map", className="label"),
        ],
    )


def _way(name: str, lines: str) -> html.Div:
    return html.Div(
        className="copyable",
        hidden=name != next(iter(WAYS)),
        children=[
            html.Pre(
                html.Code(
                    shell_line(lines) if name == "shell" else lines,
                    id=f"connect-{name}",
                    className="shell-line",
                ),
                tabIndex=0,
                **aria(label=WAYS[name][0]),
            ),
            html.Button("Copy", className="button", type="button", **data(copy=f"connect-{name}")),
        ],
        **data(**{"with": name}),
    )


def _near(guest: Guest) -> list[Any]:
    if not guest.is_near:
        return []
    return [
        html.P(
            "This broker listens on this computer alone. For a device elsewhere, let it listen on the "
            "network, and give the device this computer's address.",
            className="label",
        )
    ]
