"""Laws of the calendar on nights when the clocks change, and a model that asks minute by minute."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dashboard.calendar.file import CalendarError, contents
from dashboard.calendar.places import Calendar
from dashboard.calendar.rules import Maintenance, Rules, ShiftRule
from dashboard.calendar.schedule import Schedule, Span, SpanKind
from protocol.moments import from_ms, to_ms
from tests.dashboard.letters import DAY_MS, HOUR_MS

MINUTE_MS = 60_000
DAY = timedelta(days=1)
NOON = time(12)
LAW = settings(
    derandomize=True, deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow]
)
ZONES = (
    "UTC",
    "Asia/Kolkata",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # by half an hour
    "Africa/Cairo",  # at midnight
    "America/Santiago",  # at midnight, and in the other half of the year
)


def changes_of(zone: str) -> list[int]:
    """Every full hour of 2026 before which the clocks changed; somewhere in it where they never do."""
    tz = ZoneInfo(zone)
    hours = [to_ms(datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC"))) + hour * HOUR_MS for hour in range(365 * 24)]
    offsets = [from_ms(at_ms).astimezone(tz).utcoffset() for at_ms in hours]
    found = [hours[i] for i in range(1, len(hours)) if offsets[i] != offsets[i - 1]]
    return found or [hours[4_000]]


NIGHTS = [(zone, at_ms) for zone in ZONES for at_ms in changes_of(zone)]


def test_every_zone_that_changes_its_clocks_is_tried_on_both_nights() -> None:
    assert [zone for zone, _ in NIGHTS] == ["UTC", "Asia/Kolkata", *(z for z in ZONES[2:] for _ in range(2))]


@dataclass(frozen=True)
class Tried:
    """A calendar, and a window in which the clocks change."""

    text: str
    from_ms: int
    to_ms: int

    @property
    def site(self) -> Schedule:
        """What holds everywhere, nothing of it worked out yet."""
        return Calendar.of(self.text).site


CLOCK = st.one_of(
    st.integers(0, 12).map(lambda quarter: time(quarter // 4, quarter % 4 * 15)),  # where clocks change
    st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15)),
    st.sampled_from([time(23, 30), time(22), time(6), time(14)]),
)
DAYS = st.one_of(
    st.just(""),
    st.lists(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=3, unique=True).map(
        lambda days: f"days = {days}\n"
    ),
)


@st.composite
def tried(draw: st.DrawFn) -> Tried:
    """A calendar of any lists around a night on which the clocks change, and a window around it."""
    zone, change_ms = draw(st.sampled_from(NIGHTS))
    night = from_ms(change_ms).astimezone(ZoneInfo(zone)).date()
    near = st.integers(-2, 2).map(lambda days: night + days * DAY)
    lines = [f'zone = "{zone}"']
    if draw(st.booleans()):
        lines.append(f'day_starts = "{draw(CLOCK):%H:%M}"')
    starts = sorted(draw(st.sets(CLOCK, min_size=1, max_size=4)))
    every = draw(DAYS)
    for number, at in enumerate(starts):
        lines.append(f'[[shift]]\nname = "shift-{number}"\nstarts = "{at:%H:%M}"\n{every}')
        if draw(st.booleans()):
            # Not after the next one starts.
            until = starts[(number + 1) % len(starts)]
            room = (until.hour * 60 + until.minute - at.hour * 60 - at.minute - 1) % 1_440 + 1
            ends = (at.hour * 60 + at.minute + draw(st.integers(1, room // 15)) * 15) % 1_440
            lines.append(f'ends = "{ends // 60:02}:{ends % 60:02}"')
    names = [f"shift-{number}" for number in range(len(starts))]
    for number in range(draw(st.integers(0, 3))):
        begun, ended = draw(CLOCK), draw(CLOCK)
        assume(begun != ended)
        lines.append(f'[[break]]\nname = "break-{number}"\nstarts = "{begun:%H:%M}"\nends = "{ended:%H:%M}"')
        lines.append(draw(DAYS))
        if draw(st.booleans()):
            lines.append(f'shift = "{draw(st.sampled_from(names))}"')
    lines += [f'[[holiday]]\ndate = {day}\nname = "holiday"' for day in draw(st.sets(near, max_size=2))]
    for day in draw(st.sets(near, max_size=2)):
        lines.append(
            f"[[override]]\ndate = {day}\nshifts = {draw(st.lists(st.sampled_from(names), unique=True))}"
        )
    if draw(st.booleans()):
        first, last = (datetime.combine(draw(near), draw(CLOCK)) for _ in range(2))
        assume(first < last)
        lines.append(f'[[maintenance]]\nname = "once"\nfrom = {first.isoformat()}\nto = {last.isoformat()}')
    if draw(st.booleans()):
        begun, ended = draw(CLOCK), draw(CLOCK)
        assume(begun != ended)
        lines.append(f'[[maintenance]]\nname = "weekly"\nstarts = "{begun:%H:%M}"\nends = "{ended:%H:%M}"')
        lines.append(draw(DAYS))
    begin_ms = change_ms + draw(st.integers(-30 * 60, 20 * 60)) * MINUTE_MS
    return Tried("\n".join(lines), begin_ms, begin_ms + draw(st.integers(1, 30 * 60)) * MINUTE_MS)


class Model:
    """The calendar asked at one moment, slowly and by nothing but what the clock on the wall shows.

    What counts is the latest that the clock has ever shown: while an hour comes for the second time
    nothing begins or ends anew, and a skipped time is over when the clock jumps past it.
    """

    def __init__(self, text: str) -> None:
        said = contents(text, "model")
        self.zone, self.day_starts, self.rules = said.zone, said.day_starts, Rules(**said.site)

    def shown(self, from_ms: int, to_ms: int) -> list[datetime]:
        """By the minute, the latest that the clock has shown."""
        latest = from_ms_local(from_ms - 3 * HOUR_MS, self.zone)
        shown = []
        for at_ms in range(from_ms - 3 * HOUR_MS, to_ms, MINUTE_MS):
            latest = max(latest, from_ms_local(at_ms, self.zone))
            if at_ms >= from_ms:
                shown.append(latest)
        return shown

    def day_of(self, wall: datetime) -> date:
        """The production day."""
        begun = wall.date() if wall.time() >= self.day_starts else wall.date() - DAY
        return begun + DAY if self.day_starts > NOON else begun

    def works(self, rule: ShiftRule, on: date) -> bool:
        """Whether a shift is worked that would start on a date."""
        day = self.day_of(datetime.combine(on, rule.starts))
        overrides, holidays = dict(self.rules.overrides), dict(self.rules.holidays)
        if day in overrides:
            return rule.name in overrides[day]
        return day not in holidays and on.weekday() in rule.days

    def at(self, wall: datetime) -> tuple[str, str]:
        """Kind and name."""
        begun = [
            (datetime.combine(on, rule.starts), rule, on)
            for rule in self.rules.shifts
            for on in (wall.date() - DAY, wall.date())
            if datetime.combine(on, rule.starts) <= wall and self.works(rule, on)
        ]
        if begun:
            _, rule, on = max(begun, key=lambda one: one[0])
            if within(wall, on, rule.starts, rule.ends):
                return self._in_shift(wall, rule, on)
        holiday = dict(self.rules.holidays).get(self.day_of(wall))
        return ("off", "") if holiday is None else ("holiday", holiday)

    def _in_shift(self, wall: datetime, shift: ShiftRule, on: date) -> tuple[str, str]:
        near = [on + offset * DAY for offset in (-1, 0, 1)]
        for one in self.rules.maintenance:
            if isinstance(one, Maintenance):
                if one.begins <= wall < one.ends:
                    return "maintenance", one.name
            elif any(within(wall, day, one.starts, one.ends) for day in near if day.weekday() in one.days):
                return "maintenance", one.name
        for rule in self.rules.breaks:
            mine = on.weekday() in rule.days and rule.shift in ("", shift.name)
            if mine and any(within(wall, day, rule.starts, rule.ends) for day in near):
                return "break", rule.name
        return "shift", shift.name


def within(wall: datetime, on: date, starts: time, ends: time) -> bool:
    """Whether the clock shows a time from a start on a date to the next end."""
    ended = datetime.combine(on if ends > starts else on + DAY, ends)
    return datetime.combine(on, starts) <= wall < ended


def from_ms_local(at_ms: int, zone: ZoneInfo) -> datetime:
    return from_ms(at_ms).astimezone(zone).replace(tzinfo=None, fold=0)


def by_minute(spans: list[Span]) -> list[tuple[str, str]]:
    return [
        (span.kind.value, span.name) for span in spans for _ in range(span.from_ms, span.to_ms, MINUTE_MS)
    ]


@LAW
@given(tried())
def test_the_calendar_says_what_the_clock_on_the_wall_says_minute_by_minute(one: Tried) -> None:
    model = Model(one.text)
    shown = model.shown(one.from_ms, one.to_ms)

    assert by_minute(one.site.spans(one.from_ms, one.to_ms)) == [model.at(wall) for wall in shown]
    for number in range(0, len(shown), 97):
        at_ms = one.from_ms + number * MINUTE_MS
        (day,) = one.site.days(at_ms, at_ms + 1)
        assert day.date == model.day_of(shown[number])


@LAW
@given(tried())
def test_spans_tile_the_window_and_no_two_neighbours_are_alike(one: Tried) -> None:
    spans = one.site.spans(one.from_ms, one.to_ms)

    assert spans[0].from_ms == one.from_ms
    assert spans[-1].to_ms == one.to_ms
    assert all(span.from_ms < span.to_ms for span in spans)
    for before, after in pairwise(spans):
        assert before.to_ms == after.from_ms
        assert before[:2] != after[:2]


@LAW
@given(tried(), st.floats(0, 1))
def test_a_window_cut_in_two_is_the_same_again_when_joined(one: Tried, share: float) -> None:
    cut_ms = one.from_ms + round((one.to_ms - one.from_ms) * share)

    left, right = one.site.spans(one.from_ms, cut_ms), one.site.spans(cut_ms, one.to_ms)

    if left and right and left[-1][:2] == right[0][:2]:
        left, right = [*left[:-1], left[-1]._replace(to_ms=right[0].to_ms)], right[1:]
    assert left + right == one.site.spans(one.from_ms, one.to_ms)


@LAW
@given(tried(), st.sets(st.sampled_from(list(SpanKind))))
def test_planned_time_is_the_sum_of_its_kinds(one: Tried, kinds: set[SpanKind]) -> None:
    parts = one.site.planned(one.from_ms, one.to_ms, kinds)
    each = sum(length(one.site.planned(one.from_ms, one.to_ms, {kind})) for kind in kinds)

    assert length(parts) == each
    assert all(before[1] < after[0] for before, after in pairwise(parts))
    assert length(one.site.planned(one.from_ms, one.to_ms, set(SpanKind))) == one.to_ms - one.from_ms


def length(parts: list[tuple[int, int]]) -> int:
    return sum(ended - begun for begun, ended in parts)


@LAW
@given(tried())
def test_days_follow_each_other_and_every_moment_lies_in_its_own(one: Tried) -> None:
    days = one.site.days(one.from_ms, one.to_ms)

    assert days[0].from_ms <= one.from_ms < days[0].to_ms
    assert days[-1].from_ms < one.to_ms <= days[-1].to_ms
    for before, after in pairwise(days):
        assert before.to_ms == after.from_ms
        assert after.date == before.date + DAY
    for day in days:
        assert one.site.days(day.from_ms, day.to_ms) == [day]
        assert 22 * HOUR_MS <= day.to_ms - day.from_ms <= 26 * HOUR_MS


@LAW
@given(tried())
def test_local_hours_tile_the_days_and_none_is_longer_than_an_hour(one: Tried) -> None:
    hours = one.site.hours(one.from_ms, one.to_ms)

    assert hours[0][0] <= one.from_ms < hours[0][1]
    assert hours[-1][0] < one.to_ms <= hours[-1][1]
    zone = ZoneInfo(Calendar.of(one.text).zone)
    for (_, ended), (begun, _) in pairwise(hours):
        assert ended == begun
        full = from_ms_local(begun, zone).minute == 0
        jumped = from_ms_local(begun, zone) - from_ms_local(begun - 1, zone) != timedelta(milliseconds=1)
        assert full or jumped
    assert all(0 < ended - begun <= HOUR_MS for begun, ended in hours)


@LAW
@given(tried())
def test_shifts_come_one_at_a_time_and_are_found_at_each_of_their_moments(one: Tried) -> None:
    site = one.site
    shifts = site.shifts(one.from_ms, one.to_ms)

    for before, after in pairwise(shifts):
        assert before.to_ms <= after.from_ms
        assert site.before(after) == before
    for shift in shifts:
        assert shift.from_ms < one.to_ms
        assert shift.to_ms > one.from_ms
        middle_ms = (shift.from_ms + shift.to_ms) // 2
        for at_ms in (shift.from_ms, middle_ms, shift.to_ms - 1):
            assert site.shift_at(at_ms) == site.latest_shift(at_ms) == shift
        if site.shift_at(shift.to_ms) is None:
            assert site.latest_shift(shift.to_ms) == shift
    kinds = (SpanKind.SHIFT, SpanKind.BREAK, SpanKind.MAINTENANCE)
    within = sum(min(s.to_ms, one.to_ms) - max(s.from_ms, one.from_ms) for s in shifts)
    assert length(site.planned(one.from_ms, one.to_ms, kinds)) == within


@LAW
@given(st.sampled_from(ZONES), st.integers(to_ms(datetime(2015, 1, 1, tzinfo=ZoneInfo("UTC"))), 2 * 10**12))
def test_a_night_shift_is_never_split(zone: str, at_ms: int) -> None:
    site = Calendar.of(
        f'zone = "{zone}"\n[[shift]]\nname = "night"\nstarts = "22:00"\nends = "06:00"\n'
        '[[shift]]\nname = "day"\nstarts = "06:00"\nends = "22:00"'
    ).site

    shift = site.shift_at(at_ms)

    assert shift is not None
    wall = [from_ms_local(edge, ZoneInfo(zone)) for edge in (shift.from_ms, shift.to_ms)]
    assert {f"{edge:%H:%M}" for edge in wall} == {"06:00", "22:00"}
    assert shift.day == wall[0].date()
    assert len(site.days(shift.from_ms, shift.to_ms)) == 1
    assert site.shifts(at_ms - DAY_MS, at_ms + DAY_MS).count(shift) == 1


@LAW
@given(st.text(max_size=60), st.sampled_from(["", "[[shift]]\n", 'zone = "UTC"\n']))
def test_any_text_is_a_calendar_or_refused_in_words(text: str, before: str) -> None:
    try:
        Calendar.of(before + text, "plant.toml")
    except CalendarError as refused:
        assert str(refused).startswith("plant.toml: ")  # noqa: PT017 - either is right
