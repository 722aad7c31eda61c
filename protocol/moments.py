"""Moments: int64 milliseconds since 1970-01-01 UTC inside, ISO 8601 text and aware datetimes at the edges."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

EARLIEST_MS = 946_684_800_000
"""2000-01-01. A machine that says an earlier moment has lost its clock."""
LATEST_MS = 4_102_444_800_000
"""2100-01-01. A later moment is no moment of a plant."""


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime, rounded down.

    Raises:
        ValueError: The datetime has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone: write it with one, e.g. {at.isoformat()}Z")
    return (at - EPOCH) // MILLISECOND


def from_ms(at_ms: int) -> datetime:
    """The aware datetime, in UTC, of milliseconds since 1970.

    >>> from_ms(1_500).isoformat()
    '1970-01-01T00:00:01.500000+00:00'
    """
    return EPOCH + timedelta(milliseconds=at_ms)


def to_text(at_ms: int) -> str:
    """ISO 8601 text with milliseconds, in UTC.

    >>> to_text(1_500)
    '1970-01-01T00:00:01.500Z'
    """
    return from_ms(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> int:
    """Milliseconds since 1970 of ISO 8601 text that carries its time zone.

    >>> from_text("1970-01-01T01:00:01.500+01:00")
    1500

    Raises:
        ValueError: It is no ISO 8601 moment, or it has no time zone.
    """
    return to_ms(datetime.fromisoformat(text))
