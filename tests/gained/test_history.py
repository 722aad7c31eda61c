"""The gain from a history that offices wrote: exact, however it is asked, and zero under equal rules."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from dashboard.calendar.places import Calendar
from dashboard.gain.paper import Habits
from dashboard.gain.tally import FIELDS, MONITORED, PLACES, TWIN, tally
from dashboard.history.gain import GainReader
from dashboard.history.gain_reading import Asked, evidence_of
from dashboard.history.gained import HOUR_MS, GainBook
from dashboard.history.reader import Reader
from dashboard.history.twins import TwinPlants, twin_plants
from dashboard.kpi.basis import Basis
from tests.gained.conftest import AWAY, NAMES
from tests.gained.two_plants import EPOCH_MS, MINUTE, RUN, LivedPlant, specs

BASIS = Basis(calendar=Calendar.read())
WINDOWS = [(0, 200 * MINUTE), (17, 61 * MINUTE + 3), (65 * MINUTE, 70 * MINUTE), (HOUR_MS, 3 * HOUR_MS),
           (30 * MINUTE, 199 * MINUTE + 999), (190 * MINUTE, 200 * MINUTE)]  # fmt: skip


@pytest.fixture
def reader(two_plants: str) -> Reader:
    return Reader(two_plants)


@pytest.fixture
def plants(reader: Reader) -> TwinPlants:
    found = twin_plants(reader, reader.runs()[0])
    assert found is not None
    return found


def test_a_twin_is_no_run_of_its_own(reader: Reader, plants: TwinPlants) -> None:
    assert [one.run for one in reader.runs()] == [RUN]
    assert {one.name for one in plants.machines} == set(NAMES)
    assert {one.name: one.after for one in plants.machines if one.after} == {
        "mill-3": "mill-1",
        "packer-2": "packer-1",
    }


@pytest.mark.parametrize("window", WINDOWS)
def test_remembered_hours_say_what_the_rows_say(
    reader: Reader, plants: TwinPlants, window: tuple[int, int]
) -> None:
    book = GainBook(reader, BASIS)
    book.gained(plants.machines, EPOCH_MS, EPOCH_MS + 150 * MINUTE)
    begin, end = (EPOCH_MS + moment for moment in window)

    found = book.gained(plants.machines, begin, end)

    asked = [Asked(both=one, from_ms=begin, to_ms=end, phases_from_ms=begin) for one in plants.machines]
    for one, known in zip(found, evidence_of(reader, BASIS, asked), strict=True):
        whole = tally(known.pieces, known.trails, np.array((begin, end), np.int64))
        assert np.array_equal(one.sums, whole.sums[0]), one.both.name
        assert one.common_ms == whole.common_ms[0]
        for mine, theirs in zip(one.stretches, whole.stretches, strict=True):
            assert np.array_equal(mine.start_ms, theirs.start_ms)
            assert np.array_equal(mine.end_ms, theirs.end_ms)


def test_windows_that_meet_add_up(reader: Reader, plants: TwinPlants) -> None:
    book = GainBook(reader, BASIS)
    cuts = [EPOCH_MS + moment for moment in (0, 10_007, 59 * MINUTE, 2 * HOUR_MS, 200 * MINUTE)]

    whole = book.gained(plants.machines, cuts[0], cuts[-1])
    parts = [book.gained(plants.machines, *span) for span in itertools.pairwise(cuts)]

    for place, one in enumerate(whole):
        assert np.array_equal(one.sums, np.sum([part[place].sums for part in parts], axis=0))


def test_answers_tell_the_phases_that_the_truth_tells(reader: Reader, plants: TwinPlants) -> None:
    gain = GainReader(reader, BASIS).gain(plants, EPOCH_MS, EPOCH_MS + 120 * MINUTE, Habits())
    split = gain.split

    assert split.gained_ms == sum(one.gained_ms for one in split.shares)
    assert 0 < split.answered_ms < split.standing_ms[MONITORED]
    assert all(one.phase != "not told" or not one.monitored_ms for one in split.shares)


def test_pairs_number_stops_from_the_beginning_of_the_run_however_the_past_is_remembered(
    reader: Reader, plants: TwinPlants
) -> None:
    fresh = GainBook(reader, BASIS).gained(plants.machines, EPOCH_MS, EPOCH_MS + 200 * MINUTE)
    grown = GainBook(reader, BASIS)
    for minutes in (40, 61, 122, 185, 200):
        found = grown.gained(plants.machines, EPOCH_MS, EPOCH_MS + minutes * MINUTE)

    assert [one.pairs for one in found] == [one.pairs for one in fresh]
    assert sum(len(one.pairs) for one in fresh) > 20
    late = grown.gained(plants.machines, EPOCH_MS + 150 * MINUTE, EPOCH_MS + 200 * MINUTE)
    numbered = {(one.machine, one.cause, one.number) for each in fresh for one in each.pairs}
    assert {(one.machine, one.cause, one.number) for each in late for one in each.pairs} <= numbered


def test_time_without_an_office_is_a_hole_with_the_calls_that_were_missed(
    reader: Reader, plants: TwinPlants
) -> None:
    gain = GainReader(reader, BASIS).gain(plants, EPOCH_MS, EPOCH_MS + 200 * MINUTE, Habits())

    (hole,) = gain.holes
    assert hole.without.from_ms == EPOCH_MS + AWAY[0] * MINUTE
    assert abs(hole.without.to_ms - (EPOCH_MS + AWAY[1] * MINUTE)) <= MINUTE
    assert hole.without.over
    assert hole.without.missed > 0


def test_good_parts_of_a_line_are_counted_where_they_can_be(reader: Reader, plants: TwinPlants) -> None:
    gain = GainReader(reader, BASIS).gain(plants, EPOCH_MS, EPOCH_MS + 200 * MINUTE, Habits())

    # The last machines have power meters alone; the compressor makes no parts.
    assert {one.line: (one.outlets.counted, one.outlets.not_counted) for one in gain.lines} == {
        "machining": (("mill-1",), ()),
        "packing": (("packer-1",), ()),
    }
    for line in gain.lines:
        mine, other = gain.accounts[line.outlets.counted[0]]
        assert line.monitored == mine["parts"] + mine["off_parts"] - mine["rejects"] - mine["off_rejects"]
        assert line.twin == other["parts"] + other["off_parts"] - other["rejects"] - other["off_rejects"]
        assert line.gained == (line.monitored or 0) - (line.twin or 0)


def test_the_gain_is_exactly_zero_where_both_plants_have_equal_rules(tmp_path: Path) -> None:
    history = f"sqlite:///{tmp_path}/history.db"
    twin = LivedPlant(history, specs("mill-1", "packer-1"), monitored=False)
    twin.live(70)
    same = LivedPlant(history, specs("mill-1", "packer-1"), monitored=False, run=RUN)
    same.live(70)
    reader = Reader(history)
    plants = twin_plants(reader, reader.runs()[0])
    assert plants is not None

    gain = GainReader(reader, BASIS).gain(plants, EPOCH_MS, EPOCH_MS + 70 * MINUTE, Habits())

    assert gain.split.common_ms > 0
    assert all(one.gained_ms == 0 for one in gain.split.shares)
    assert all((one.gained, one.lead_ms) == (0, 0) for one in gain.lines)
    assert all(one.gained_ms == 0 for one in gain.pairs if one.gained_ms is not None)
    assert all(one.monitored == one.twin for one in gain.pairs)


def test_utilization_by_the_common_time_is_that_of_the_kpi_code_where_both_are_observed(
    reader: Reader, plants: TwinPlants
) -> None:
    begin, end = EPOCH_MS + 5 * MINUTE, EPOCH_MS + 195 * MINUTE
    gain = GainReader(reader, BASIS).gain(plants, begin, end, Habits())

    for both, split in gain.machines:
        for plant in (MONITORED, TWIN):
            account = gain.accounts[both.name][plant]
            assert split.planned_ms[plant] == account.planned_ms
            if split.common_ms == split.observed_ms[plant]:
                assert {state: account[state] for state in split.states_ms[plant]} == split.states_ms[plant]


def test_there_is_a_place_for_every_field() -> None:
    assert sorted(PLACES.values()) == list(range(len(FIELDS)))
