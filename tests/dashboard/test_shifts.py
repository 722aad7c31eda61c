"""Shifts begin by local time and last as long as the time between, whatever the clocks do."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.shifts import Shifts, ShiftsError
from protocol.moments import from_text, to_ms
from tests.dashboard.letters import DAY_MS, HOUR_MS, LAW

THREE = """
zone = "{zone}"
[[shift]]
name = "early"
starts = "06:00"
[[shift]]
name = "late"
starts = "14:00"
[[shift]]
name = "night"
starts = "22:00"
"""


def three(zone: str) -> Shifts:
    return Shifts.of(THREE.format(zone=zone))


def local(zone: str, text: str) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def test_the_demo_works_round_the_clock_in_three_shifts() -> None:
    shifts = Shifts.read()

    shift = shifts.shift_at(from_text("2026-01-05T07:30:00Z"))

    assert shift.name == "early"
    assert shift.from_ms == from_text("2026-01-05T06:00:00Z")
    assert shift.to_ms == from_text("2026-01-05T14:00:00Z")
    assert shifts.zone == "UTC"


def test_a_shift_begins_at_its_start_and_the_one_before_ends_there() -> None:
    shifts = Shifts.read()
    start = from_text("2026-01-05T14:00:00Z")

    assert shifts.shift_at(start).name == "late"
    assert shifts.shift_at(start - 1).name == "early"
    assert shifts.before(shifts.shift_at(start)) == shifts.shift_at(start - 1)


def test_after_midnight_it_is_still_the_night_shift_of_the_evening() -> None:
    shift = Shifts.read().shift_at(from_text("2026-01-05T03:00:00Z"))

    assert (shift.name, shift.from_ms) == ("night", from_text("2026-01-04T22:00:00Z"))


@pytest.mark.parametrize(
    ("zone", "evening", "hours"),
    [
        ("America/New_York", "2026-03-07T23:00", 7),
        ("America/New_York", "2026-10-31T23:00", 9),
        ("Europe/Berlin", "2026-03-28T23:00", 7),
        ("Europe/Berlin", "2026-10-24T23:00", 9),
        ("Europe/Berlin", "2026-06-24T23:00", 8),
    ],
)
def test_a_night_shift_lasts_seven_or_nine_hours_when_the_clocks_change(
    zone: str, evening: str, hours: int
) -> None:
    # G35.
    shift = three(zone).shift_at(local(zone, evening))

    assert shift.name == "night"
    assert shift.to_ms - shift.from_ms == hours * HOUR_MS


def test_the_local_day_on_which_the_clocks_go_forward_has_23_hours() -> None:
    # G35.
    shifts = three("Europe/Berlin")
    begin, end = local("Europe/Berlin", "2026-03-29T00:00"), local("Europe/Berlin", "2026-03-30T00:00")

    planned = sum(to - begun for begun, to in shifts.planned(begin, end))

    assert planned == 23 * HOUR_MS


def test_a_start_that_the_clock_skips_is_where_it_jumps() -> None:
    shifts = Shifts.of('zone = "Europe/Berlin"\n[[shift]]\nname = "a"\nstarts = "02:30"')

    shift = shifts.shift_at(local("Europe/Berlin", "2026-03-29T12:00"))

    assert shift.from_ms == from_text("2026-03-29T01:00:00Z")


def test_of_two_shifts_that_start_where_the_clock_jumps_only_the_last_has_any_time() -> None:
    shifts = Shifts.of(
        'zone = "Europe/Berlin"\n[[shift]]\nname = "a"\nstarts = "02:10"\n'
        '[[shift]]\nname = "b"\nstarts = "02:50"'
    )

    jump = from_text("2026-03-29T01:00:00Z")

    assert shifts.shift_at(jump).name == "b"
    assert shifts.shift_at(jump - 1).name == "b"


def test_a_start_that_comes_twice_is_the_first() -> None:
    shifts = Shifts.of('zone = "Europe/Berlin"\n[[shift]]\nname = "a"\nstarts = "02:30"')

    shift = shifts.shift_at(local("Europe/Berlin", "2026-10-25T12:00"))

    assert shift.from_ms == from_text("2026-10-25T00:30:00Z")


def test_a_single_shift_lasts_a_day() -> None:
    shift = Shifts.of('[[shift]]\nname = "all"\nstarts = "00:00"').shift_at(from_text("2026-01-05T03:00:00Z"))

    assert shift.to_ms - shift.from_ms == DAY_MS


def test_a_window_without_length_has_nothing_planned() -> None:
    assert Shifts.read().planned(10, 10) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("zone = ", "not TOML"),
        ('zone = "UTC"', "no shift is given"),
        ("shift = 3", "no shift is given"),
        ('zone = "Mars/Olympus"\n[[shift]]\nname = "a"\nstarts = "06:00"', "'Mars/Olympus' is no time zone"),
        ('zone = "../etc"\n[[shift]]\nname = "a"\nstarts = "06:00"', "is no time zone"),
        ('zone = 3\n[[shift]]\nname = "a"\nstarts = "06:00"', "'zone': 3 is no time zone"),
        (
            'breaks = 3\n[[shift]]\nname = "a"\nstarts = "06:00"',
            "unknown key 'breaks': allowed are zone, shift",
        ),
        ('[[shift]]\nname = "a"\nstarts = "06:00"\nends = "07:00"', "shift 1: unknown key 'ends'"),
        ('[[shift]]\nname = "a"', "shift 1: key 'starts'"),
        ('[[shift]]\nname = "a"\nstarts = "25:00"', "'25:00' is no start: allowed is a local time"),
        ('[[shift]]\nname = "a"\nstarts = "06:00:30"', "is no start"),
        ('[[shift]]\nname = "a"\nstarts = 6', "'6' is no start"),
        ('[[shift]]\nname = "a"\nstarts = "06:00+01:00"', "is no start"),
        ('[[shift]]\nstarts = "06:00"', "shift 1: key 'name': None is no name"),
        ('[[shift]]\nname = " "\nstarts = "06:00"', "is no name"),
        (
            '[[shift]]\nname = "a"\nstarts = "06:00"\n[[shift]]\nname = "b"\nstarts = "06:00"',
            "shift 2: key 'starts': 06:00 is taken by 'a'",
        ),
    ],
)
def test_bad_shifts_are_refused_with_key_value_and_what_is_allowed(text: str, words: str) -> None:
    with pytest.raises(ShiftsError) as refused:
        Shifts.of(text, "plant.toml")

    assert words in str(refused.value)
    assert str(refused.value).startswith("plant.toml: ")


ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo"]
)
MOMENTS = st.integers(from_text("2015-01-01T00:00:00Z"), from_text("2035-01-01T00:00:00Z"))


@LAW
@given(ZONES, MOMENTS)
def test_shifts_tile_time(zone: str, at_ms: int) -> None:
    shifts = three(zone)

    shift = shifts.shift_at(at_ms)

    before, after = shifts.before(shift), shifts.shift_at(shift.to_ms)
    assert shift.from_ms <= at_ms < shift.to_ms
    assert before.to_ms == shift.from_ms
    assert after.from_ms == shift.to_ms
    assert shifts.shift_at(shift.from_ms) == shift == shifts.shift_at(shift.to_ms - 1)
    assert 7 * HOUR_MS <= shift.to_ms - shift.from_ms <= 9 * HOUR_MS


@LAW
@given(ZONES, MOMENTS)
def test_a_shift_begins_by_the_clock_on_the_wall(zone: str, at_ms: int) -> None:
    shift = three(zone).shift_at(at_ms)

    wall = datetime.fromtimestamp(shift.from_ms / 1_000, ZoneInfo(zone))

    assert f"{wall:%H:%M}" == {"early": "06:00", "late": "14:00", "night": "22:00"}[shift.name]
