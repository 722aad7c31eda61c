"""Two waterfalls side by side: by numbers that can be checked in the head, and by laws."""

from fractions import Fraction

from hypothesis import given

from dashboard.kpi.choices import Choices
from dashboard.losses.compare import compared, earlier
from dashboard.losses.waterfall import Totals, waterfall
from tests.dashboard.test_calendar import berlin, three
from tests.dashboard.test_losses import choices, totals_of_a_machine

MINUTE = 60_000
HOUR = 60 * MINUTE
US = 1_000


def shift(**minutes: int) -> Totals:
    """Time by use, in minutes."""
    return Totals(use_ms={use: value * MINUTE for use, value in minutes.items()})


def test_each_step_differs_in_time_and_in_points_of_its_own_planned_time() -> None:
    """Today four of eight hours planned: down one. Yesterday all eight: down one, too."""
    today = waterfall(shift(off=240, down=60, idle=30, running=150), Choices())
    yesterday = waterfall(shift(down=60, running=420), Choices())

    rows = {row.key: row for row in compared(today, yesterday)}

    assert rows["planned"].difference_us == -4 * HOUR * US
    assert rows["planned"].points == 0
    assert rows["down"].difference_us == 0
    assert rows["down"].points == Fraction(1, 4) - Fraction(1, 8)
    assert rows["idle"].points == Fraction(1, 8)
    assert rows["running"].points == Fraction(5, 8) - Fraction(7, 8)
    assert rows["off"].difference_us == 4 * HOUR * US
    assert rows["off"].points is None


def test_a_step_that_one_alone_has_took_nothing_in_the_other() -> None:
    told = Totals(
        use_ms={"running": 10_000},
        rated_ms=10_000,
        ideal_us=8_000_000,
        rejects_us=3_000_000,
        startup_us=1_000_000,
    )
    untold = Totals(use_ms={"running": 10_000}, rated_ms=10_000, ideal_us=8_000_000, rejects_us=3_000_000)

    for mine, other in ((told, untold), (untold, told)):
        rows = compared(waterfall(mine, Choices()), waterfall(other, Choices()))
        keys = [row.key for row in rows]
        assert keys[-3:] == ["rejects", "startup", "good"]
        startup = rows[keys.index("startup")]
        assert {startup.us, startup.against_us} == {0, 1_000_000}


def test_without_planned_time_there_are_no_points() -> None:
    rows = compared(waterfall(shift(off=60), Choices()), waterfall(shift(running=60), Choices()))

    assert {row.points for row in rows} == {None}


@given(totals_of_a_machine, totals_of_a_machine, choices)
def test_differences_add_up_in_time_and_in_points(mine: Totals, other: Totals, chosen: Choices) -> None:
    rows = compared(waterfall(mine, chosen), waterfall(other, chosen))
    steps = [row for row in rows if not row.level]

    assert rows[0].difference_us - sum(row.difference_us for row in steps) == rows[-1].difference_us
    by_key = {row.key: row for row in rows}
    good, planned = by_key["good"], by_key["planned"]
    if good.points is not None and planned.points is not None:
        after = rows[rows.index(planned) + 1 :]
        taken = sum((row.points or 0 for row in after if not row.level), Fraction(0))
        assert planned.points - taken == good.points


def test_a_shift_is_held_against_as_much_of_the_shift_before() -> None:
    schedule = three("Europe/Berlin")
    from_ms, to_ms = berlin("2026-11-25 14:00"), berlin("2026-11-25 16:30")

    assert earlier(schedule, from_ms, to_ms, "before") == (
        berlin("2026-11-25 06:00"),
        berlin("2026-11-25 08:30"),
    )


def test_any_other_window_is_held_against_the_stretch_before_it() -> None:
    from_ms, to_ms = berlin("2026-11-25 15:00"), berlin("2026-11-25 17:00")

    assert earlier(three("Europe/Berlin"), from_ms, to_ms, "before") == (from_ms - 2 * HOUR, from_ms)


def test_a_week_earlier_shows_the_same_clock_when_the_clocks_have_changed() -> None:
    schedule = three("Europe/Berlin")
    # Summer time ended on 25 October 2026.
    found = earlier(schedule, berlin("2026-10-26 06:00"), berlin("2026-10-26 14:00"), "week")

    assert found == (berlin("2026-10-19 06:00"), berlin("2026-10-19 14:00"))
    assert berlin("2026-10-26 06:00") - found[0] == 7 * 24 * HOUR + HOUR
