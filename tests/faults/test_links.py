from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.faults.catalogue import CATALOGUE
from simulator.faults.links import Delivery, LinkFaults, troubles
from simulator.faults.spells import Spell

EPOCH_MS = 1_767_225_600_000
MINUTE_MS = 60_000
LINKS = [one.name for one in CATALOGUE.values() if one.about == "link"]


def spell(name: str, from_s: float, until_s: float, severity: float = 0.5) -> Spell:
    until_ms = EPOCH_MS + round(until_s * 1_000)
    return Spell(
        machine="mill-1",
        fault=name,
        severity=severity,
        from_ms=EPOCH_MS + round(from_s * 1_000),
        until_ms=until_ms,
        planned_ms=until_ms,
    )


def told(spells: list[Spell], cuts_s: list[float]) -> list[Delivery]:
    """What leaves between cuts, in order."""
    faults = LinkFaults(spells, seed=1)
    cuts = [EPOCH_MS + round(one * 1_000) for one in cuts_s]
    return [one for from_ms, to_ms in pairwise(cuts) for one in faults.due(from_ms, to_ms)]


def spans(deliveries: list[Delivery]) -> list[tuple[float, float]]:
    return [((one.from_ms - EPOCH_MS) / 1_000, (one.to_ms - EPOCH_MS) / 1_000) for one in deliveries]


def test_without_a_fault_a_span_is_one_message() -> None:
    assert spans(told([], [0, 60, 90])) == [(0, 60), (60, 90)]


def test_a_disconnected_machine_says_nothing_and_then_all_of_it() -> None:
    found = told([spell("disconnect", 30, 60)], [0, 40, 60, 120])

    assert spans(found) == [(0, 30), (30, 40), (40, 50), (50, 60), (60, 70), (70, 80), (80, 120)]
    assert [one.due_ms - EPOCH_MS for one in found] == [
        30_000, 60_001, 60_001, 60_001, 70_001, 80_001, 120_000
    ]  # fmt: skip


@pytest.mark.parametrize("fault", ["delay", "out-of-order", "duplicate"])
def test_what_is_held_up_until_the_machine_is_away_leaves_when_it_is_back(fault: str) -> None:
    spells = [spell(fault, 0, 120, 1.0), spell("disconnect", 125, 3_000), spell("disconnect", 2_990, 4_000)]

    found = told(spells, [0, 120, 125, 600, 2_995, 3_500, 4_000, 4_001, 8_000])

    moments = {at for one in found for at in range(one.from_ms, one.to_ms, 1_000)}
    assert moments == set(range(EPOCH_MS, EPOCH_MS + 8_000_000, 1_000))
    assert not [one for one in found if EPOCH_MS + 125_000 < one.due_ms <= EPOCH_MS + 4_000_000]


def test_what_is_dropped_is_lost_and_what_is_cut_off_is_garbled() -> None:
    assert [one.lost for one in told([spell("silent-drop", 0, 30, 1.0)], [0, 60])] == [True] * 3 + [False] * 3
    assert [one.garbled for one in told([spell("malformed", 0, 30, 1.0)], [0, 60])] == [True] * 3 + [
        False
    ] * 3


def test_half_of_the_messages_are_dropped_at_about_half_severity() -> None:
    found = told([spell("silent-drop", 0, 10_000, 0.5)], [0, 10_000, 10_060])

    assert 0.45 < sum(one.lost for one in found) / len(found) < 0.6


def test_late_messages_come_among_those_of_after_the_fault() -> None:
    found = told([spell("delay", 0, 20, 0.0)], [0, 10, 20, 30, 40, 50, 60])

    assert spans(found) == [(20, 30), (0, 10), (30, 40), (40, 50), (10, 20), (50, 60)]


def test_messages_come_last_first_and_each_comes_again_after_the_next() -> None:
    assert spans(told([spell("out-of-order", 0, 60, 0.1)], [0, 60, 71])) == [
        (20, 30), (10, 20), (0, 10), (50, 60), (40, 50), (30, 40), (60, 70)
    ]  # fmt: skip
    again = told([spell("duplicate", 0, 30, 0.0)], [0, 40.5])
    assert [(one.from_ms - EPOCH_MS, one.copy) for one in again] == [
        (0, 0), (0, 1), (10_000, 0), (10_000, 1), (20_000, 0), (20_000, 1), (30_000, 0)
    ]  # fmt: skip


def test_a_clock_is_ahead_in_steps_that_keep_away_from_the_ten_minutes_of_the_office() -> None:
    skew = CATALOGUE["clock-skew"]

    assert [skew.amount(one) for one in (0, 0.25, 0.3, 0.5, 0.51, 1)] == [4, 4, 8, 8, 12, 16]
    assert {one.ahead_ms for one in told([spell("clock-skew", 0, 60, 0.5)], [0, 1_000])} == {480_000, 0}


