"""What a machine made are the differences of its counters, in whatever order they come."""

from itertools import pairwise
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dashboard.parts import SILENT, Counts, Int64s, Tally
from protocol.readings import Batch, Change, decode_batch
from tests.dashboard.letters import HOUR_MS, LAW


def counts(*entries: tuple[int, int, int]) -> Counts:
    """Entries of (at_ms, parts, rejects)."""
    columns = np.array(entries, np.int64).reshape(-1, 3)
    return Counts(columns[:, 0], columns[:, 1], columns[:, 2])


def test_the_first_value_is_the_baseline() -> None:
    made = counts((0, 100, 5), (10, 103, 6)).made(-100, 100)

    assert made == (3, 1)


def test_a_part_belongs_to_the_window_that_ends_with_it_and_not_to_the_one_that_begins() -> None:
    made = counts((0, 0, 0), (10, 1, 0), (20, 2, 0))

    assert made.made(0, 10) == (1, 0)
    assert made.made(10, 20) == (1, 0)
    assert made.made(10, 19) == (0, 0)


def test_a_counter_that_goes_down_began_again_from_nothing() -> None:
    made = counts((0, 100, 5), (10, 2, 0), (20, 5, 1))

    assert made.made(0, 100) == (5, 1)
    assert made.resets() == [10]


def test_nothing_that_counts_is_not_zero_parts() -> None:
    assert Counts.empty().made(0, 100) is None
    assert Tally().made(0, 100) is None
    assert counts((50, 7, 0)).made(0, 40) is None
    assert Tally.of(counts((50, 7, 0))).made(0, 40) is None


def test_a_machine_that_counts_and_makes_nothing_made_nothing() -> None:
    assert Tally.of(counts((0, 7, 0))).made(10, 20) == (0, 0)


def test_a_counter_that_is_silent_for_a_while_goes_on_from_what_it_said() -> None:
    entries = counts((0, 10, 0), (10, SILENT, 1), (20, 14, SILENT))

    assert entries.made(0, 20) == (4, 1)
    assert Tally.of(entries).made(0, 20) == (4, 1)
    assert Tally.of(entries).made(10, 20) == (4, 0)


def test_the_counters_of_flux_are_differenced_as_published() -> None:
    # G15: cumulative parts and rejects at each hour and half past three.
    hours = [0, 1, 2, 3, 3.5]
    parts, rejects = [1200, 1300, 1400, 1400, 1440], [10, 11, 11, 11, 14]
    said = zip(hours, parts, rejects, strict=True)
    entries = counts(*((int(hour * HOUR_MS), made, rejected) for hour, made, rejected in said))

    made = entries.made(0, 4 * HOUR_MS)

    assert made == (240, 4)
    assert (240 - 4) / 240 == 0.9833333333333333


def test_a_batch_counts_at_its_readings_and_in_its_changes() -> None:
    batch = Batch(
        at_ms=100,
        offsets_ms=np.array([10, 20, 30]),
        signals={},
        parts=np.array([5.0, np.nan, 6.0]),
        changes=(Change(offset_ms=25, parts=6, rejects=1),),
    )

    assert Counts.of(batch, 100) == counts((110, 5, SILENT), (125, 6, 1), (130, 6, SILENT))


def test_a_batch_leaves_out_what_repeats_the_entry_before() -> None:
    batch = decode_batch(b'{"offsets_ms": [0, 1, 2, 3], "parts": [5, 5, 5, 6]}')

    assert Counts.of(batch, 100) == counts((100, 5, SILENT), (103, 6, SILENT))


def test_a_batch_without_readings_counts_at_its_own_moment() -> None:
    batch = decode_batch(b'{"offsets_ms": [], "parts": 7}')

    assert Counts.of(batch, 100) == counts((100, 7, SILENT))


def test_a_batch_without_counters_has_no_entries() -> None:
    assert len(Counts.of(decode_batch(b'{"power_kw": 3.2}'), 100)) == 0


def test_a_tally_tells_which_entries_are_new() -> None:
    tally = Tally.of(counts((0, 0, 0), (20, 2, 0)))

    assert tally.add(counts((0, 0, 0), (10, 1, 0))) == counts((10, 1, 0))
    assert len(tally.add(counts((0, 0, 0), (10, 1, 0)))) == 0


def test_of_two_values_for_one_moment_the_higher_counts() -> None:
    tally = Tally.of(counts((0, 0, 0), (10, 3, 0)))

    assert tally.add(counts((10, 4, 0))) == counts((10, 4, 0))
    assert tally.made(0, 10) == (4, 0)


def test_forgetting_keeps_the_baseline_of_what_follows() -> None:
    tally = Tally.of(counts((0, 10, 0), (10, SILENT, 2), (20, 12, SILENT), (30, 15, 3)))

    tally.forget(15)

    assert tally.made(15, 30) == (5, 1)
    assert len(tally) == 3


ENTRIES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(-1, 6), st.integers(-1, 3)), min_size=1, max_size=15
)


@LAW
@given(ENTRIES, st.randoms(use_true_random=False), st.integers(-5, 65), st.integers(0, 40))
def test_order_and_repeats_change_nothing(
    entries: list[tuple[int, int, int]], random: Random, from_ms: int, length: int
) -> None:
    # The law of identity: one moment, one value.
    entries = sorted({at_ms: (at_ms, parts, rejects) for at_ms, parts, rejects in entries}.values())
    shuffled = [*entries, *entries[:3]]
    random.shuffle(shuffled)
    tally, orderly = Tally(), counts(*entries)
    kept = []
    for entry in shuffled:
        kept += list(zip(*(column.tolist() for column in columns(tally.add(counts(entry)))), strict=True))

    assert tally.counts() == orderly
    assert sorted(kept) == entries
    assert tally.made(from_ms, from_ms + length) == orderly.made(from_ms, from_ms + length)


def columns(entries: Counts) -> tuple[Int64s, Int64s, Int64s]:
    return entries.at_ms, entries.parts, entries.rejects


@LAW
@given(ENTRIES, st.lists(st.integers(-5, 65), min_size=2, max_size=6))
def test_touching_windows_add_up(entries: list[tuple[int, int, int]], edges: list[int]) -> None:
    # Rejects of a machine that does not count its parts yet belong to no window.
    begun = [(0, max(entries[0][1], 0), entries[0][2]), *((at_ms + 1, *said) for at_ms, *said in entries)]
    unique = sorted({at_ms: (at_ms, parts, rejects) for at_ms, parts, rejects in begun}.values())
    tally = Tally.of(counts(*unique))
    edges = sorted(set(edges))

    pieces = [tally.made(one, two) for one, two in pairwise(edges)]

    whole = tally.made(edges[0], edges[-1])
    known = [piece for piece in pieces if piece is not None]
    if whole is not None and len(edges) > 1:
        assert (sum(parts for parts, _ in known), sum(rejects for _, rejects in known)) == whole
