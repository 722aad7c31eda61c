"""What a history answers at the API now, held against what its own version answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask
from flask.testing import FlaskClient

from dashboard.api.routes import api_routes
from dashboard.api.sources import Sources
from dashboard.history.answering import Answering
from dashboard.history.books import Books
from dashboard.history.extent import Survey
from dashboard.history.gain import GainReader
from dashboard.history.lost import LossBook
from dashboard.history.reader import Reader
from dashboard.live.channel import Channel
from dashboard.live.past import Past
from protocol.moments import to_text
from tests.api.asking import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.upgrades.stored import Stored

DEFINED_SINCE = {"1": ("parts",)}
"""By the version of the tables, what it did not give of several machines: the parts at all of them."""


def differences(version: Stored, url: str, window: tuple[int, int] | None = None) -> list[str]:
    """Where a history answers otherwise than its own version did, asked without a web server."""
    reader = Reader(url)
    client = _client(reader, url)
    try:
        return compared(version, lambda path: client.get(path).json, window)
    finally:
        reader.close()


def api_of(url: str) -> FlaskClient:
    """The API on a history, without a web server."""
    return _client(Reader(url), url)


def _client(reader: Reader, url: str) -> FlaskClient:
    told = settings(url)
    reader.books = Books(reader, told.basis)
    sources = Sources(
        runs=Answering(reader.runs),
        root=told.root,
        reader=reader,
        basis=told.basis,
        channel=Channel(address=told.address, root=told.root, past=Past(reader)),
        book=LossBook(reader=reader, basis=told.basis, reasons=told.reasons),
        gain=GainReader(reader, told.basis),
        survey=Survey(reader),
    )
    app = Flask(__name__)
    app.register_blueprint(api_routes(sources))
    return app.test_client()


def compared(version: Stored, ask: Callable[[str], Any], window: tuple[int, int] | None = None) -> list[str]:
    """Where answers are not what a version gave; there may be more in them, but nothing may be missing.

    Args:
        version: Whose answers they were.
        ask: Asks a path of the API.
        window: Only the numbers and states of this time: of what came before, the history knows nothing.
    """
    found = []
    for path, before in version.answers.items():
        if window is None or _is_about(path, window):
            new = () if "&machine=" in path else DEFINED_SINCE.get(version.schema, ())
            told = {key: value for key, value in before.items() if value is not None or key not in new}
            found += [f"{path} {wrong}" for wrong in _differing(told, ask(path), "")]
    return found


def _is_about(path: str, window: tuple[int, int]) -> bool:
    within = f"from={to_text(window[0])}&to={to_text(window[1])}"
    return within in path and path.startswith(("/api/kpis", "/api/intervals"))


def _differing(before: Any, now: Any, where: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for key, value in before.items():
            yield from _differing(value, now.get(key, "missing"), f"{where}.{key}")
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (one, other) in enumerate(zip(before, now, strict=True)):
            yield from _differing(one, other, f"{where}[{number}]")
    elif before != now:
        yield f"{where}: {str(before)[:90]!r} is now {str(now)[:90]!r}"
