"""What a history answers at the API now, held against what its own version answered."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dashboard.app import BOOKS, make_app
from protocol.moments import to_text
from tests.api.asking import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.testing import FlaskClient

    from tests.upgrades.stored import Stored

DEFINED_SINCE = {"1": ("parts",)}
"""By the version of the tables, what it did not give of several machines: the parts at all of them."""


def differences(version: Stored, url: str, window: tuple[int, int] | None = None) -> list[str]:
    """Where a history answers otherwise than its own version did, asked without a web server."""
    with asking(url) as client:
        return compared(version, lambda path: client.get(path).json, window)


@contextmanager
def asking(url: str) -> Iterator[FlaskClient]:
    """A client of the application on a history, without a web server."""
    app, _ = make_app(settings(url))
    try:
        yield app.server.test_client()
    finally:
        app.server.extensions[BOOKS]._reader.close()


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
