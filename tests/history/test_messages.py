"""The messages of a machine about a span or a moment, however long each tells of."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.history.heard import speaking_at
from dashboard.history.reader import Reader
from dashboard.history.store import Store, Writes, pack
from protocol.readings import MAX_SPAN_MS

AT_MS = 1_767_592_800_000
DAY_MS = MAX_SPAN_MS


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """A history with two messages: one of a whole day, and an hour after its end one of a minute."""
    store = Store(f"sqlite:///{tmp_path / 'history.db'}")
    key = {"run": "", "machine": "my-press", "wall_ms": AT_MS}
    told = {
        b"day": (AT_MS, AT_MS + DAY_MS),
        b"minute": (AT_MS + DAY_MS + 3_600_000, AT_MS + DAY_MS + 3_660_000),
    }
    store.write(
        Writes(
            readings=[
                {
                    **key,
                    "from_ms": from_ms,
                    "to_ms": to_ms,
                    "at_ms": from_ms,
                    "digest": payload.hex(),
                    "payload": pack(payload),
                }
                for payload, (from_ms, to_ms) in told.items()
            ]
        )
    )
    store.close()
    reader = Reader(store.url)
    yield reader
    reader.close()


@pytest.mark.parametrize(
    ("at_ms", "said"),
    [
        (AT_MS - 1, []),
        (AT_MS, [b"day"]),
        (AT_MS + DAY_MS, [b"day"]),
        (AT_MS + DAY_MS + 1, [b"day"]),
        (AT_MS + DAY_MS + 3_600_000, [b"minute"]),
        (AT_MS + 9 * DAY_MS, [b"minute"]),
    ],
)
def test_who_speaks_at_a_moment_or_spoke_last_before_it(
    reader: Reader, at_ms: int, said: list[bytes]
) -> None:
    assert [one.payload for one in speaking_at(reader, "", "my-press", at_ms, 10)] == said


@pytest.mark.parametrize(
    ("from_ms", "to_ms", "said"),
    [
        (AT_MS + DAY_MS, AT_MS + DAY_MS + 1, [b"day"]),
        (AT_MS + DAY_MS + 1, AT_MS + 2 * DAY_MS, [b"minute"]),
        (AT_MS, AT_MS + 2 * DAY_MS, [b"day", b"minute"]),
        (AT_MS - DAY_MS, AT_MS, []),
    ],
)
def test_the_messages_that_reach_into_a_span(
    reader: Reader, from_ms: int, to_ms: int, said: list[bytes]
) -> None:
    found = reader.messages("", "my-press", from_ms, to_ms, limit=10)

    assert found is not None
    assert [payload for _, payload in found] == said
