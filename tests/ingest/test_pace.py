from dashboard.ingest.pace import (
    BEHIND_S,
    CATCHING_UP_S,
    HURRY_S,
    LONGEST_S,
    NEWS_S,
    QUICK_S,
    ROUND_S,
    Pace,
    Telling,
)
from protocol.messages import Clock
from protocol.moments import from_ms


def clock(*, speed: float | None = 60.0, catching_up: bool = False) -> Clock:
    now = from_ms(1_767_592_800_000)
    return Clock(
        run="r", epoch=now, at=now, wall=now, speed=speed, catching_up_to=now if catching_up else None
    )


def due(pace: Pace, now_s: float, *, whole: bool = True, turned: bool = False) -> Telling:
    return pace.due(now_s, whole=whole, turned=lambda: turned)


def test_a_machine_that_turned_is_told_at_once_and_numbers_that_go_on_once_a_second() -> None:
    pace = Pace()
    pace.told(10.0, 10.001, clock())

    assert due(pace, 10.001, turned=True) is Telling.TURNED
    pace.told_turned(10.001, 10.002)
    assert due(pace, 10.001 + QUICK_S - 0.001, turned=True) is Telling.NOTHING
    assert due(pace, 10.001 + QUICK_S, turned=True) is Telling.TURNED
    assert due(pace, 10.0 + NEWS_S - 0.01) is Telling.NOTHING
    assert due(pace, 10.0 + NEWS_S) is Telling.ROUND


def test_what_turned_goes_before_the_numbers_and_they_follow_at_once() -> None:
    pace = Pace()
    pace.told(10.0, 10.001, clock())

    assert due(pace, 11.0, turned=True) is Telling.TURNED
    pace.told_turned(11.0, 11.002)

    assert 0 < pace.rests_s(11.002) <= max(QUICK_S, BEHIND_S)
    assert due(pace, 11.002) is Telling.ROUND
    pace.told(11.002, 11.010, clock())
    assert pace.rests_s(12.0) == 0.0


def test_machines_that_turn_without_end_hold_up_no_round() -> None:
    pace = Pace()
    pace.told(10.0, 10.001, clock())
    now_s, told = 10.001, []
    for _ in range(100):
        # So seldom is looked that machines may be told every time.
        now_s += QUICK_S
        told.append(due(pace, now_s, turned=True))
        if told[-1] is Telling.TURNED:
            pace.told_turned(now_s, now_s + 0.001)
        elif told[-1] is Telling.ROUND:
            pace.told(now_s, now_s + 0.01, clock())

    assert told.count(Telling.ROUND) == 1
    assert told.count(Telling.TURNED) == 99


def test_telling_takes_no_more_than_its_share_of_the_time() -> None:
    pace = Pace()
    pace.told_turned(10.0, 10.1)

    assert due(pace, 10.49, turned=True) is not Telling.TURNED
    assert due(pace, 10.5, turned=True) is Telling.TURNED


def test_what_belongs_together_is_told_together() -> None:
    pace = Pace()
    pace.told(10.0, 10.001, clock())

    assert due(pace, 11.0, whole=False, turned=True) is Telling.NOTHING
    assert due(pace, 11.01, whole=False, turned=True) is Telling.NOTHING
    assert due(pace, 11.02, whole=True, turned=True) is Telling.TURNED


def test_what_comes_without_a_pause_is_told_all_the_same() -> None:
    pace = Pace()
    pace.told(10.0, 10.001, None)
    due(pace, 10.5, whole=False)

    assert due(pace, 10.5 + LONGEST_S - 0.01, whole=False) is Telling.NOTHING
    assert due(pace, 11.0 + LONGEST_S, whole=False) is Telling.ROUND


def test_where_time_flies_pages_are_told_no_more_often_than_they_are_read() -> None:
    for speed, catching_up, rest_s in (
        (600.0, False, HURRY_S),
        (None, False, HURRY_S),
        (60.0, True, CATCHING_UP_S),
    ):
        pace = Pace()
        pace.told(10.0, 10.001, clock(speed=speed, catching_up=catching_up))

        assert due(pace, 10.0 + rest_s - 0.01, turned=True) is Telling.NOTHING
        assert due(pace, 10.0 + rest_s, turned=True) is Telling.ROUND


def test_a_call_is_told_at_once() -> None:
    pace = Pace()
    pace.told(10.0, 10.001, clock())
    pace.ask()

    assert due(pace, 10.0 + ROUND_S) is Telling.ROUND
    pace.told(10.1, 10.101, clock())
    assert due(pace, 10.2) is Telling.NOTHING
