"""The web process put together: live channel, history, pages and API in one Dash application.

Making it connects nowhere: the live channel starts in the process that serves.
"""

from dataclasses import dataclass, field

from dash import Dash
from dash.exceptions import DependencyException
from flask import Flask, Response, jsonify, request

from dashboard.api.routes import api_routes
from dashboard.api.sources import Sources
from dashboard.gate.callbacks import check_callbacks
from dashboard.gate.door import Door
from dashboard.gate.headers import page_policy, send_headers
from dashboard.gate.refusals import MAX_SHOWN
from dashboard.gate.routes import guard
from dashboard.history.answering import Answering
from dashboard.history.books import Books
from dashboard.history.extent import Survey
from dashboard.history.gain import GainReader
from dashboard.history.lost import LossBook
from dashboard.history.reader import Reader
from dashboard.history.truths import TruthBook
from dashboard.kpi.basis import Basis
from dashboard.live.channel import Channel
from dashboard.live.command_routes import command_routes
from dashboard.live.commander import Commander
from dashboard.live.past import Past
from dashboard.live.routes import live_routes
from dashboard.losses.reasons import Reasons
from dashboard.pages import frame, losses, machine
from dashboard.pages.guest import Guest
from dashboard.pages.lost_window import LostWindow
from dashboard.pages.proofs import Proofs, proof_routes
from dashboard.pages.tour import tour_routes
from dashboard.pages.window import Windows
from dashboard.tour.scenario import Tour
from protocol.address import Address

THEME = (
    "try{var t=localStorage.getItem('theme');"
    "if(location.pathname==='/wall'&&t!=='light')t='dark';"
    "if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch(e){}"
)
"""Runs before the first paint, so that a dark page does not flash white."""
BOOKS = "books"
"""Where the application has the books that its server keeps."""
INDEX = """<!doctype html>
<html lang="en">
<head>
{%metas%}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{%title%}</title>
<link rel="icon" type="image/svg+xml" href="/assets/mark.svg">
<script>__THEME__</script>
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the web process is told."""

    address: Address
    """The broker, as viewer."""
    root: str
    """First level of every topic, `shopfloor`."""
    history: str
    """URL of the history."""
    basis: Basis
    """By what numbers are worked out: the calendar, and the choices among definitions."""
    reasons: Reasons
    """Why machines stop, in the words that people choose from, and the rules that say it for them."""
    guest_line: str
    """The command with which a device of one's own joins."""
    guest: Guest = field(default_factory=Guest)
    """What such a device is told."""
    operator: Address | None = None
    """The broker, as operator; None for a page that may not command."""
    door: Door = field(default_factory=Door)
    """Who may command."""
    tour: Tour = field(default_factory=Tour.read)
    """What the guided tour shows."""
    in_compose: bool = False
    """Whether Compose runs all this: pages then say what to do there."""


def make_app(settings: Settings) -> tuple[Dash, Channel]:
    """The application, and the live channel that its server starts and stops."""
    reader = Reader(settings.history)
    reader.books = Books(reader, settings.basis)
    channel = Channel(
        address=settings.address, root=settings.root, past=Past(reader), in_compose=settings.in_compose
    )
    app = Dash(
        __name__,
        title="Shop floor",
        update_title=None,  # type: ignore[arg-type]
        compress=True,
        # Half of all that a page would load: `assets/charts.js` says where it is to those that draw with it.
        assets_ignore=r"^plotly-cartesian\.min\.js$",
        index_string=INDEX.replace("__THEME__", THEME),
        suppress_callback_exceptions=True,
        meta_tags=[{"name": "description", "content": "Uptime and utilization of every machine, live"}],
    )
    app.layout = frame.layout(app.get_asset_url("mark.svg"))
    frame.register(app, settings.guest_line, settings.guest)
    machine.register(app, Windows(channel=channel, reader=reader, basis=settings.basis).answer)
    book = LossBook(reader=reader, basis=settings.basis, reasons=settings.reasons)
    losses.register(app, LostWindow(channel=channel, book=book))
    server: Flask = app.server
    server.register_blueprint(live_routes(channel))
    gain = GainReader(reader, settings.basis)
    sources = Sources(
        runs=Answering(reader.runs),
        root=settings.root,
        reader=reader,
        basis=settings.basis,
        channel=channel,
        book=book,
        gain=gain,
        truths=TruthBook(reader, settings.basis),
        survey=Survey(reader),
    )
    server.register_blueprint(api_routes(sources))
    server.register_blueprint(proof_routes(Proofs(reader=reader, basis=settings.basis)))
    server.register_blueprint(tour_routes(settings.tour))
    operator = settings.operator
    commander = None if operator is None else Commander(address=operator, root=settings.root)
    server.register_blueprint(command_routes(commander, settings.door))
    server.add_url_rule("/health", "health", _health)
    server.register_error_handler(DependencyException, _no_such_script)
    server.extensions[BOOKS] = reader.books
    guard(server, settings.door)
    check_callbacks(server, app.callback_map)
    send_headers(server, page_policy(THEME, app.csp_hashes()))
    return app, channel


def _no_such_script(_error: Exception) -> tuple[Response, int]:
    # Dash would answer 500, with all it has in the log.
    return jsonify({"error": f"there is no {request.path[:MAX_SHOWN]!r}: allowed is what a page loads"}), 404


def _health() -> Response:
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})
