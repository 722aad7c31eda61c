"""A machine that an order holds, and lets go on: what was to come comes later, and nothing else changes."""

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from protocol.states import State
from simulator.plant import Plant
from tests.simulator.factory import EPOCH_MS, HOUR_MS, MACHINES, MINUTE_MS, machine, plain
from tests.simulator.test_plant import told

SPAN_MS = 3 * HOUR_MS
ALONE = sorted(
    name
    for name, one in MACHINES.items()
    if one.settings.makes_parts and all(stop.clock == "running" for stop in one.settings.stops)
)
"""Those whose clocks all stand while they stand; a compressor follows those who draw air."""


def hold(plant: Plant, name: str, at_ms: int) -> None:
    """Hold a machine as an order does."""
    plant.hold(name, "paused", at_ms)


def lived(name: str, *, held: tuple[int, int] | None = None, advances: list[int] | None = None) -> Plant:
    """A plant of one machine after its span, which was held in between, advanced in steps."""
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(MACHINES[name], EPOCH_MS)
    orders = {} if held is None else {held[0]: hold, held[1]: Plant.let_go}
    for at_ms in sorted({*(advances or []), *orders, SPAN_MS}):
        plant.advance(EPOCH_MS + at_ms)
        if at_ms in orders:
            orders[at_ms](plant, name, EPOCH_MS + at_ms)
    plant.advance(EPOCH_MS + SPAN_MS)
    return plant


def changes(plant: Plant, name: str) -> list[tuple[int, Any, str, str, int | None]]:
    """What a machine truly did, by ms after the epoch."""
    return [
        (one.offset_ms, one.state, one.phase, one.cause, one.parts)
        for one in plant.truth(name, EPOCH_MS, EPOCH_MS + SPAN_MS).changes
    ]


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    name=st.sampled_from(sorted(MACHINES)),
    held=st.lists(st.integers(1, SPAN_MS - 1), min_size=2, max_size=2, unique=True).map(sorted),
    advances=st.lists(st.integers(0, SPAN_MS), max_size=5),
    cuts=st.lists(st.integers(0, SPAN_MS), max_size=10).map(sorted),
)
def test_it_says_the_same_however_time_is_cut(
    name: str, held: list[int], advances: list[int], cuts: list[int]
) -> None:
    whole = lived(name, held=(held[0], held[1]))
    cut = lived(name, held=(held[0], held[1]), advances=advances)

    moments = [EPOCH_MS, *(EPOCH_MS + moment for moment in cuts), EPOCH_MS + SPAN_MS]

    assert told(cut, name, moments) == told(whole, name, [EPOCH_MS, EPOCH_MS + SPAN_MS])


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    name=st.sampled_from(ALONE),
    held=st.lists(st.integers(1, SPAN_MS - 1), min_size=2, max_size=2, unique=True).map(sorted),
)
def test_what_was_to_come_comes_later_by_the_time_it_was_held(name: str, held: list[int]) -> None:
    plant = lived(name)
    free = changes(plant, name)
    pause, release = held[0] + 1, held[1] + 1
    # What is being mended or set up is finished while it is held.
    assume(all(at != pause for at, *_ in free))
    begun = plant.truth(name, EPOCH_MS, EPOCH_MS + SPAN_MS).phase
    phases = [begun, *(phase for at, _, phase, *_ in free if at < pause and phase)]
    assume(phases[-1] == "cycle")
    delay = release - pause

    changed = changes(lived(name, held=(held[0], held[1])), name)

    assert [one for one in changed if one[0] < pause] == [one for one in free if one[0] < pause]
    assert [(at, *rest) for at, *rest in changed if at > release] == [
        (at + delay, *rest) for at, *rest in free if at > pause and at + delay <= SPAN_MS
    ]
    between = [one for one in changed if pause <= one[0] < release]
    assert [one[1:4] for one in between] == [(State.IDLE, "waiting for material", "paused")]


def test_a_held_machine_stands_in_the_middle_of_its_part_and_finishes_it_afterwards() -> None:
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(plain(cycle_s=60, cycle_cv=0)), EPOCH_MS)
    plant.advance(EPOCH_MS + MINUTE_MS)
    before = plant.truth("mill-1", EPOCH_MS, EPOCH_MS + MINUTE_MS).changes[-1].offset_ms
    hold(plant, "mill-1", EPOCH_MS + MINUTE_MS)
    plant.advance(EPOCH_MS + 11 * MINUTE_MS)

    held = plant.truth("mill-1", EPOCH_MS + MINUTE_MS, EPOCH_MS + 11 * MINUTE_MS)
    plant.let_go("mill-1", EPOCH_MS + 11 * MINUTE_MS)
    plant.advance(EPOCH_MS + 12 * MINUTE_MS)
    after = plant.truth("mill-1", EPOCH_MS + 11 * MINUTE_MS, EPOCH_MS + 12 * MINUTE_MS)

    assert [(one.offset_ms, one.state, one.cause) for one in held.changes] == [(1, State.IDLE, "paused")]
    assert held.parts == after.parts
    made = [one.offset_ms for one in after.changes if one.parts is not None]
    assert made == [before]
    batch = plant.batch("mill-1", EPOCH_MS + 2 * MINUTE_MS, EPOCH_MS + 3 * MINUTE_MS)
    assert batch is not None
    assert set(batch.signals["power_kw"].tolist()) == {2.0}
