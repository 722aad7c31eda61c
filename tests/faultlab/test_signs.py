"""When a fault is to be seen: what was shown as it began, what is shown now, and the sign in words."""

from typing import Any

import pytest

from dashboard.faultlab.shown import Minute, Shown
from dashboard.faultlab.signs import SIGNS, sign_of
from simulator.faults.catalogue import CATALOGUE

MINUTE = 60_000
BEGUN_MS = 100 * MINUTE


def shown(minute: int = 0, **more: Any) -> Shown:
    """A running machine so many minutes after the fault began."""
    fields: dict[str, Any] = {"state": "running", "since_ms": BEGUN_MS - 30 * MINUTE}
    return Shown(at_ms=BEGUN_MS + minute * MINUTE, **{**fields, **more})


def minutes(first: int, *values: tuple[float, float, float]) -> tuple[Minute, ...]:
    """Mean, least and greatest of each minute, from so many minutes after the fault began."""
    return tuple((BEGUN_MS + (first + i) * MINUTE, *one) for i, one in enumerate(values))


def sign(fault: str, before: Shown, now: Shown, signal: str = "") -> str:
    return sign_of(fault, signal, before, now, BEGUN_MS)


def test_every_fault_of_the_catalogue_has_a_sign() -> None:
    assert set(SIGNS) == set(CATALOGUE)


@pytest.mark.parametrize("fault", sorted(CATALOGUE))
def test_a_machine_of_which_nothing_changed_shows_no_fault(fault: str) -> None:
    lively = {
        "power_kw": minutes(-5, *[(5.0, 4.0, 6.0)] * 10),
        "vibration_mm_s": minutes(-5, *[(1, 0, 2)] * 10),
    }
    before = shown(parts=40, rejects=2, running_ms=40 * MINUTE, signals={"power_kw": lively["power_kw"][:6]})
    now = shown(4, parts=44, rejects=2, running_ms=44 * MINUTE, signals=lively)

    assert sign(fault, before, now, "power_kw") == ""


def test_a_jam_shows_by_its_cause_and_at_a_retrofit_by_any_stop() -> None:
    jammed = shown(1, state="down", cause="jam", since_ms=BEGUN_MS)
    waiting = shown(1, state="idle", cause="starved", since_ms=BEGUN_MS)
    stood_before = shown(1, state="stopped", since_ms=BEGUN_MS - 5 * MINUTE)

    assert sign("jam", shown(), jammed) == "down, cause jam"
    assert sign("jam", shown(), waiting) == ""
    assert sign("jam", shown(), shown(1, state="stopped", since_ms=BEGUN_MS)) == "stopped"
    assert sign("jam", shown(), stood_before) == ""


def test_a_slow_cycle_shows_once_three_parts_tell_it() -> None:
    before = shown(parts=60, running_ms=60 * MINUTE)  # a minute each

    assert sign("slow-cycle", before, shown(3, parts=62, running_ms=63 * MINUTE)) == ""
    assert sign("slow-cycle", before, shown(5, parts=63, running_ms=64 * MINUTE + 30_000)) == (
        "a cycle takes 90 s, 60 s before"
    )
    assert sign("slow-cycle", before, shown(5, parts=64, running_ms=64 * MINUTE)) == ""


def test_rejects_show_once_there_are_two_more_than_usual() -> None:
    before = shown(parts=100, rejects=10)  # one in ten

    assert sign("scrap-burst", before, shown(10, parts=110, rejects=12)) == ""
    assert sign("scrap-burst", before, shown(10, parts=110, rejects=13)) == "3 of 10 parts rejected"


def test_a_new_shift_counts_from_nothing() -> None:
    before = shown(parts=100, rejects=10, shift_ms=BEGUN_MS - 60 * MINUTE)
    now = shown(10, parts=4, rejects=3, shift_ms=BEGUN_MS + 5 * MINUTE)

    assert sign("scrap-burst", before, now) == "3 of 4 parts rejected"


def test_a_stuck_signal_shows_once_a_whole_minute_is_flat_and_it_was_not_before() -> None:
    lively = minutes(-3, *[(5, 4, 6)] * 3)
    reading = (5.5, 5.5, 5.5)
    before = shown(signals={"power_kw": (*lively, *minutes(0, reading))})
    after = {"power_kw": (*lively, *minutes(0, (5.4, 4, 6), reading))}
    flat = {"power_kw": (*lively, *minutes(0, (5.4, 4, 6), reading, reading))}

    # The newest minute holds a single reading, as always.
    assert sign("stuck", before, shown(1, signals=after), "power_kw") == ""
    assert sign("stuck", before, shown(2, signals=flat), "power_kw") == "power_kw is flat at 5.5"
    assert sign("stuck", shown(), shown(2, signals=flat), "power_kw") == ""


def test_spikes_show_by_a_minute_that_spreads_half_as_wide_again() -> None:
    known = minutes(-3, (5, 4, 6), (5, 4, 6), (5, 4, 6), (5, 5, 5))
    before = shown(signals={"power_kw": known})

    def after(most: float) -> Shown:
        return shown(2, signals={"power_kw": (*known[:3], *minutes(0, (5, 4, most), (5, 5, 5)))})

    assert sign("spike", before, after(7.0), "power_kw") == ""
    assert sign("spike", before, after(7.1), "power_kw") == "power_kw peaks at 7.1"


def test_a_drift_and_a_worn_bearing_show_once_a_minute_is_beyond_all_before() -> None:
    known = minutes(-3, (1.0, 0, 2), (2.0, 1, 3), (1.5, 1, 2), (1.5, 1.5, 1.5))
    before = shown(signals={"vibration_mm_s": known})

    def after(mean: float) -> Shown:
        return shown(2, signals={"vibration_mm_s": (*known[:3], *minutes(0, (mean, 0, 9), (1, 1, 1)))})

    assert sign("drift", before, after(2.05), "vibration_mm_s") == ""
    assert sign("drift", before, after(2.1), "vibration_mm_s") == "vibration_mm_s is at 2.1, 1 to 2 before"
    assert sign("bearing-wear", before, after(2.1)) == "vibration_mm_s is at 2.1, 1 to 2 before"
    # A bearing that wears does not grow quieter.
    assert sign("bearing-wear", before, after(0.5)) == ""
    assert sign("overheating", before, after(2.1)) == ""


def test_a_dropout_shows_by_a_whole_minute_that_is_missing() -> None:
    before = shown(signals={"power_kw": minutes(-1, (5, 4, 6), (5, 5, 5))})
    # At the fifth minute those that began at 0, 1, 2 and 3 should be there.
    now = shown(5, signals={"power_kw": minutes(0, (5, 4, 6), (5, 4, 6))})

    assert sign("dropout", before, now, "power_kw") == "2 min of power_kw missing"


def test_a_link_shows_by_what_is_unknown_offline_refused_repeated_or_ahead() -> None:
    quiet, silent = shown(2, unknown_ms=9_999), shown(2, unknown_ms=75_000)

    assert sign("silent-drop", shown(), quiet) == ""
    assert sign("silent-drop", shown(), silent) == "75 s unknown, coverage falls"
    assert sign("delay", shown(unknown_ms=60_000), silent) == "15 s unknown, coverage falls"
    assert sign("disconnect", shown(), shown(1, online=False)) == "its link is lost"
    assert sign("duplicate", shown(repeats=4), shown(1, repeats=9)) == "5 repeated messages counted"
    assert sign("malformed", shown(refused=1), shown(1, refused=3)) == "2 of its messages refused"
    assert sign("clock-skew", shown(), shown(1, ahead_s=480.0)) == "its clock is 8 min ahead"
