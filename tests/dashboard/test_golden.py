"""The published worked examples, by the numbers printed there: those that give totals and not an event log.

Event logs (G15, G18, G25 and others) go through messages and the API: `tests/golden`.
"""

import pytest

from dashboard.intervals import Intervals
from dashboard.kpi import compressor, formulas, iso22400, semi
from dashboard.kpi.account import Account, account_with, total, vector_of
from dashboard.kpi.choices import Choices
from dashboard.kpi.making import Making
from dashboard.kpi.pieces import pieces_of
from dashboard.kpi.report import numbers
from protocol.states import State

MINUTE_MS = 60_000
POINT = 0.0005
"""A tenth of a percentage point, halved: what the published figures are rounded to."""


class Part:
    """A part of a calendar."""

    def __init__(self, kind: str, from_ms: int, to_ms: int) -> None:
        self.kind, self.from_ms, self.to_ms = kind, from_ms, to_ms


def machine(
    *,
    states: list[tuple[State, float]],
    ideal_ms: float | None = None,
    parts: int = 0,
    rejects: int = 0,
    breaks_ms: float = 0,
) -> Account:
    """One machine that was in each state for so many milliseconds, one after the other, then had a break."""
    pieces, at_ms = [], 0.0
    for state, length_ms in states:
        pieces.append((int(at_ms), state, ""))
        at_ms += length_ms
    end_ms = int(at_ms)
    calendar = [Part("shift", -MINUTE_MS, end_ms), Part("break", end_ms, end_ms + int(breaks_ms) + MINUTE_MS)]
    used = pieces_of(Intervals.of(pieces, end_ms), calendar, Choices(), 0, end_ms + int(breaks_ms))
    ideal_us = round(ideal_ms * 1_000) if ideal_ms is not None else None
    making = Making(parts=parts, rejects=rejects, counts_parts=True, counts_rejects=True)
    vector = vector_of(used, making, doubt=0, ideal_us=ideal_us)
    return account_with(vector, ideal_us=ideal_us, counts_parts=True, counts_rejects=True)


def test_g1_a_shift_of_soft_drink_cans() -> None:
    shift = machine(
        states=[(State.RUNNING, 373 * MINUTE_MS), (State.DOWN, 47 * MINUTE_MS)],
        ideal_ms=1_000,
        parts=19_271,
        rejects=423,
        breaks_ms=60 * MINUTE_MS,
    )

    found = numbers(shift, Choices(), 0, 480 * MINUTE_MS)

    assert found.planned_ms == 420 * MINUTE_MS
    assert found.calendar_ms == 480 * MINUTE_MS
    assert found.utilization == pytest.approx(0.8881, abs=POINT / 10)
    assert found.performance == pytest.approx(0.8611, abs=POINT / 10)
    assert found.quality == pytest.approx(0.9780, abs=POINT / 10)
    assert found.oee == pytest.approx(0.7479, abs=POINT / 10)
    assert found.teep == pytest.approx(0.6544, abs=POINT / 10)
    assert found.planned_ms / found.calendar_ms == 0.875


def test_g10_performance_above_100_percent_is_kept_unless_the_choice_caps_it() -> None:
    fast = machine(
        states=[(State.RUNNING, 75_000), (State.IDLE, 25_000)], ideal_ms=937.5, parts=100, rejects=5
    )

    assert formulas.utilization(fast) == 0.75
    assert formulas.performance(fast) == 1.25
    assert formulas.quality(fast) == 0.95
    assert formulas.oee(fast) == pytest.approx(0.8906, abs=5e-5)
    capped = Choices(performance_above_1="capped")
    assert formulas.performance(fast, capped) == 1.0
    assert formulas.oee(fast, capped) == pytest.approx(0.7125)


def test_g14_has_its_three_factors() -> None:
    shift = machine(
        states=[
            (State.RUNNING, 400 * MINUTE_MS),
            (State.DOWN, 50 * MINUTE_MS),
            (State.SETUP, 30 * MINUTE_MS),
        ],
        ideal_ms=30_000,
        parts=700,
        rejects=100,
    )

    assert formulas.utilization(shift) == pytest.approx(0.8333, abs=5e-5)
    assert formulas.performance(shift) == 0.875
    assert formulas.quality(shift) == pytest.approx(0.8571, abs=5e-5)
    assert formulas.oee(shift) == pytest.approx(0.625)


