"""A sample of `make chaos`: faults of every kind, and the history is what it would have been."""

import functools
from pathlib import Path

import numpy as np
import pytest

from protocol.readings import Int64s
from tests.chaos.__main__ import EACH
from tests.chaos.comparison import compare
from tests.chaos.dump import differences, without_repeats
from tests.chaos.evidence import Kept, balance
from tests.chaos.faults import KINDS, Episode, Fault, befalls, cells, planned
from tests.chaos.needs import lacking
from tests.chaos.plant import DATABASE, PARTS
from tests.chaos.said import names
from tests.chaos.surroundings import Surroundings

ALL = (*PARTS, DATABASE)
SAMPLE = (
    (("killed", "ingest"), ("stepped", "web")),
    (("stopped", "broker"),),
    (("cut off", "simulator"), ("filled", "broker")),
    (("restarted", "web"), ("slowed", "ingest")),
    (("killed", "simulator"), ("filled", DATABASE)),
    (("killed", "broker"), ("stepped", "ingest")),
)
"""Each kind of fault, and each part; those of a line at once."""


def sample() -> list[Episode]:
    return [
        Episode(
            after_minutes=3,
            after_s=0.2,
            faults=tuple(
                Fault(kind=kind, part=part, begins_s=0.2 * k, lasts_s=0.6, much=MUCH.get(kind, 0))  # type: ignore[arg-type]
                for k, (kind, part) in enumerate(together)
            ),
        )
        for together in SAMPLE
    ]


MUCH = {"slowed": 256, "stepped": -3 * 365 * 86_400}


@pytest.mark.broker
@pytest.mark.journey
@pytest.mark.faults
@pytest.mark.timeout(1_200)
def test_a_history_with_faults_is_row_for_row_the_undisturbed_one(tmp_path: Path) -> None:
    if why := lacking():
        pytest.fail(why)
    befallen: list[tuple[str, str]] = []

    with Surroundings(tmp_path / "disturbed", PARTS) as around:
        found = compare(
            tmp_path,
            seed=5,
            episodes=sample(),
            say=lambda one: befallen.append((one.fault.kind, one.fault.part)),
            around=around,
        )

    assert befallen == [one for together in SAMPLE for one in together]
    assert {kind for kind, _ in befallen} == set(KINDS)
    assert {part for _, part in befallen} == set(ALL)
    assert found.different == ""
    assert (found.balance.lost, found.balance.doubled) == (0, 0)
    assert found.balance.readings > 400_000
    assert found.rows["intervals"] > 700
    assert found.rows["truth_counts"] > 1_000
    assert found.rows["twin: intervals"] > 700
    assert found.rows["twin: truth_counts"] > 1_000
    assert found.rows["twin: calls"] == 0


def test_the_same_seed_plans_the_same_faults() -> None:
    assert planned(1, 6, ALL) == planned(1, 6, ALL)
    assert planned(1, 6, ALL) != planned(2, 6, ALL)


@pytest.mark.parametrize("served", [False, True])
def test_every_kind_befalls_every_part_that_it_makes_sense_for_as_often_as_planned(*, served: bool) -> None:
    faults = [fault for episode in planned(1, 6, ALL, told=ALL, served=served) for fault in episode.faults]

    met = {cell: sum((one.kind, one.part) == cell for one in faults) for cell in cells(ALL, served=served)}
    assert set(met.values()) == {6}
    assert len(faults) == 6 * len(met)
    assert {kind for kind, _ in met} == set(KINDS)
    assert {part for _, part in met} == set(ALL)
    assert befalls("restarted", "web", served=served)
    assert not befalls("restarted", "simulator", served=served)


def test_a_full_run_plans_at_least_two_hundred_faults_some_of_them_at_once() -> None:
    workers = ("ingest-1", "ingest-2", *PARTS[1:], DATABASE)
    episodes = planned(1, EACH["sqlite"], ALL, told=ALL)
    episodes += planned(1, EACH["postgresql"], workers, told=(DATABASE,), served=True)

    assert sum(len(one.faults) for one in episodes) >= 200
    assert sum(len(one.faults) > 1 for one in episodes) >= 20


def test_who_is_dead_is_not_stopped_and_a_wire_that_is_cut_is_not_slowed() -> None:
    ends, wires = {"killed", "restarted", "stopped"}, {"cut off", "slowed"}
    for episode in planned(3, 20, ALL, served=True):
        for part in ALL:
            kinds = [one.kind for one in episode.faults if one.part == part]
            assert len(kinds) == len(set(kinds))
            assert sum(kind in ends for kind in kinds) <= 1
            assert sum(kind in wires for kind in kinds) <= 1


def test_a_fault_is_said_only_by_who_names_its_link_first() -> None:
    def answer(*links: str) -> dict[str, object]:
        return {
            "status": "degraded" if links else "ok",
            "sentences": [{"link": link, "weight": "broken", "what": f"{link} is broken"} for link in links],
        }

    fault = functools.partial(Fault, begins_s=0.0, lasts_s=0.0, told=True)

    assert names(fault(kind="stopped", part="broker"), answer("broker")) == "broker is broken"
    assert names(fault(kind="stopped", part="broker"), answer("ingest", "broker")) == ""
    assert names(fault(kind="cut off", part="ingest-2"), answer("ingest")) == "ingest is broken"
    assert names(fault(kind="filled", part=DATABASE), answer("history")) == "history is broken"
    assert names(fault(kind="killed", part="web"), answer()) == ""
    assert names(fault(kind="killed", part="web"), None) != ""
    assert names(fault(kind="stepped", part="web"), answer("ingest")) == ""
    assert names(fault(kind="stepped", part="web"), answer()) != ""


def test_a_reading_that_is_missing_is_lost_and_one_that_is_counted_twice_is_doubled() -> None:
    signal = ("plant", "mill-1", "power_kw")

    def kept(moments: list[int], counted: int) -> Kept:
        found: Int64s = np.array(moments, dtype=np.int64)
        return Kept(messages=1, moments={signal: found}, told_twice=0, counted={signal: counted})

    undisturbed = kept([1, 2, 3], 3)

    def told(other: Kept) -> tuple[int, int]:
        found = balance(undisturbed, other)
        return found.lost, found.doubled

    assert told(kept([1, 2, 3], 3)) == (0, 0)
    assert told(kept([1, 3], 2)) == (1, 0)
    assert told(kept([1, 2, 3], 4)) == (0, 1)
    assert told(kept([1, 2, 3], 2)) == (1, 0)
    assert told(kept([1, 2, 3, 4], 4)) == (0, 1)


def test_a_row_that_only_one_history_has_is_a_difference() -> None:
    one = {"intervals": [("mill-1", 0, "running", ""), ("mill-1", 7, "idle", "")]}
    other = {"intervals": [("mill-1", 0, "running", ""), ("mill-1", 8, "idle", "")]}

    found = functools.partial(differences, one)

    assert found(one) == {}
    assert found(other) == {
        "intervals": [
            "undisturbed only: ('mill-1', 7, 'idle', '')",
            "disturbed only: ('mill-1', 8, 'idle', '')",
        ]
    }


def test_only_counts_that_are_said_again_are_left_out() -> None:
    said = [
        ("mill-1", 0, 5, 1),
        ("mill-1", 7, 5, 1),
        ("mill-1", 9, 6, 1),
        ("mill-2", 9, 6, 1),
        ("mill-2", 10, 5, 1),
    ]

    assert without_repeats(said) == [said[0], *said[2:]]
    assert without_repeats([]) == []
