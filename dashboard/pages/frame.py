"""What stands around every page, and which page an address leads to. Drawn live by `assets/frame.js`."""

from collections.abc import Callable
from urllib.parse import unquote

from dash import Dash, Input, Output, State, dcc, html

from dashboard.pages import (
    doctor,
    floor,
    gain,
    industry,
    lab,
    losses,
    machine,
    machines,
    proof,
    tour,
    wall,
)
from dashboard.pages.attributes import aria, data
from dashboard.pages.choice import as_text
from dashboard.pages.foot import foot
from dashboard.pages.guest import Guest

MACHINE = "/machine/"
PAGES = {
    "/": "Floor",
    "/losses": "Losses",
    "/gain": "Gain",
    "/proof": "Proof",
    "/machines": "Machines",
    "/lab": "Fault lab",
    "/doctor": "Health",
    "/industry": "Industry 4.0",
}
"""What the navigation leads to, in its order: what is looked at daily first."""


def layout(mark: str) -> html.Div:
    """Header, catch-up line, notice, and room for the page.

    Args:
        mark: Address of the product's mark.
    """
    return html.Div(
        [
            dcc.Location(id="url", refresh=False),
            html.Header(
                className="frame",
                children=[
                    html.A(
                        [html.Img(src=mark, alt=""), html.Span("Machine monitoring")],
                        href="/",
                        className="brand",
                        **aria(label="Machine monitoring: the shop floor"),
                    ),
                    html.Nav(
                        [html.A(name, href=path, **data(page=path)) for path, name in PAGES.items()],
                        className="pages",
                        **aria(label="Pages"),
                    ),
                    html.Div(
                        [html.Span("–", id="plant-clock"), html.Span(id="plant-date")],
                        className="when",
                        title="Plant time: what the numbers below are worked out up to",
                    ),
                    html.Div(
                        [html.Span("–", id="shift-name"), html.Span(id="shift-window")],
                        className="pair shift",
                    ),
                    html.Div(
                        [html.Span("–", id="speed"), html.Span(id="achieved")],
                        className="pair speed",
                        title="Plant seconds per real second: asked for, and achieved",
                    ),
                    html.Div(
                        [html.I(), html.Span("connecting", id="link-words")],
                        id="link",
                        className="link",
                        **data(link="waiting"),
                    ),
                    html.Div(_buttons(), className="frame-buttons"),
                ],
            ),
            html.Div(
                [html.Span(id="catch-up-words"), html.I(id="catch-up-bar")],
                id="catch-up",
                className="catch-up",
                hidden=True,
            ),
            html.Div(id="notice", className="notice", hidden=True, role="status"),
            html.Div(id="page"),
            foot(),
        ]
    )


def _buttons() -> list[html.Button]:
    return [
        tour.button(),
        html.Button(
            "Runs",
            id="runs",
            className="button",
            title="Every history, and how to start over",
            **aria(haspopup="dialog"),
        ),
        html.Button("System", id="theme", className="button", title="Light, dark, or as the system"),
    ]


def register(app: Dash, guest_line: str, guest: Guest) -> None:
    """Let an address lead to its page."""
    layouts: dict[str, Callable[[str | None], html.Main]] = {
        "/": lambda _: floor.layout(guest_line),
        "/losses": losses.layout,
        "/gain": lambda _: gain.layout(),
        "/proof": proof.layout,
        "/lab": lambda _: lab.layout(),
        "/industry": lambda _: industry.layout(),
        "/machines": lambda search: machines.layout(search, guest),
        "/wall": lambda _: wall.layout(),
        "/doctor": lambda _: doctor.layout(),
    }

    @app.callback(Output("page", "children"), Input("url", "pathname"), State("url", "search"))
    def page_at(pathname: str | None, search: str | None) -> html.Main:
        path, search = unquote(as_text(pathname) or "/"), as_text(search)
        drawn = layouts.get(path.rstrip("/") or "/")
        if drawn is not None:
            return drawn(search)
        if path.startswith(MACHINE) and path.removeprefix(MACHINE).strip("/"):
            return machine.layout(path.removeprefix(MACHINE).strip("/"), search)
        return html.Main(
            className="page",
            children=[
                html.H1("There is no such page"),
                html.P(
                    ["Nothing is at ", html.Code(path[:200]), ". ", html.A("To the shop floor", href="/")]
                ),
            ],
        )
