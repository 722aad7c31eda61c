import pytest

from simulator.faults.catalogue import LONGEST_S
from simulator.faults.spells import Spell, Spells, SpellsOfMachines

LONGEST_MS = round(LONGEST_S * 1_000)


def spell(fault: str, from_ms: int, until_ms: int, machine: str = "mill-1") -> Spell:
    return Spell(
        machine=machine, fault=fault, severity=0.5, from_ms=from_ms, until_ms=until_ms, planned_ms=until_ms
    )


@pytest.fixture
def spells() -> Spells:
    found = Spells()
    for one in (
        spell("jam", 0, LONGEST_MS),
        spell("delay", 1_000, 2_000),
        spell("jam", 1_500, 3_000, "mill-2"),
        spell("starved", 2_000, 4_000),
    ):
        found.begin(one)
    return found


def test_one_that_lasts_as_long_as_any_may_is_on_until_its_end(spells: Spells) -> None:
    assert [one.fault for one in spells.on("mill-1", LONGEST_MS - 1)] == ["jam"]
    assert spells.on("mill-1", LONGEST_MS) == []
    assert [one.fault for one in spells.during("mill-1", LONGEST_MS, LONGEST_MS + 1)] == ["jam"]
    assert spells.during("mill-1", LONGEST_MS + 1, LONGEST_MS + 2) == []


def test_one_is_on_from_the_moment_it_begins_and_touches_what_ends_after_that(spells: Spells) -> None:
    assert [one.fault for one in spells.on("mill-1", 999)] == ["jam"]
    assert [one.fault for one in spells.on("mill-1", 1_000)] == ["jam", "delay"]
    assert [one.fault for one in spells.during("mill-1", 500, 1_000)] == ["jam"]
    assert [one.fault for one in spells.during("mill-1", 500, 1_001)] == ["jam", "delay"]


def test_what_is_at_fault_tells_them_apart_and_one_that_is_ended_is_so_everywhere(spells: Spells) -> None:
    spells.end("mill-1", 2_500, "starved")

    assert [one.fault for one in spells.of("mill-1", "link")] == ["delay"]
    assert [(one.fault, one.until_ms) for one in spells.of("mill-1", "machine")][1] == ("starved", 2_500)
    assert [one.until_ms for one in spells.of("mill-1")] == [LONGEST_MS, 2_000, 2_500]
    assert [one.fault for one in SpellsOfMachines(spells).during("mill-1", 0, 9_000)] == ["jam", "starved"]
    assert len(list(spells)) == 4


def test_a_copy_goes_its_own_way(spells: Spells) -> None:
    other = spells.copy()

    other.begin(spell("spike", 5_000, 6_000))
    other.end("mill-2", 2_000)

    assert [one.fault for one in spells.of("mill-1")] == ["jam", "delay", "starved"]
    assert [one.until_ms for one in spells.of("mill-2")] == [3_000]
    assert [one.until_ms for one in other.of("mill-2")] == [2_000]
