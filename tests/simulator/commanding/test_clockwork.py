import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.moments import from_text, to_text
from simulator.commanding.clockwork import ShiftEnds, shift_ends, speed_in

BERLIN = shift_ends("06:00,14:00,22:00", "Europe/Berlin")


@pytest.mark.parametrize(
    ("at", "end"),
    [
        ("2026-01-05T05:00:00Z", "2026-01-05T13:00:00.000Z"),  # 6 in the morning in Berlin: the next one
        ("2026-01-05T04:59:59.999Z", "2026-01-05T05:00:00.000Z"),
        ("2026-01-05T22:00:00Z", "2026-01-06T05:00:00.000Z"),
        ("2026-03-28T21:30:00Z", "2026-03-29T04:00:00.000Z"),  # the night that is an hour shorter
        ("2026-10-24T20:30:00Z", "2026-10-25T05:00:00.000Z"),  # and the one that is an hour longer
    ],
)
def test_a_shift_ends_by_the_clock_on_the_wall(at: str, end: str) -> None:
    assert to_text(BERLIN.after_ms(from_text(at))) == end


@settings(derandomize=True, deadline=None)
@given(st.integers(from_text("2026-01-01T00:00:00Z"), from_text("2027-01-01T00:00:00Z")))
def test_the_end_of_a_shift_lies_ahead_and_within_nine_hours(at_ms: int) -> None:
    assert 0 < BERLIN.after_ms(at_ms) - at_ms <= 9 * 3_600_000


def test_one_end_a_day_is_enough() -> None:
    assert ShiftEnds(times=shift_ends("15:30", "UTC").times).after_ms(from_text("2026-01-05T15:30:00Z")) == (
        from_text("2026-01-06T15:30:00Z")
    )


@pytest.mark.parametrize(
    ("text", "zone", "piece"),
    [
        ("6 o'clock", "UTC", "such as 06:00,14:00,22:00"),
        ("", "UTC", "such as 06:00,14:00,22:00"),
        ("06:00Z", "UTC", "without a zone"),
        ("06:00", "Mars/Olympus", "'Mars/Olympus' is not allowed: a time zone such as Europe/Berlin"),
    ],
)
def test_what_is_no_end_of_a_shift_is_refused(text: str, zone: str, piece: str) -> None:
    with pytest.raises(ValueError, match=piece):
        shift_ends(text, zone)


def test_a_speed_is_a_number_or_max() -> None:
    assert [speed_in(text) for text in ("0.1", "7.5", "3600", "max")] == [0.1, 7.5, 3600.0, None]
    for text in ("0", "3601", "nan", "inf", "fast", "-1"):
        with pytest.raises(ValueError, match=r"a number from 0\.1 to 3600, or max"):
            speed_in(text)