severities = st.sampled_from([0.0, 0.3, 0.5, 1.0])
some_spells = st.lists(
    st.builds(
        lambda name, from_s, length_s, severity: spell(name, from_s, from_s + length_s, severity),
        st.sampled_from(LINKS),
        st.integers(0, 200_000).map(lambda ms: ms / 1_000),
        st.integers(1, 200_000).map(lambda ms: ms / 1_000),
        severities,
    ),
    max_size=4,
)
END_S = 3_600


@given(spells=some_spells, cuts=st.lists(st.integers(0, 600_000), max_size=12))
def test_the_fate_of_every_moment_is_the_same_however_time_is_cut(
    spells: list[Spell], cuts: list[int]
) -> None:
    whole = LinkFaults(spells, seed=1).due(EPOCH_MS, EPOCH_MS + END_S * 1_000)
    cut = told(spells, [0, *sorted({one / 1_000 for one in cuts}), END_S])

    def packets(found: list[Delivery]) -> list[Delivery]:
        """Those under a fault; the others are cut as the time is."""
        return [one for one in found if any(a.from_ms <= one.from_ms < a.until_ms for a in spells)]

    assert packets(cut) == packets(whole)


@given(spells=some_spells, cuts=st.lists(st.integers(0, 600_000), max_size=12))
def test_every_moment_leaves_once_and_is_lost_only_by_a_drop(spells: list[Spell], cuts: list[int]) -> None:
    found = told(spells, [0, *sorted({one / 1_000 for one in cuts}), END_S])

    first = sorted(one for one in spans([one for one in found if not one.copy]) if one[0] < one[1])
    assert first[0][0] == 0
    assert first[-1][1] == END_S
    assert all(one[1] == other[0] for one, other in pairwise(first))
    drops = [one for one in spells if one.fault == "silent-drop"]
    for one in found:
        assert not one.lost or any(drop.from_ms <= one.from_ms < drop.until_ms for drop in drops)
        assert one.due_ms >= one.to_ms


@given(spells=some_spells, at=st.integers(0, 600_000), to=st.integers(1, 60_000))
def test_what_lies_before_what_is_needed_may_be_forgotten(spells: list[Spell], at: int, to: int) -> None:
    faults = LinkFaults(spells, seed=1)

    needed_ms = faults.needs_from_ms(EPOCH_MS + at)

    for one in faults.due(EPOCH_MS + at, EPOCH_MS + at + to):
        assert one.from_ms >= needed_ms
    assert needed_ms <= EPOCH_MS + at
    assert faults.needs_from_ms(EPOCH_MS + at + to) >= needed_ms


@pytest.mark.parametrize("name", LINKS)
def test_a_fault_cleared_early_changes_nothing_of_what_was_told_before(name: str) -> None:
    planned, cleared = spell(name, 15, 600), spell(name, 15, 123.4)
    cuts = [0.0, 30.0, 61.7, 100.0, 123.4]

    assert told([planned], cuts) == told([cleared], cuts)


far_spells = st.lists(
    st.builds(
        lambda name, from_s, length_s, severity: spell(name, from_s, from_s + length_s, severity),
        st.sampled_from(LINKS),
        st.integers(0, 20_000),
        st.integers(1, 600),
        severities,
    ),
    max_size=12,
).map(lambda spells: sorted(spells, key=lambda one: one.from_ms))


@given(spells=far_spells, at=st.integers(0, 30_000_000), to=st.integers(1, 600_000))
def test_what_leaves_after_a_trouble_is_over_is_told_without_it(
    spells: list[Spell], at: int, to: int
) -> None:
    from_ms, to_ms = EPOCH_MS + at, EPOCH_MS + at + to

    still = [one for trouble in troubles(spells) if trouble.over_ms >= from_ms for one in trouble.spells]

    assert LinkFaults(still, seed=1).due(from_ms, to_ms) == LinkFaults(spells, seed=1).due(from_ms, to_ms)


def test_of_a_thousand_faults_of_a_link_only_the_last_has_a_say_in_what_leaves_now() -> None:
    spells = [spell("delay", one * 7_200, one * 7_200 + 600, 1.0) for one in range(1_000)]

    found = troubles(spells)

    assert [one.spells for one in found] == [(one,) for one in spells]
    assert found[-2].over_ms < spells[-1].from_ms
    now_ms = spells[-1].until_ms
    assert LinkFaults(found[-1].spells, seed=1).needs_from_ms(now_ms) >= spells[-1].from_ms
