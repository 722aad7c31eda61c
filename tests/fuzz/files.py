"""Every TOML file that a person may write, spoiled: each fault is one sentence that names the file."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from dashboard.calendar.file import CalendarError
from dashboard.calendar.places import Calendar
from dashboard.calls.rules import CallRules, CallsError
from dashboard.goals import Goals, GoalsError
from dashboard.ingest.topic_map import TopicMap, TopicsError
from dashboard.kpi.choices import Choices, ChoicesError
from dashboard.losses.reasons import Reasons, ReasonsError
from dashboard.sparkplug.metric_map import MetricMap
from dashboard.sparkplug.refusal import SparkplugError
from dashboard.states.rules import StateRules, StatesError
from dashboard.tour.fields import TourError
from dashboard.tour.scenario import Tour
from simulator.specs.assumptions import parse_assumptions
from simulator.specs.kind import kind_of, load_kinds
from simulator.specs.machine import parse_machine
from simulator.specs.people import persons_in
from simulator.specs.settings import SpecError, parse_toml, read_text
from tests.fuzz.hostile import NUMBERS, TEXTS
from tests.fuzz.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from simulator.specs.kind import Kind

PROJECT = Path(__file__).parents[2]
OFFICE, PLANT = PROJECT / "dashboard", PROJECT / "simulator"
MAP = """
[[device]]
topic = "devices/{machine}/power"
line = "hall/saws"
[device.signals]
power_kw = { factor = 0.001, offset = -0.5, path = "ENERGY.Power" }
[[device]]
topic = "zigbee/+/state"
machine = "saw-1"
signals.speed_rpm = { path = "axes.1.rpm" }
"""
METRICS = """
[[device]]
group = "devices"
node = "Line 1"
device = "Saw"
machine = "saw-1"
line = "hall/saws"
kind = "saw"
period_s = 15
ideal_cycle_s = 42.0
guess = false
parts = "Count"
rejects = "Bad"
cause = "Why"
signals.power_kw = { metric = "Drive/Power", factor = 0.001, offset = 0 }
signals.speed_rpm = "Drive/Speed"
state = { metric = "Status", words = { PRODUCING = "running", Halt = "down" } }
"""
CALENDAR = """
zone = "Europe/Berlin"
day_starts = "06:00"
shift = [
  { name = "early", starts = "06:00", ends = "14:00", days = ["mon", "tue"] },
  { name = "late", starts = "14:00" },
]
[[break]]
name = "lunch"
starts = "12:00"
ends = "12:30"
shift = "early"
[[holiday]]
date = "2026-12-25"
name = "Christmas"
[[maintenance]]
name = "oil"
days = ["fri"]
starts = "05:00"
ends = "05:30"
[[maintenance]]
name = "overhaul"
from = "2026-12-24 06:00"
to = "2026-12-24 08:00"
[[override]]
date = 2026-01-06
shifts = ["late"]
[machine."mill-1"]
break = []
[line.packing]
[[line.packing.shift]]
name = "day"
starts = 08:00:00
ends = "16:00"
"""
RULES = """
[stopped]
after_s = 300
[slow-cycle]
above = 1.3
clear = 1.2
[micro-stops]
count = 5
[webhook]
url = "https://example.org/calls"
when = ["raised", "closed"]
rules = ["stopped"]
timeout_s = 10
header = "Authorization"
secret = "env:CALLS_SECRET"
[kind.press.stopped]
after_s = 60
[line."packing".no-data]
[machine."mill-1".stopped]
after_s = 120
"""
STATES = 'hysteresis = 0.3\nleast_s = 5\n[line."saws"]\nleast_s = 20\n[machine."saw-1"]\nhysteresis = 0.5\n'
GOALS = 'utilization = 0.6\n[line."saws"]\nutilization = 0.4\n[machine."saw-1"]\nutilization = 0.5\n'
REASONS = """
[[reason]]
name = "jam"
loss = "breakdown"
[[reason]]
name = "lunch"
[[rule]]
reason = "lunch"
if = { state = ["idle", "down"], from = "12:00", to = "12:30", longer_than_s = 60, cause = "x" }
"""
MACHINES = (
    'kind = "cnc-mill"\nline = "machining"\ncycle_s = 90\nstops.tool-breakage.every_h = 2\n',
    'kind = "press"\nline = "hall/pressing"\nscrap = 0.02\n[signals.power_kw]\nnoise = 0.1\n',
)
VALUES = (
    "nan", "inf", "-inf", "-1", "0", "1e999", "-0.0", "1_000", "0x_1", "true", "[]", "{}", "[[]]",
    "[{}]", '[""]',
    "[1, 'a']", "{a = 1}", "1979-05-27", "0001-01-01", "9999-12-31", "07:32:00", "23:59:60",
    "1979-05-27T07:32:00Z",
    "0001-01-01T00:00:00", "9999-12-31T23:59:59", '"24:00"', '"0001-01-01"', '"9999-12-31"',
    '"../../etc/passwd"',
    '"9999-12-31 23:59"', '"0001-01-01 00:00"', '"Europe/../UTC"', '"localtime"', "''", "'''\n\n'''",
    "5e-324", "1e308",
    "9" * 30, "9" * 400, "9" * 5_000, "0.0000001", "2000", '"*"', '"running"', '["running"]', "'mill-1'",
)  # fmt: skip
WORDS = tuple(
    one for one in TEXTS if one.isprintable() and "'" not in one and '"' not in one and "\\" not in one
)
DEEP = ("[" * 20_000, "{a=" * 20_000, "a." * 20_000 + "a", "[" * 400 + "]" * 400)


def files() -> list[Target]:
    """What reads a file, each with true ones spoiled."""
    return [
        _file("calendar.toml", (CALENDAR, _text("calendar.toml")), _calendar, CalendarError),
        _file("calls.toml", (RULES, _text("calls.toml")), CallRules.of, CallsError),
        _file("goals.toml", (GOALS, _text("goals.toml")), Goals.of, GoalsError),
        _file("states.toml", (STATES, _text("states.toml")), StateRules.of, StatesError),
        _file("choices.toml", (_text("choices.toml"),), Choices.of, ChoicesError),
        _file("reasons.toml", (REASONS, _text("reasons.toml")), Reasons.of, ReasonsError),
        _file("topics.toml", (MAP,), TopicMap.of, TopicsError),
        _file("sparkplug.toml", (METRICS,), MetricMap.of, SparkplugError),
        _file("tour.toml", (_text("tour.toml"),), Tour.of, TourError, share=0.3),
        _file("mill-7.toml", MACHINES, _machine, SpecError),
        _file("cnc-mill.toml", _kind_texts(), _kind, SpecError, share=0.5),
        _file("people.toml", (read_text(PLANT / "people.toml"),), persons_in, SpecError),
        _file("assumptions.toml", (read_text(PLANT / "assumptions.toml"),), _assumptions, SpecError),
        Target(
            name="bytes of a file",
            inputs=st.binary(max_size=80),
            take=_from_disk,
            refusals=(TopicsError, SpecError),
        ),
    ]


def spoiled_toml(random: Random, text: str) -> str:
    """A TOML text with some of its values, keys and lines changed."""
    lines = text.splitlines()
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(lines)) if lines else 0
        what = random.randrange(9)
        if not lines or what == 0:
            lines.insert(
                at,
                random.choice(
                    (*DEEP, f"k = {random.choice(DEEP)}", "[a]", "[[shift]]", "\x00", "= 1", "a.b.c = 1")
                ),
            )
        elif what <= 4 and "=" in lines[at]:
            lines[at] = _other_value(random, lines[at])
        elif what == 5:
            del lines[at]
        elif what == 6:
            lines.insert(at, lines[random.randrange(len(lines))])
        elif what == 7 and "=" in lines[at]:
            lines[at] = f"'{random.choice(WORDS)}' = {lines[at].partition('=')[2]}"
        else:
            cut = random.randrange(len(lines[at]) + 1)
            lines[at] = (
                lines[at][:cut]
                + random.choice(("", "'", "]", "\x7f", "\u202e", "=", "{"))
                + lines[at][cut + 1 :]
            )
    return "\n".join(lines)


def _other_value(random: Random, line: str) -> str:
    """A line with one of its values changed, the last or one of those in braces."""
    parts = line.split("=")
    at = random.randrange(1, len(parts))
    value = random.choice((random.choice(VALUES), f"'{random.choice(WORDS)}'", repr(random.choice(NUMBERS))))
    rest = parts[at]
    ends = next((sign for sign in (",", "}") if sign in rest), None)
    tail = "" if ends is None or (at == len(parts) - 1 and ends == ",") else ends + rest.partition(ends)[2]
    parts[at] = f" {value}{tail}"
    return "=".join(parts)


def _file(
    name: str,
    true: Sequence[str],
    take: Callable[[str, str], object],
    refusal: type[Exception],
    share: float = 1.0,
) -> Target:
    def spoil(random: Random) -> str:
        return spoiled_toml(random, random.choice(true))

    return Target(
        name=name,
        inputs=st.randoms(use_true_random=True).map(spoil),
        take=lambda text: take(text, name),
        refusals=(refusal,),
        names=name,
        share=share,
    )


def _text(name: str) -> str:
    return (OFFICE / name).read_text(encoding="utf-8")


def _kind_texts() -> list[str]:
    return [read_text(file) for file in sorted((PLANT / "kinds").glob("*.toml"))]


@cache
def _kinds() -> dict[str, Kind]:
    return load_kinds(PLANT / "kinds")


def _calendar(text: str, source: str) -> None:
    """A calendar is only good if the years around can be laid out by it."""
    calendar = Calendar.of(text, source)
    for place in (("", ""), ("packing", "mill-1")):
        schedule = calendar.schedule(*place)
        schedule.shifts(0, 1)


def _machine(text: str, source: str) -> None:
    parse_machine(text, source, _kinds())


def _kind(text: str, source: str) -> None:
    kind_of("cnc-mill", parse_toml(text, source), source=source)


def _assumptions(text: str, source: str) -> None:
    parse_assumptions(text, None, source)


def _from_disk(content: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".toml") as file:
        file.write(content)
        file.flush()
        TopicMap.read(Path(file.name))
        parse_toml(read_text(Path(file.name)), Path(file.name).name)
