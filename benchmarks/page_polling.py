"""The usual Dash way to show the same: full Plotly figures and tiles, made anew every second for each viewer.

python -m benchmarks.page_polling --broker mqtt://... --credentials FOLDER --port 8051
"""

import argparse
import queue
import threading
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html
from werkzeug.serving import make_server

from dashboard.conclusions import Board, Tile, decode
from dashboard.live.picture import Picture
from dashboard.live.rows import NUMBERS
from dashboard.live.strip import STATES
from demo.claims import HOST
from protocol.address import address_of
from protocol.session import Session
from protocol.topics import office_topic

EVERY_MS = 1_000
MACHINE, PLANT = office_topic("shopfloor", "machine", "+"), office_topic("shopfloor", "plant")
COLOURS = {
    "running": "#0f8f6f", "idle": "#e0a800", "stopped": "#8a6d3b", "down": "#cf3a24", "setup": "#3b6fb6",
    "unknown": "#9aa0a6",
}  # fmt: skip


class Floor:
    """The newest of all machines, as the office tells it."""

    def __init__(self, broker: str, credentials: Path) -> None:
        self._picture = Picture()
        self._lock = threading.Lock()
        self._session = Session(
            name="polling",
            address=address_of(broker, role="viewer", credentials=credentials),
            filters=[(MACHINE, 0), (PLANT, 0)],
        )
        self._session.start()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                received = self._session.inbox.get(timeout=1.0)
            except queue.Empty:
                continue
            if not received.topic or not received.payload:
                continue
            with self._lock:
                if received.topic == PLANT:
                    self._picture.take_board(decode(received.payload, Board))
                else:
                    self._picture.take_tile(decode(received.payload, Tile))

    def shown(self) -> tuple[list[Any], go.Figure, go.Figure, go.Figure]:
        """Tiles, timeline, shares and power of all machines."""
        with self._lock:
            machines = [(name, one.values, one.strip.pieces, one.strip.end_ms, sorted(one.power.items()))
                        for name, one in sorted(self._picture.machines.items())]  # fmt: skip
        tiles = [
            html.Div(
                [html.B(name), html.Span(values["state"]), html.Span(values["cause"])],
                className="tile",
                **{"data-machine": name, "data-state": values["state"]},
            )
            for name, values, *_ in machines
        ]
        timeline = go.Figure()
        for number, state in enumerate(STATES):
            bars = [
                (name, start, (pieces[i + 1][0] if i + 1 < len(pieces) else end) - start)
                for name, _, pieces, end, _ in machines
                for i, (start, one) in enumerate(pieces)
                if one == number
            ]
            timeline.add_bar(
                y=[name for name, _, _ in bars], base=[start for _, start, _ in bars],
                x=[length for _, _, length in bars], orientation="h", name=state, marker_color=COLOURS[state],
            )  # fmt: skip
        timeline.update_layout(barmode="stack", xaxis_type="date", height=620)
        names = [name for name, *_ in machines]
        shares = go.Figure()
        for field in ("utilization", "uptime"):
            at = NUMBERS.index(field)
            shares.add_bar(x=names, y=[values["shift"][at] for _, values, *_ in machines], name=field)
        power = go.Figure()
        for name, _, _, _, minutes in machines:
            power.add_scatter(x=[at for at, _ in minutes], y=[kw for _, kw in minutes], name=name)
        power.update_layout(xaxis_type="date")
        return tiles, timeline, shares, power


def make(floor: Floor) -> Dash:
    """The application."""
    app = Dash(__name__, title="The usual way", update_title=None, assets_folder="nowhere", compress=True)  # type: ignore[arg-type]
    app.layout = html.Div(
        [
            html.Div(id="tiles"),
            *(
                dcc.Graph(id=name, config={"displayModeBar": False})
                for name in ("timeline", "shares", "power")
            ),
            dcc.Interval(id="second", interval=EVERY_MS),
        ]
    )

    @app.callback(
        Output("tiles", "children"),
        Output("timeline", "figure"),
        Output("shares", "figure"),
        Output("power", "figure"),
        Input("second", "n_intervals"),
    )
    def show(_: int | None) -> tuple[list[Any], go.Figure, go.Figure, go.Figure]:
        return floor.shown()

    return app


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page_polling", description=__doc__)
    parser.add_argument("--broker", required=True)
    parser.add_argument("--credentials", required=True, type=Path)
    parser.add_argument("--port", required=True, type=int)
    args = parser.parse_args()
    make_server(
        HOST, args.port, make(Floor(args.broker, args.credentials)).server, threaded=True
    ).serve_forever()


if __name__ == "__main__":
    main()
