"""Who is missing: a machine of the plant whose birth is no longer retained when all of them have come."""

from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.ingest.office import Office

RETIRED_AFTER_TICKS = 2
"""Ticks after a connection by which every retained birth has come."""


class RollCall:
    """Retires the machines of an office that were taken away while nobody listened, once a connection.

    Args:
        office: The office.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._ticks: int | None = None
        """Ticks since the retained clock came on this connection; those before it the broker had kept."""
        self._waits = False

    def begin(self) -> None:
        """A new connection stands, on which the broker is about to say what it keeps."""
        self._ticks = None

    def hear_clock(self, *, retained: bool) -> None:
        """The plant's clock has come; if the broker had kept it, the births that it keeps come behind it."""
        if retained and self._ticks is None:
            self._ticks = 0

    @contextmanager
    def put_off(self) -> Iterator[None]:
        """Count no ticks meanwhile: they had waited for the clock, and came before those births."""
        self._waits = True
        yield
        self._waits = False

    def tick(self, wall_ms: int) -> None:
        """All of a span has come; once every birth that is retained has come, retire who is not there."""
        if self._ticks is None or self._waits:
            return
        self._ticks += 1
        if self._ticks == RETIRED_AFTER_TICKS:
            self._office.fleet.retire_unborn(wall_ms=wall_ms)
