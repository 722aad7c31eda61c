import numpy as np
import pytest

from simulator.faults.machines import stands, trouble_at
from tests.faults.living import EPOCH_MS, MINUTE_MS, lived, seconds, spell, truth_of

BEGIN_S, END_S = 600.0, 1_200.0
RIGHT, RIGHT_PARTS, _ = truth_of(lived())


@pytest.mark.parametrize(
    ("fault", "severity", "cause", "stands_s"),
    [
        ("jam", 1.0, "jam", 600),
        ("jam", 0.0, "jam", 120),
        ("tool-breakage", 1.0, "tool breakage", 600),
        ("tool-breakage", 0.0, "tool breakage", 300),
        ("bearing-wear", 0.5, "bearing", 150),
        ("overheating", 1.0, "too hot", 360),
        ("starved", 1.0, "starved", 600),
        ("starved", 0.0, "starved", 120),
    ],
)
def test_a_machine_stands_for_the_share_of_the_time_that_its_severity_says(
    fault: str, severity: float, cause: str, stands_s: float
) -> None:
    found, parts, _ = truth_of(lived([spell(fault, BEGIN_S, END_S, severity)]))

    assert seconds(found, cause=cause) == stands_s
    assert {one[2] for one in found if one[4] == cause} == {"idle" if fault == "starved" else "down"}
    assert RIGHT_PARTS == 360
    assert parts == 360 - stands_s / 10


def test_a_jam_of_full_severity_is_one_stop_from_its_first_millisecond_to_its_last() -> None:
    found, _, _ = truth_of(lived([spell("jam", BEGIN_S, END_S)]))

    assert found == [
        (0, BEGIN_S + 0.001, "running", "cycle", ""),
        (BEGIN_S + 0.001, END_S + 0.001, "down", "micro-stop", "jam"),
        (END_S + 0.001, 3_600, "running", "cycle", ""),
    ]


@pytest.mark.parametrize(
    "fault", ["jam", "tool-breakage", "bearing-wear", "overheating", "slow-cycle", "starved"]
)
def test_the_same_happens_however_the_time_is_lived(fault: str) -> None:
    one = spell(fault, BEGIN_S + 0.417, END_S + 0.1, 0.6)

    assert truth_of(lived([one], steps=1)) == truth_of(lived([one], steps=77))


def test_a_slow_cycle_makes_fewer_parts_in_as_much_running_time() -> None:
    found, parts, _ = truth_of(lived([spell("slow-cycle", 0, 3_600)]))

    assert parts == 180
    assert found == RIGHT


def test_the_end_of_a_slow_cycle_changes_nothing_of_what_was_told_before() -> None:
    plant = lived([spell("slow-cycle", 0, 615)], minutes=10.25)
    before = truth_of(plant, 0, 615)

    plant.advance(EPOCH_MS + 60 * MINUTE_MS)

    assert truth_of(plant, 0, 615) == before
    # Begun at 600 s and due at 620 s, the cycle under way is over when its machine is well again.
    assert truth_of(plant, 615, 616)[1:] == (1, 0)


def test_a_scrap_burst_spoils_its_share_of_the_parts_and_changes_no_millisecond() -> None:
    assert truth_of(lived([spell("scrap-burst", BEGIN_S, END_S)])) == (RIGHT, 360, 60)
    _, parts, rejects = truth_of(lived([spell("scrap-burst", 0, 36_000, 0.5)], minutes=600), 0, 36_000)
    assert rejects / parts == pytest.approx(0.525, abs=0.03)


def test_a_broken_tool_makes_scrap_until_somebody_notices() -> None:
    found, parts, rejects = truth_of(lived([spell("tool-breakage", BEGIN_S, END_S, 0.0)]))

    assert (parts, rejects) == (330, 30)
    assert [one[:2] for one in found if one[4] == "tool breakage"] == [(900.001, 1_200.001)]


def test_a_fault_that_is_cleared_ends_with_that_millisecond_and_a_bearing_then_never_breaks() -> None:
    plant = lived([spell("jam", BEGIN_S, END_S)], minutes=15)
    plant.spells.end("mill-1", EPOCH_MS + 15 * MINUTE_MS)
    plant.mind_faults("mill-1", EPOCH_MS + 15 * MINUTE_MS)
    plant.advance(EPOCH_MS + 60 * MINUTE_MS)
    assert [one[:2] for one in truth_of(plant)[0] if one[4] == "jam"] == [(BEGIN_S + 0.001, 900.001)]

    plant = lived([spell("bearing-wear", BEGIN_S, END_S)], minutes=15)
    plant.spells.end("mill-1", EPOCH_MS + 15 * MINUTE_MS)
    plant.mind_faults("mill-1", EPOCH_MS + 15 * MINUTE_MS)
    plant.advance(EPOCH_MS + 60 * MINUTE_MS)
    assert truth_of(plant)[0] == RIGHT


def test_vibration_grows_faster_and_faster_until_the_bearing_breaks() -> None:
    plants = lived([spell("bearing-wear", BEGIN_S, END_S)]), lived()
    batches = [
        plant.batch("mill-1", EPOCH_MS + int(BEGIN_S * 1_000), EPOCH_MS + int(END_S * 1_000))
        for plant in plants
    ]
    assert batches[0] is not None
    assert batches[1] is not None
    grown = batches[0].signals["vibration_mm_s"] / batches[1].signals["vibration_mm_s"]

    assert np.nanmean(grown[:30]) == pytest.approx(1.08, abs=0.08)
    assert np.nanmean(grown[215:225]) == pytest.approx(10**0.5, rel=0.1)
    assert np.nanmean(grown[440:449]) == pytest.approx(9.7, rel=0.1)


def test_an_overheating_machine_is_hotter_and_cools_afterwards() -> None:
    plants = lived([spell("overheating", BEGIN_S, END_S, 0.0)]), lived()
    hotter = []
    for at_s in (BEGIN_S - 1, BEGIN_S + 300, END_S + 300, END_S + 2_000):
        moment_ms = EPOCH_MS + int(at_s * 1_000)
        read = [plant.batch("mill-1", moment_ms - 1_000, moment_ms) for plant in plants]
        values = [float(one.signals["temperature_c"][-1]) for one in read if one is not None]
        hotter.append(values[0] - values[1])

    assert hotter[0] == 0
    assert hotter[1] == pytest.approx(19, abs=2.5)
    assert 3 < hotter[2] < 12
    assert abs(hotter[3]) < 2


def test_of_two_faults_the_first_says_why_and_both_count() -> None:
    both = [spell("starved", 0, 600), spell("jam", 60, 300), spell("scrap-burst", 0, 600, 0.5)]

    at = trouble_at(both, EPOCH_MS + 120_000)

    assert (at.cause, at.scrap) == ("starved", 0.525)
    assert stands(spell("slow-cycle", 0, 600)) == []
