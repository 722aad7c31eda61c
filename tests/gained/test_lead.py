"""How much earlier a line had made what both plants have made by now: by hand, and as laws."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.calendar.places import Calendar
from dashboard.gain.lead import Made, all_but, made_in
from dashboard.gain.outlets import Outlets
from dashboard.gain.paper import Habits
from dashboard.gain.parts import LineParts
from dashboard.history.gain import GainReader
from dashboard.history.gain_lead import LEAST_MS, leads_ms
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow
from dashboard.history.store import Store, Writes
from dashboard.history.stretches import Stretch
from dashboard.history.twins import Both, twin_plants
from dashboard.kpi.basis import Basis
from dashboard.parts import SILENT, Counts
from protocol.twin import twin_run
from tests.gained.two_plants import EPOCH_MS, MINUTE, RUN

Entry = tuple[int, int, int]
"""Moment, parts, rejects."""
NAMES = ("mill-1", "mill-2")
TO_MS = 1_000 * MINUTE


def counts(*entries: Entry) -> Counts:
    return Counts(*(np.array(column, np.int64) for column in zip(*entries, strict=True)))


def row(run: str, name: str) -> MachineRow:
    return MachineRow(
        run=run, name=name, path="machining", since_ms=0, retired_ms=None, known_until_ms=TO_MS,
        birth=None, learned=None,
    )  # fmt: skip


BOTH = [Both(monitored=row(RUN, name), twin=row(twin_run(RUN), name)) for name in NAMES]


def lead(history: str, monitored: int | None, twin: int | None, from_ms: int = 0) -> int | None:
    outlets = Outlets(line="machining", counted=NAMES, instead_of={}, not_counted=())
    line = LineParts(outlets=outlets, monitored=monitored, twin=twin)
    (found,) = leads_ms(Reader(history), [line], {one.name: one for one in BOTH}, (from_ms, TO_MS))
    return found


def history_of(folder: Path, **told: Sequence[Entry]) -> str:
    """A history with counters: `plant_1` is mill-1 of the monitored plant, `twin_2` mill-2 of the twin."""
    history = f"sqlite:///{folder}/history.db"
    store = Store(history)
    rows = [
        {
            "run": RUN if name.startswith("plant") else twin_run(RUN), "machine": f"mill-{name[-1]}",
            "at_ms": at_ms, "parts": parts, "rejects": rejects,
        }
        for name, entries in told.items()
        for at_ms, parts, rejects in entries
    ]  # fmt: skip
    store.write(Writes(counts=rows))
    store.close()
    return history


def test_a_line_that_stands_in_the_same_stop_is_ahead_by_how_much_sooner_it_came_to_it(
    tmp_path: Path,
) -> None:
    history = history_of(
        tmp_path,
        plant_1=[(0, 0, 0), (100 * MINUTE, 1, 0), (200 * MINUTE, 2, 0), (300 * MINUTE, 3, 1)],
        twin_1=[(0, 0, 0), (107 * MINUTE, 1, 0), (207 * MINUTE, 2, 0), (308 * MINUTE, 3, 1)],
    )

    # The third part was a reject: both stand since their second good one.
    assert lead(history, 2, 2) == 7 * MINUTE


def test_the_part_that_counts_is_the_last_of_the_plant_that_made_fewer(tmp_path: Path) -> None:
    history = history_of(
        tmp_path,
        plant_1=[(0, 40, 0), (100, 41, 0), (200, 42, 0), (990 * MINUTE, 43, 0)],
        plant_2=[(0, 0, 0), (150, 1, 0), (995 * MINUTE, 2, 0)],
        twin_1=[(0, 70, 0), (900 * MINUTE, 71, 0), (950 * MINUTE, 72, 0)],
        twin_2=[(0, 9, 0), (940 * MINUTE, 10, 0)],
    )

    # Five against three: the twin made its third at 950 min, the plant at 200 ms.
    assert lead(history, 5, 3) == 950 * MINUTE - 200
    assert lead(history, 5, 0) is None
    assert lead(history, None, 3) is None


def test_a_counter_that_began_again_or_said_nothing_for_a_while_is_read_as_everywhere(
    tmp_path: Path,
) -> None:
    history = history_of(
        tmp_path,
        plant_1=[(0, 500, 3), (10, 501, 3), (20, SILENT, 3), (30, 1, SILENT), (40, 2, 3)],
        twin_1=[(0, 0, 0), (50, 2, 0)],
    )

    assert lead(history, 3, 2) == 50 - 30


def test_a_twin_that_was_first_is_behind_by_less_than_nothing(tmp_path: Path) -> None:
    history = history_of(
        tmp_path, plant_1=[(0, 0, 0), (90, 1, 0)], twin_1=[(0, 0, 0), (70, 1, 0), (80, 2, 0)]
    )

    assert lead(history, 1, 2) == -20


def test_only_the_newest_counts_are_read_where_both_are_near_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [(minute * MINUTE, minute, 0) for minute in range(1_000)]
    history = history_of(tmp_path, plant_1=made, twin_1=made)
    read: list[int] = []
    whole = Reader.counted

    def noted(self: Reader, stretches: Sequence[Stretch]) -> list[Counts]:
        found = whole(self, stretches)
        read.extend(map(len, found))
        return found

    monkeypatch.setattr(Reader, "counted", noted)

    assert lead(history, 999, 999) == 0
    assert len(read) == 2 * len(NAMES)
    assert max(read) == LEAST_MS // MINUTE


@pytest.mark.parametrize("window", [(0, 200), (17, 61), (65, 70), (110, 199)])
def test_what_is_found_by_looking_back_is_what_all_counts_say(
    two_plants: str, window: tuple[int, int]
) -> None:
    reader = Reader(two_plants)
    plants = twin_plants(reader, reader.runs()[0])
    assert plants is not None
    begin, end = (EPOCH_MS + minute * MINUTE for minute in window)

    found = GainReader(reader, Basis(calendar=Calendar.read())).gain(plants, begin, end, Habits())

    for line in found.lines:
        assert line.monitored
        assert line.twin
        moments = []
        for run in (RUN, twin_run(RUN)):
            (name,) = line.outlets.counted
            made = made_in(reader.counts(run, name), begin, end)
            since = np.flatnonzero(np.cumsum(made.good) < min(line.monitored, line.twin))
            moments.append(int(made.at_ms[since[-1] + 1 if len(since) else 0]))
        assert line.lead_ms == moments[1] - moments[0]


steps = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 3), st.integers(0, 1)), min_size=1, max_size=30)


def made_of(added: Sequence[Entry]) -> Counts:
    """Counters that add so much after so many milliseconds each, from a first value on."""
    return counts((0, 7, 2), *itertools.islice(itertools.accumulate(added, _and, initial=(0, 7, 2)), 1, None))


def _and(before: Entry, step: Entry) -> Entry:
    return before[0] + step[0], before[1] + step[1], before[2] + min(step[1], step[2])


@given(steps, steps, st.integers(0, 10), st.integers(0, 1_000))
def test_the_end_of_the_time_tells_it_as_the_whole_does(
    one: list[Entry], other: list[Entry], behind: int, since: int
) -> None:
    told = [made_of(one), made_of(other)]
    end = max(int(each.at_ms[-1]) for each in told)

    whole = all_but(behind, [made_in(each, 0, end) for each in told])
    part = all_but(behind, [made_in(each, min(since, end), end) for each in told])

    assert part in {whole, None}
    assert (part is None) == (whole is None or whole <= since)


@given(steps, st.integers(0, 20))
def test_a_line_had_made_so_many_then_and_not_just_before(one: list[Entry], behind: int) -> None:
    made = made_in(made_of(one), 0, 10_000)
    total = int(made.good.sum())

    at_ms = all_but(behind, [made])

    if at_ms is None:
        assert total <= behind
    else:
        assert made.good[made.at_ms <= at_ms].sum() >= total - behind > made.good[made.at_ms < at_ms].sum()


def test_of_nothing_there_is_no_moment() -> None:
    nothing = np.empty(0, np.int64)

    assert all_but(0, []) is None
    assert all_but(0, [Made(at_ms=nothing, good=nothing)]) is None
