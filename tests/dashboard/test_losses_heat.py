"""A measure by hour and day, by numbers that can be checked in the head."""

from datetime import date
from itertools import pairwise

from dashboard.calendar.schedule import Schedule
from dashboard.kpi.account import account_with, vector_of
from dashboard.kpi.choices import Choices
from dashboard.kpi.making import Making
from dashboard.losses.heat import Hour, heat, moved, retold_by_hour
from dashboard.losses.reasons import Reason, Reasons
from dashboard.losses.waterfall import Totals, totals_of, waterfall
from protocol.states import State
from tests.dashboard.test_calendar import berlin, three
from tests.dashboard.test_losses import (
    MINUTE,
    UTC,
    Given,
    pieces_by_hand,
    stops_of_machine,
    totals_of_pieces,
)

HOUR = 60 * MINUTE


def hour(from_ms: int, states: list[tuple[int, State, str]], *, length: int = 60) -> Hour:
    """An hour in which a machine that counts nothing did what is said of minutes from its beginning on."""
    pieces = pieces_by_hand(states, length)
    vector = vector_of(pieces, Making(), doubt=0, ideal_us=None)
    account = account_with(vector, ideal_us=None, counts_parts=False, counts_rejects=False)
    return Hour(from_ms, from_ms + length * MINUTE, account, totals_of(account))


def day(schedule: Schedule, first: str, measure: str = "lost") -> list[tuple[int, float | None]]:
    """Two hours: 15 of 60 minutes down, then all of it running."""
    from_ms = berlin(first)
    hours = [
        hour(from_ms, [(0, State.RUNNING, ""), (45, State.DOWN, "")]),
        hour(from_ms + HOUR, [(0, State.RUNNING, "")]),
    ]
    [row] = heat(measure, hours, schedule, Choices()).rows
    return [(cell.hour, cell.share) for cell in row.cells]


def test_an_hour_with_a_quarter_down_has_lost_a_quarter() -> None:
    schedule = three("Europe/Berlin")

    assert day(schedule, "2026-11-25 09:00") == [(9, 0.25), (10, 0)]
    assert day(schedule, "2026-11-25 09:00", "down") == [(9, 0.25), (10, 0)]
    assert day(schedule, "2026-11-25 09:00", "setup") == [(9, 0), (10, 0)]
    assert day(schedule, "2026-11-25 09:00", "utilization") == [(9, 0.75), (10, 1)]


def test_hours_after_midnight_belong_to_the_production_day_and_come_last() -> None:
    from_ms = berlin("2026-11-25 05:00")
    hours = [hour(from_ms + n * HOUR, [(0, State.RUNNING, "")]) for n in range(24)]

    found = heat("lost", hours, three("Europe/Berlin"), Choices())

    assert [(row.day, len(row.cells)) for row in found.rows] == [
        (date(2026, 11, 24), 1),
        (date(2026, 11, 25), 23),
    ]
    assert found.hours == (*range(6, 24), *range(6))


def test_the_hour_that_comes_twice_has_the_time_of_both() -> None:
    first = berlin("2026-10-25 01:00")
    hours = [hour(first + n * HOUR, [(0, State.RUNNING, ""), (30, State.DOWN, "")]) for n in range(4)]

    [row] = heat("lost", hours, three("Europe/Berlin"), Choices()).rows

    assert [(cell.hour, cell.part_us // 60_000_000, cell.whole_us // 60_000_000) for cell in row.cells] == [
        (1, 30, 60),
        (2, 60, 120),
        (3, 30, 60),
    ]


def test_an_hour_of_which_nothing_is_known_has_no_share() -> None:
    from_ms = berlin("2026-11-25 09:00")
    off = Hour(from_ms, from_ms + HOUR, hour(0, [(0, State.RUNNING, "")]).account, Totals())
    on = hour(from_ms + HOUR, [(0, State.RUNNING, "")])

    found = heat("lost", [off, on], three("Europe/Berlin"), Choices())

    assert [cell.share for row in found.rows for cell in row.cells] == [None, 0]
    assert found.hours == (10,)
    assert heat("lost", [off], three("Europe/Berlin"), Choices()).rows == ()
    assert heat("lost", [], three("Europe/Berlin"), Choices()).rows == ()


def test_a_reason_moves_the_time_of_a_stop_in_each_hour_that_it_lies_in() -> None:
    reasons = Reasons((Reason("mould change", "setup"),))
    pieces = pieces_by_hand([(0, State.RUNNING, ""), (50, State.STOPPED, ""), (130, State.RUNNING, "")], 180)
    told = reasons.told(stops_of_machine(pieces), [Given(60 * MINUTE, "mould change")], UTC)
    edges = list(pairwise([0, HOUR, 2 * HOUR, 3 * HOUR]))

    found = retold_by_hour(told, edges)

    assert [{key: ms // MINUTE for key, ms in one.items()} for one in found] == [
        {("stopped", "setup"): 10},
        {("stopped", "setup"): 60},
        {("stopped", "setup"): 10},
    ]
    whole = totals_of_pieces(pieces)
    for one in found:
        whole = moved(whole, one)
    rows = {row.key: row.us // 60_000_000 for row in waterfall(whole, Choices())}
    assert (rows["setup"], rows["stopped"], rows["running"]) == (80, 0, 100)
