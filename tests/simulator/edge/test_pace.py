import pytest

from simulator.telling.pace import Pace

MINUTE_MS = 60_000


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now_s


def pace(speed: float | None, clock: Clock, *, catch_up_to_ms: int = 0) -> Pace:
    return Pace(speed=speed, position_ms=0, catch_up_to_ms=catch_up_to_ms, clock=clock)


@pytest.mark.parametrize(
    ("speed", "tick_ms", "wait_s"),
    [(1.0, 1_000, 1.0), (10.0, 10_000, 1.0), (60.0, 60_000, 1.0), (600.0, 60_000, 0.1), (None, 60_000, 0.0)],
)
def test_a_tick_is_a_second_of_real_time_and_a_minute_of_plant_time_at_most(
    speed: float | None, tick_ms: int, wait_s: float
) -> None:
    one = pace(speed, Clock())

    assert one.next_tick_ms(0) == tick_ms
    assert one.wait_s(0) == pytest.approx(wait_s)


def test_plant_time_keeps_to_its_speed() -> None:
    clock = Clock()
    one = pace(60.0, clock)
    position_ms = 0
    for _ in range(1_000):
        clock.now_s += 0.01
        if one.wait_s(position_ms) <= 0:
            position_ms = one.next_tick_ms(position_ms)
            one.reached(position_ms)

    assert position_ms == pytest.approx(10 * MINUTE_MS, abs=MINUTE_MS)
    assert one.achieved() == pytest.approx(60, rel=0.2)


def test_the_past_is_lived_without_waiting_and_ends_where_it_was_to_end() -> None:
    clock = Clock()
    one = pace(10.0, clock, catch_up_to_ms=90_500)

    assert one.wait_s(0) == 0.0
    assert one.next_tick_ms(0) == 60_000
    assert one.next_tick_ms(60_000) == 90_500
    one.reached(90_500)
    assert not one.catching_up(90_500)
    assert one.wait_s(90_500) == pytest.approx(1.0)
    assert one.next_tick_ms(90_500) == 100_500


def test_a_short_hold_up_is_made_up_for_and_a_long_one_is_not() -> None:
    clock = Clock()
    one = pace(60.0, clock)
    clock.now_s += 1.5
    assert one.wait_s(0) == 0.0
    assert one.wait_s(MINUTE_MS) == pytest.approx(0.5)

    clock.now_s += 3_600
    assert one.wait_s(MINUTE_MS) == pytest.approx(1.0)


def test_without_an_office_to_follow_the_fastest_plant_has_a_speed() -> None:
    one = pace(None, Clock())

    assert one.wait_s(0, attended=False) == pytest.approx(0.1)
