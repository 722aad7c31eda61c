"""What a calendar file may not say, and the one sentence that says so."""

from pathlib import Path

import pytest

from dashboard.calendar.file import CalendarError
from dashboard.calendar.places import Calendar

A = '[[shift]]\nname = "a"\nstarts = "06:00"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("zone = ", "not TOML"),
        ('zone = "UTC"', "no shift is given"),
        ("shift = 3", "key 'shift': allowed is one [[shift]] for each"),
        ("shift = []", "no shift is given"),
        ('zone = "Mars/Olympus"\n' + A, "key 'zone': 'Mars/Olympus' is no time zone: allowed is an IANA"),
        ('zone = "../etc"\n' + A, "is no time zone"),
        ("zone = 3\n" + A, "'3' is no time zone"),
        ('day_starts = "noon"\n' + A, "key 'day_starts': 'noon' is no time of day: allowed is a local time"),
        ("breaks = 3\n" + A, "unknown key 'breaks': allowed are zone, day_starts, shift, break, holiday"),
        (A + 'ending = "07:00"', "shift 1: unknown key 'ending': allowed are name, starts, ends, days"),
        ('[[shift]]\nname = "a"', "shift 1: key 'starts': nothing is no time of day"),
        ('[[shift]]\nname = "a"\nstarts = "25:00"', "'25:00' is no time of day: allowed is a local time"),
        ('[[shift]]\nname = "a"\nstarts = "06:00:30"', "is no time of day"),
        ('[[shift]]\nname = "a"\nstarts = 6', "'6' is no time of day"),
        ('[[shift]]\nname = "a"\nstarts = "06:00+01:00"', "is no time of day"),
        (A + 'ends = "24:00"', "shift 1: key 'ends': '24:00' is no time of day"),
        (
            A + 'days = ["monday"]',
            "shift 1: key 'days': ['monday'] is no list of days: allowed is one or more",
        ),
        (A + "days = []", "key 'days': [] is no list of days"),
        ('[[shift]]\nstarts = "06:00"', "shift 1: key 'name': None is no name"),
        ('[[shift]]\nname = " "\nstarts = "06:00"', "is no name"),
        (A + '[[shift]]\nname = "b"\nstarts = "06:00"', "shift 2: key 'starts': 06:00 is taken by 'a'"),
        (A + '[[shift]]\nname = "a"\nstarts = "07:00"', "shift 2: key 'name': 'a' is taken on mon, tue"),
        (
            A + 'ends = "15:00"\n[[shift]]\nname = "b"\nstarts = "14:00"',
            "shift 'b' starts on mon at 14:00, when 'a' lasts until 15:00: allowed is one shift at a time",
        ),
        (
            '[[shift]]\nname = "n"\nstarts = "22:00"\nends = "07:00"\ndays = ["sun"]\n'
            + A.replace('"06:00"', '"06:00"\ndays = ["mon"]'),
            "shift 'a' starts on mon at 06:00, when 'n' lasts until 07:00",
        ),
        (A + '[[break]]\nname = "x"\nstarts = "06:00"', "break 1: key 'ends': nothing is no time of day"),
        (
            A + '[[break]]\nname = "x"\nstarts = "06:00"\nends = "06:00"',
            "break 1: key 'ends': '06:00' is its start: allowed is another time",
        ),
        (
            A + '[[break]]\nname = "x"\nstarts = "06:00"\nends = "06:10"\nshift = "b"',
            "break: key 'shift': 'b' is no shift here: allowed are a",
        ),
        (A + '[[holiday]]\ndate = "soon"\nname = "x"', "holiday 1: key 'date': 'soon' is no date"),
        (A + '[[holiday]]\nname = "x"', "holiday 1: key 'date': nothing is no date"),
        (A + "[[holiday]]\ndate = 2026-01-01T00:00:00\nname = 'x'", "is no date"),
        (A + '[[holiday]]\ndate = "2026-01-01"', "holiday 1: key 'name': None is no name"),
        (
            A + '[[holiday]]\ndate = "2026-01-01"\nname = "x"\n[[holiday]]\ndate = 2026-01-01\nname = "y"',
            "holiday 2: key 'date': 2026-01-01 is given twice: allowed is one holiday a day",
        ),
        (A + '[[override]]\ndate = "2026-01-01"', "override 1: key 'shifts': nothing is no list"),
        (A + '[[override]]\ndate = "2026-01-01"\nshifts = ["b"]', "'b' is no shift here: allowed are a"),
        (A + '[[override]]\ndate = "2026-01-01"\nshifts = ["a", "a"]', "allowed is each shift once"),
        (A + '[[maintenance]]\nname = "x"', "maintenance 1: key 'starts': nothing is no time of day"),
        (
            A + '[[maintenance]]\nname = "x"\nfrom = "2026-01-01 06:00"',
            "maintenance 1: key 'to': nothing is no moment: allowed is a local date and time",
        ),
        (A + '[[maintenance]]\nname = "x"\nfrom = "2026-01-01"\nto = "2026-01-02"', "is no moment"),
        (
            A + "[[maintenance]]\nname = 'x'\nfrom = 2026-01-01T06:00:00Z\nto = 2026-01-01T07:00:00",
            "key 'from': '2026-01-01 06:00:00+00:00' is no moment",
        ),
        (
            A + "[[maintenance]]\nname = 'x'\nfrom = 2026-01-01T06:00:00\nto = 2026-01-01T06:00:00",
            "key 'to': '2026-01-01 06:00:00' is no end: allowed is a moment after 2026-01-01 06:00:00",
        ),
        (
            A + "[[maintenance]]\nname = 'x'\nfrom = 2026-01-01T06:00:00\nends = '06:00'",
            "maintenance 1, which happens once: unknown key 'ends': allowed are name, from, to",
        ),
        (A.replace("[[", "line = 3\n[["), "key 'line': allowed is [line.\"name\"] with lists of its own"),
        (A + '[machine."m"]\nzone = "UTC"', "machine \"m\": unknown key 'zone': allowed are shift, break"),
        (A + '[[machine."m".break]]\nname = "x"', "machine \"m\": break 1: key 'starts': nothing is no time"),
        (
            A
            + '[[break]]\nname = "x"\nstarts = "06:00"\nends = "06:10"\nshift = "a"\n'
            + '[[line."l".shift]]\nname = "b"\nstarts = "06:00"',
            "line \"l\": break: key 'shift': 'a' is no shift here: allowed are b, or a list of its own",
        ),
    ],
)
def test_a_bad_calendar_is_refused_with_key_value_and_what_is_allowed(text: str, words: str) -> None:
    with pytest.raises(CalendarError) as refused:
        Calendar.of(text, "plant.toml")

    assert words in str(refused.value)
    assert str(refused.value).startswith("plant.toml: ")


def test_a_calendar_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match=r"missing\.toml: cannot be read"):
        Calendar.read(tmp_path / "missing.toml")
