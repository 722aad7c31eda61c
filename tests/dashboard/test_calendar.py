"""What a calendar says, example by example."""

import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboard.calendar.places import Calendar
from dashboard.calendar.schedule import Schedule, Shift, SpanKind
from protocol.moments import from_text, to_ms
from tests.dashboard.letters import DAY_MS, HOUR_MS

MINUTE_MS = 60_000
PROJECT = Path(__file__).parents[2]

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
WEEKDAYS = """
zone = "Europe/Berlin"
[[shift]]
name = "early"
starts = "06:00"
ends = "14:00"
days = ["mon", "tue", "wed", "thu", "fri"]
[[shift]]
name = "night"
starts = "22:00"
ends = "06:00"
days = ["mon", "tue", "wed", "thu", "fri"]
"""
"""Early and night from Monday to Friday; nobody works in the afternoon."""


def three(zone: str) -> Schedule:
    return Calendar.of(THREE.format(zone=zone)).site


def weekdays(more: str = "") -> Schedule:
    return Calendar.of(WEEKDAYS + more).site


def local(zone: str, text: str) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def berlin(text: str) -> int:
    return local("Europe/Berlin", text)


def shift_at(schedule: Schedule, at_ms: int) -> Shift:
    shift = schedule.shift_at(at_ms)
    assert shift is not None
    return shift


def said(schedule: Schedule, begun: str, ended: str) -> list[tuple[str, str, str]]:
    """Each span in Berlin as (kind, name, local end)."""
    zone = ZoneInfo("Europe/Berlin")
    return [
        (span.kind.value, span.name, f"{datetime.fromtimestamp(span.to_ms / 1_000, zone):%a %H:%M}")
        for span in schedule.spans(berlin(begun), berlin(ended))
    ]


def test_the_demo_works_round_the_clock_in_three_shifts() -> None:
    calendar = Calendar.read()

    shift = shift_at(calendar.site, from_text("2026-01-05T07:30:00Z"))

    assert shift.name == "early"
    assert shift.from_ms == from_text("2026-01-05T06:00:00Z")
    assert shift.to_ms == from_text("2026-01-05T14:00:00Z")
    assert shift.day == date(2026, 1, 5)
    assert calendar.zone == "UTC"
    assert calendar.schedule("machining", "mill-1") is calendar.site


def test_a_calendar_is_known_by_its_text() -> None:
    one, same, other = (Calendar.of(THREE.format(zone=zone)) for zone in ("UTC", "UTC", "Asia/Kolkata"))

    assert one.digest == same.digest != other.digest
    assert re.fullmatch("[0-9a-f]{64}", one.digest)


def test_a_shift_begins_at_its_start_and_the_one_before_ends_there() -> None:
    site = Calendar.read().site
    start = from_text("2026-01-05T14:00:00Z")

    assert shift_at(site, start).name == "late"
    assert shift_at(site, start - 1).name == "early"
    assert site.before(shift_at(site, start)) == site.shift_at(start - 1)


def test_a_night_shift_belongs_whole_to_the_day_of_its_evening() -> None:
    site = Calendar.read().site

    shift = shift_at(site, from_text("2026-01-05T03:00:00Z"))
    days = site.days(shift.from_ms, shift.to_ms)

    assert (shift.name, shift.from_ms) == ("night", from_text("2026-01-04T22:00:00Z"))
    assert shift.day == date(2026, 1, 4)
    assert [day.date for day in days] == [date(2026, 1, 4)]


NIGHTS = [
    ("America/New_York", "2026-03-07", 7),
    ("America/New_York", "2026-10-31", 9),
    ("Europe/Berlin", "2026-03-28", 7),
    ("Europe/Berlin", "2026-10-24", 9),
    ("Europe/Berlin", "2026-06-24", 8),
]


