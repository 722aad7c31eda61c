from dashboard.ingest.pace import CATCHING_UP_S, HURRY_S, LONGEST_S, NEWS_S, QUICK_S, Pace
from protocol.messages import Clock
from protocol.moments import from_ms


def clock(*, speed: float | None = 60.0, catching_up: bool = False) -> Clock:
    now = from_ms(1_767_592_800_000)
    return Clock(
        run="r", epoch=now, at=now, wall=now, speed=speed, catching_up_to=now if catching_up else None
    )


def due(pace: Pace, now_s: float, *, whole: bool = True, turned: bool = False) -> bool:
    return pace.is_due(now_s, whole=whole, turned=lambda: turned)


def test_a_machine_that_turned_is_told_at_once_and_numbers_that_go_on_once_a_second() -> None:
    pace = Pace()
    pace.told(10.0, 10.001, clock())

    assert not due(pace, 10.0 + QUICK_S - 0.01, turned=True)
    assert due(pace, 10.0 + QUICK_S, turned=True)
    assert not due(pace, 10.0 + NEWS_S - 0.01)
    assert due(pace, 10.0 + NEWS_S)


def test_what_belongs_together_is_told_together() -> None:
    pace = Pace()
    pace.told(10.0, 10.001, clock())

    assert not due(pace, 11.0, whole=False, turned=True)
    assert not due(pace, 11.01, whole=False, turned=True)
    assert due(pace, 11.02, whole=True, turned=True)


def test_what_comes_without_a_pause_is_told_all_the_same() -> None:
    pace = Pace()
    pace.told(10.0, 10.001, None)
    due(pace, 10.5)

    assert not due(pace, 11.0, whole=False)
    assert due(pace, 11.0 + LONGEST_S, whole=False)


def test_where_time_flies_pages_are_told_no_more_often_than_they_are_read() -> None:
    for speed, catching_up, rest_s in (
        (600.0, False, HURRY_S),
        (None, False, HURRY_S),
        (60.0, True, CATCHING_UP_S),
    ):
        pace = Pace()
        pace.told(10.0, 10.001, clock(speed=speed, catching_up=catching_up))

        assert not due(pace, 10.0 + rest_s - 0.01, turned=True)
        assert due(pace, 10.0 + rest_s, turned=True)


def test_a_call_is_told_at_once() -> None:
    pace = Pace()
    pace.told(10.0, 10.001, clock())
    pace.ask()

    assert due(pace, 10.0 + QUICK_S)
    pace.told(10.1, 10.101, clock())
    assert not due(pace, 10.2)