def test_g22_a_line_is_summed_and_not_averaged() -> None:
    one = machine(
        states=[(State.RUNNING, 90_000), (State.DOWN, 10_000)],
        ideal_ms=1_000, parts=80, rejects=0, breaks_ms=20_000,
    )  # fmt: skip
    other = machine(
        states=[(State.RUNNING, 150_000), (State.DOWN, 150_000)],
        ideal_ms=1_000, parts=150, rejects=15, breaks_ms=60_000,
    )  # fmt: skip

    line = total([one, other])

    assert formulas.oee(one) == pytest.approx(0.80)
    assert formulas.oee(other) == pytest.approx(0.45)
    assert formulas.oee(line) == pytest.approx(0.5375)
    assert formulas.utilization(line) == 0.60
    assert formulas.performance(line) == pytest.approx(0.9583, abs=5e-5)
    assert formulas.quality(line) == pytest.approx(0.9348, abs=5e-5)
    assert line.planned_ms / line.calendar_ms == 400 / 480


def test_g25_repairs_have_their_means() -> None:
    repaired = machine(states=[(State.RUNNING, 200_000), (State.DOWN, 10_000)] * 5)

    assert repaired["failures"] == 5
    assert formulas.mtbf_ms(repaired) == 200_000
    assert formulas.mttr_ms(repaired) == 10_000
    assert formulas.utilization(repaired) == pytest.approx(0.952381, abs=5e-7)


def test_g25_without_a_failure_both_means_are_undefined() -> None:
    sound = machine(states=[(State.RUNNING, 1_000_000)])

    assert (formulas.mtbf_ms(sound), formulas.mttr_ms(sound)) == (None, None)
    assert formulas.utilization(sound) == 1.0


def test_g36_a_compressor_tells_its_leaks() -> None:
    delivery = compressor.free_air_delivery(1_000, 0.9)
    share = compressor.leak_share(8, 48)

    assert delivery == 900
    assert compressor.specific_delivery(delivery, 144) == 6.25
    assert share == pytest.approx(0.1429, abs=5e-5)
    assert delivery * (share or 0) == pytest.approx(128.57, abs=5e-3)
    assert compressor.leak_power_kw(8, 48, 144) == pytest.approx(20.57, abs=5e-3)


def test_d1_the_elements_of_iso_22400_give_its_kpis() -> None:
    time = iso22400.TimeElements(
        planned_operation=480, planned_busy=450, busy=420, setup=40, delay=50, production=330,
        run_per_unit=0.8, produced=380, good=361,
    )  # fmt: skip

    published = {
        iso22400.allocation_efficiency: 0.9333,
        iso22400.utilization_efficiency: 0.7857,
        iso22400.technical_efficiency: 0.8684,
        iso22400.setup_rate: 0.1081,
        iso22400.availability: 0.7333,
        iso22400.effectiveness: 0.9212,
        iso22400.quality_ratio: 0.95,
        iso22400.oee_index: 0.6418,
        iso22400.nee_index: 0.7196,
    }
    assert {formula: round(formula(time) or 0, 4) for formula in published} == published


def test_d1_our_own_numbers_agree_with_the_elements() -> None:
    unit = machine(
        states=[(State.RUNNING, 330_000), (State.SETUP, 40_000), (State.DOWN, 50_000), (State.IDLE, 30_000)],
        ideal_ms=800, parts=380, rejects=19,
    )  # fmt: skip

    time = iso22400.elements_of(unit)

    assert (time.busy, time.setup, time.delay, time.production) == (420_000, 40_000, 50_000, 330_000)
    assert formulas.utilization(unit) == pytest.approx(0.7333, abs=5e-5)
    assert formulas.performance(unit) == pytest.approx(0.9212, abs=5e-5)
    assert formulas.oee(unit) == pytest.approx(0.6418, abs=5e-5)
    assert formulas.nee(unit) == pytest.approx(0.7196, abs=5e-5)
    assert iso22400.oee_index(time) == pytest.approx(formulas.oee(unit))


def test_d2_the_week_of_semi_e10_has_its_shares() -> None:
    week = semi.EquipmentTime(
        productive=90, standby=20, engineering=6, scheduled_down=10, unscheduled_down=14, nonscheduled=28
    )

    assert (week.total, week.operations, week.uptime) == (168, 140, 116)
    assert semi.operational_uptime(week) == pytest.approx(0.8286, abs=5e-5)
    assert semi.total_uptime(week) == pytest.approx(0.6905, abs=5e-5)
    assert semi.operational_utilization(week) == pytest.approx(0.6429, abs=5e-5)
    assert semi.total_utilization(week) == pytest.approx(0.5357, abs=5e-5)