@pytest.mark.parametrize(("zone", "evening", "hours"), NIGHTS)
def test_a_night_shift_lasts_seven_or_nine_hours_when_the_clocks_change(
    zone: str, evening: str, hours: int
) -> None:
    # G35.
    site = three(zone)
    night = shift_at(site, local(zone, f"{evening}T23:00"))

    assert night.name == "night"
    assert night.day == date.fromisoformat(evening)
    assert night.to_ms - night.from_ms == hours * HOUR_MS
    assert night in site.shifts(night.from_ms, night.to_ms)
    assert site.planned(night.from_ms, night.to_ms) == [(night.from_ms, night.to_ms)]
    assert len(site.hours(night.from_ms, night.to_ms)) == hours


@pytest.mark.parametrize(("zone", "evening", "hours"), NIGHTS)
def test_the_production_day_with_that_night_has_23_or_25_hours(zone: str, evening: str, hours: int) -> None:
    site = three(zone)

    (day,) = site.days(local(zone, f"{evening}T06:00"), local(zone, f"{evening}T06:00") + 1)

    assert day.date == date.fromisoformat(evening)
    assert day.to_ms - day.from_ms == (16 + hours) * HOUR_MS
    assert [shift.name for shift in site.shifts(day.from_ms, day.to_ms)] == ["early", "late", "night"]


def test_the_local_day_on_which_the_clocks_go_forward_has_23_hours() -> None:
    # G35.
    begin, end = berlin("2026-03-29T00:00"), berlin("2026-03-30T00:00")
    midnight = Calendar.of('day_starts = "00:00"\n' + THREE.format(zone="Europe/Berlin")).site

    planned = sum(to - begun for begun, to in three("Europe/Berlin").planned(begin, end))
    days = midnight.days(begin, end)

    assert planned == 23 * HOUR_MS
    assert [(day.date, day.from_ms, day.to_ms) for day in days] == [(date(2026, 3, 29), begin, end)]
    assert len(midnight.hours(begin, end)) == 23


def test_a_day_that_starts_after_noon_is_named_after_the_date_with_most_of_it() -> None:
    site = Calendar.of('day_starts = "22:00"\n' + THREE.format(zone="Europe/Berlin")).site

    shifts = site.shifts(berlin("2026-01-04T22:00"), berlin("2026-01-05T22:00"))
    days = site.days(berlin("2026-01-04T22:00"), berlin("2026-01-05T22:00"))

    assert [(shift.name, shift.day.day) for shift in shifts] == [("night", 5), ("early", 5), ("late", 5)]
    assert [(day.date.day, day.from_ms) for day in days] == [(5, berlin("2026-01-04T22:00"))]


def test_a_start_that_the_clock_skips_is_where_it_jumps() -> None:
    site = Calendar.of('zone = "Europe/Berlin"\n[[shift]]\nname = "a"\nstarts = "02:30"').site

    shift = shift_at(site, berlin("2026-03-29T12:00"))

    assert shift.from_ms == from_text("2026-03-29T01:00:00Z")


def test_of_two_shifts_that_start_where_the_clock_jumps_only_the_last_has_any_time() -> None:
    site = Calendar.of(
        'zone = "Europe/Berlin"\n[[shift]]\nname = "a"\nstarts = "02:10"\n'
        '[[shift]]\nname = "b"\nstarts = "02:50"'
    ).site

    jump = from_text("2026-03-29T01:00:00Z")

    assert shift_at(site, jump).name == "b"
    assert shift_at(site, jump - 1).name == "b"


def test_a_start_that_comes_twice_is_the_first() -> None:
    site = Calendar.of('zone = "Europe/Berlin"\n[[shift]]\nname = "a"\nstarts = "02:30"').site

    shift = shift_at(site, berlin("2026-10-25T12:00"))

    assert shift.from_ms == from_text("2026-10-25T00:30:00Z")


