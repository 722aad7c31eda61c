from datetime import UTC, datetime

import pytest

from protocol.messages import Birth, Clock, MessageError, Tick, decode, encode
from protocol.moments import from_text, to_text

AT = datetime(2026, 1, 5, 6, tzinfo=UTC)


def test_a_message_comes_back_as_it_was_sent() -> None:
    clock = Clock(run="a1b2", epoch=AT, at=AT, wall=AT, speed=None, catching_up_to=AT)

    assert decode(encode(clock), Clock) == clock


def test_a_field_that_was_added_later_is_ignored() -> None:
    assert (
        decode(b'{"v": 1.1, "run": "a1b2", "at": "2026-01-05T06:00:00Z", "mood": "calm"}', Tick).run == "a1b2"
    )


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b'{"run": "a1b2"}',
        b'{"run": 3, "at": "2026-01-05T06:00:00Z"}',
        b'{"run": "a", "at": "now"}',
        b'{"run": "a", "at": "2026-01-05T06:00:00"}',
    ],
)
def test_a_bad_message_is_refused_by_its_name(payload: bytes) -> None:
    with pytest.raises(MessageError, match="not a tick"):
        decode(payload, Tick)


def test_a_birth_without_a_period_is_sampled_once_a_second() -> None:
    assert decode(b'{"at": "2026-01-05T06:00:00Z"}', Birth).period_ms == 1_000


def test_moments_keep_their_milliseconds_through_text() -> None:
    assert to_text(from_text("2026-03-29T01:59:59.999+01:00")) == "2026-03-29T00:59:59.999Z"


@pytest.mark.parametrize(
    "fields",
    [
        b'"kind": "' + b"k" * 129 + b'"',
        b'"signals": {' + b",".join(b'"s%d": {}' % number for number in range(65)) + b"}",
        b'"kind": "mill"' + b" " * (1 << 18),
        b'"period_ms": 0',
        b'"ideal_cycle_s": -1',
    ],
)
def test_a_birth_beyond_its_bounds_is_refused(fields: bytes) -> None:
    with pytest.raises(MessageError, match="birth"):
        decode(b'{"at": "2026-01-05T06:00:00Z", ' + fields + b"}", Birth)