def test_an_hour_that_is_cut_to_half_by_the_clocks_is_half_an_hour() -> None:
    site = three("Australia/Lord_Howe")
    begin = local("Australia/Lord_Howe", "2026-10-04T01:00")

    hours = site.hours(begin, begin + 2 * HOUR_MS)

    # At 02:00 the clocks go to 02:30.
    assert [to_ms - from_ms for from_ms, to_ms in hours] == [HOUR_MS, HOUR_MS // 2, HOUR_MS]


def test_a_date_that_a_zone_left_out_has_no_day() -> None:
    site = Calendar.of('zone = "Pacific/Apia"\n[[shift]]\nname = "a"\nstarts = "00:00"').site

    days = site.days(from_text("2011-12-29T12:00:00Z"), from_text("2011-12-31T12:00:00Z"))

    assert [day.date for day in days] == [date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1)]


def test_a_single_shift_lasts_a_day() -> None:
    site = Calendar.of('[[shift]]\nname = "all"\nstarts = "00:00"').site
    shift = shift_at(site, from_text("2026-01-05T03:00:00Z"))

    assert shift.to_ms - shift.from_ms == DAY_MS


def test_a_shift_without_an_end_lasts_until_the_next_start_on_one_of_its_days() -> None:
    site = Calendar.of(
        '[[shift]]\nname = "early"\nstarts = "06:00"\ndays = ["mon", "tue"]\n'
        '[[shift]]\nname = "late"\nstarts = "14:00"\nends = "22:00"\ndays = ["mon"]\n'
        '[[shift]]\nname = "weekend"\nstarts = "08:00"\nends = "12:00"\ndays = ["sat"]'
    ).site

    tuesday = shift_at(site, from_text("2026-01-06T12:00:00Z"))

    assert (tuesday.name, tuesday.to_ms) == ("early", from_text("2026-01-06T14:00:00Z"))


def test_an_empty_window_is_planned_for_nothing() -> None:
    site = Calendar.read().site

    for answer in (site.spans, site.planned, site.shifts, site.days, site.hours):
        assert answer(10, 10) == answer(10, 9) == []


def test_time_without_a_shift_is_off_and_the_last_shift_is_remembered() -> None:
    site = weekdays()
    sunday = berlin("2026-01-11T12:00")

    assert said(site, "2026-01-09T05:00", "2026-01-12T07:00") == [
        ("shift", "night", "Fri 06:00"),
        ("shift", "early", "Fri 14:00"),
        ("off", "", "Fri 22:00"),
        ("shift", "night", "Sat 06:00"),
        ("off", "", "Mon 06:00"),
        ("shift", "early", "Mon 07:00"),
    ]
    assert site.shift_at(sunday) is None
    latest = site.latest_shift(sunday)
    assert latest is not None
    assert (latest.name, latest.day) == ("night", date(2026, 1, 9))
    assert site.before(latest) == site.shift_at(berlin("2026-01-09T06:00"))


def test_a_holiday_takes_all_shifts_of_its_production_day_and_leaves_the_night_before() -> None:
    site = weekdays('[[holiday]]\ndate = 2026-01-06\nname = "Epiphany"')

    assert said(site, "2026-01-06T00:00", "2026-01-07T07:00") == [
        ("shift", "night", "Tue 06:00"),
        ("holiday", "Epiphany", "Wed 06:00"),
        ("shift", "early", "Wed 07:00"),
    ]


def test_an_override_adds_a_saturday_shift_and_takes_a_shift_away() -> None:
    site = weekdays(
        '[[override]]\ndate = "2026-01-10"\nshifts = ["early"]\n'
        '[[override]]\ndate = "2026-01-08"\nshifts = ["night"]\n'
        '[[override]]\ndate = "2026-01-07"\nshifts = []\n'
    )

    names = [
        (f"{shift.day:%a}", shift.name)
        for shift in site.shifts(berlin("2026-01-07T06:00"), berlin("2026-01-12T06:00"))
    ]

    assert names == [("Thu", "night"), ("Fri", "early"), ("Fri", "night"), ("Sat", "early")]


def test_an_override_wins_over_a_holiday() -> None:
    site = weekdays(
        '[[holiday]]\ndate = "2026-01-06"\nname = "Epiphany"\n'
        '[[override]]\ndate = "2026-01-06"\nshifts = ["early"]'
    )

    assert said(site, "2026-01-06T06:00", "2026-01-07T06:00") == [
        ("shift", "early", "Tue 14:00"),
        ("holiday", "Epiphany", "Wed 06:00"),
    ]


def test_of_a_name_with_different_hours_an_override_takes_those_of_the_day() -> None:
    site = Calendar.of(
        '[[shift]]\nname = "early"\nstarts = "06:00"\nends = "14:00"\ndays = ["mon"]\n'
        '[[shift]]\nname = "early"\nstarts = "06:00"\nends = "12:00"\ndays = ["fri"]\n'
        '[[override]]\ndate = "2026-01-09"\nshifts = ["early"]\n'
        '[[override]]\ndate = "2026-01-10"\nshifts = ["early"]\n'
    ).site

    friday, saturday = site.shifts(from_text("2026-01-09T00:00:00Z"), from_text("2026-01-11T00:00:00Z"))

    assert friday.to_ms - friday.from_ms == 6 * HOUR_MS
    assert saturday.to_ms - saturday.from_ms == 8 * HOUR_MS


def test_an_extra_shift_that_begins_early_ends_the_one_ahead() -> None:
    site = Calendar.of(
        '[[shift]]\nname = "night"\nstarts = "22:00"\nends = "06:00"\ndays = ["thu"]\n'
        '[[shift]]\nname = "extra"\nstarts = "05:00"\nends = "10:00"\ndays = ["sun"]\n'
        '[[override]]\ndate = "2026-01-09"\nshifts = ["extra"]\n'
    ).site

    night, extra = site.shifts(from_text("2026-01-08T12:00:00Z"), from_text("2026-01-09T12:00:00Z"))

    assert (night.name, extra.name) == ("night", "extra")
    assert night.to_ms == extra.from_ms == from_text("2026-01-09T05:00:00Z")


def test_a_break_is_taken_out_of_its_shift_after_midnight_too() -> None:
    site = weekdays(
        '[[break]]\nname = "meal"\nstarts = "02:00"\nends = "02:30"\nshift = "night"\n'
        '[[break]]\nname = "coffee"\nstarts = "09:00"\nends = "09:15"\ndays = ["tue"]\n'
    )

    assert said(site, "2026-01-05T22:00", "2026-01-06T22:00") == [
        ("shift", "night", "Tue 02:00"),
        ("break", "meal", "Tue 02:30"),
        ("shift", "night", "Tue 06:00"),
        ("shift", "early", "Tue 09:00"),
        ("break", "coffee", "Tue 09:15"),
        ("shift", "early", "Tue 14:00"),
        ("off", "", "Tue 22:00"),
    ]
    # Saturday's night is Friday's shift, which has its meal; Wednesday has no coffee.
    assert ("break", "meal", "Sat 02:30") in said(site, "2026-01-10T00:00", "2026-01-10T06:00")
    assert said(site, "2026-01-07T06:00", "2026-01-07T14:00") == [("shift", "early", "Wed 14:00")]


def test_a_break_that_begins_in_one_shift_goes_on_in_the_next() -> None:
    site = Calendar.of(
        THREE.format(zone="Europe/Berlin") + '[[break]]\nname = "talk"\nstarts = "13:50"\nends = "14:10"'
    ).site

    assert said(site, "2026-01-05T13:00", "2026-01-05T15:00") == [
        ("shift", "early", "Mon 13:50"),
        ("break", "talk", "Mon 14:10"),
        ("shift", "late", "Mon 15:00"),
    ]


def test_maintenance_wins_over_a_break_and_counts_within_shifts_alone() -> None:
    site = weekdays(
        '[[break]]\nname = "meal"\nstarts = "10:00"\nends = "10:30"\n'
        '[[maintenance]]\nname = "service"\nfrom = 2026-01-05T10:15:00\nto = "2026-01-05 23:00:30"\n'
        '[[maintenance]]\nname = "oil"\nstarts = "06:00"\nends = "06:20"\ndays = ["tue"]'
    )

    assert said(site, "2026-01-05T09:00", "2026-01-06T07:00") == [
        ("shift", "early", "Mon 10:00"),
        ("break", "meal", "Mon 10:15"),
        ("maintenance", "service", "Mon 14:00"),
        ("off", "", "Mon 22:00"),
        ("maintenance", "service", "Mon 23:00"),
        ("shift", "night", "Tue 06:00"),
        ("maintenance", "oil", "Tue 06:20"),
        ("shift", "early", "Tue 07:00"),
    ]
    night = site.planned(berlin("2026-01-05T22:00"), berlin("2026-01-06T06:00"))
    assert night == [(berlin("2026-01-05T23:00:30"), berlin("2026-01-06T06:00"))]


def test_planned_time_of_several_kinds_is_joined_where_it_touches() -> None:
    site = weekdays('[[break]]\nname = "meal"\nstarts = "10:00"\nends = "10:30"')
    begin, end = berlin("2026-01-05T06:00"), berlin("2026-01-05T14:00")

    assert site.planned(begin, end) == [
        (begin, begin + 4 * HOUR_MS),
        (begin + 4 * HOUR_MS + 30 * MINUTE_MS, end),
    ]
    assert site.planned(begin, end, (SpanKind.SHIFT, "break")) == [(begin, end)]


PLACES = (
    WEEKDAYS
    + """
[[break]]
name = "meal"
starts = "10:00"
ends = "10:30"
[line."north"]
break = []
[[line."machining".shift]]
name = "day"
starts = "08:00"
ends = "16:00"
[[line."south/machining".shift]]
name = "south"
starts = "09:00"
ends = "17:00"
[[machine."mill-1".break]]
name = "tea"
starts = "15:00"
ends = "15:15"
[machine."oven"]
shift = []
"""
)


@pytest.mark.parametrize(
    ("path", "machine", "shift", "breaks"),
    [
        ("", "press-1", "early", ["meal"]),
        ("packing", "press-1", "early", ["meal"]),
        ("north/packing", "press-1", "early", []),
        ("north/machining", "mill-2", "day", []),
        ("south/machining", "mill-2", "south", ["meal"]),
        ("south/machining/cell-1", "mill-2", "south", ["meal"]),
        ("north/machining", "mill-1", "day", ["tea"]),
    ],
)
def test_a_list_of_a_machine_or_a_line_takes_the_place_of_the_wider_one(
    path: str, machine: str, shift: str, breaks: list[str]
) -> None:
    schedule = Calendar.of(PLACES).schedule(path, machine)

    spans = schedule.spans(berlin("2026-01-05T06:00"), berlin("2026-01-05T20:00"))

    assert {span.name for span in spans if span.kind is SpanKind.SHIFT} == {shift}
    assert [span.name for span in spans if span.kind is SpanKind.BREAK] == breaks


def test_a_machine_may_have_no_shift_at_all() -> None:
    oven = Calendar.of(PLACES).schedule("north", "oven")

    assert oven.latest_shift(berlin("2026-01-05T12:00")) is None
    assert oven.planned(berlin("2026-01-05T00:00"), berlin("2026-01-12T00:00")) == []


def test_the_calendar_that_the_page_about_it_shows_is_one() -> None:
    page = (PROJECT / "docs" / "calendar.md").read_text(encoding="utf-8")
    text = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert text is not None

    calendar = Calendar.of(text.group(1))

    assert [shift.name for shift in calendar.site.shifts(berlin("2026-12-19T00:00"), berlin("2026-12-21T00:00"))] == ["early"]  # fmt: skip  # noqa: E501
    assert calendar.site.planned(berlin("2026-12-25T06:00"), berlin("2026-12-26T06:00")) == []
