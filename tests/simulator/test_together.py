"""A fleet that is read together says what each of its machines says when it is asked alone."""

import numpy as np
import pytest

from protocol.messages import Truth
from protocol.readings import write_batch
from simulator.faults.spells import Spell
from simulator.histories.outbox import Outbox
from simulator.plant import Plant
from simulator.specs.machine import parse_machine
from simulator.streams import Bundle, Stream
from tests.simulator.factory import EPOCH_MS, KINDS, SECOND_MS

RETROFIT = "controller = false\n"
NOISELESS = "signals.power_kw.noise = 0\n"


def fleet() -> Plant:
    """Three machines of each kind, one of them a retrofit and one with a sensor of its own."""
    plant = Plant(seed=7, epoch_ms=EPOCH_MS, run="a1b2c3d4")
    for kind in sorted(KINDS):
        for name, more in (("a", ""), ("b", RETROFIT), ("c", NOISELESS), ("d", "")):
            text = f'kind = "{kind}"\nline = "floor"\n{more}'
            plant.add(parse_machine(text, f"{kind}-{name}.toml", KINDS), EPOCH_MS)
    return plant


def apart(plant: Plant, from_ms: int, to_ms: int) -> dict[str, tuple[bytes, Truth]]:
    """What each machine says when it is asked alone."""
    told = {}
    for name in plant.names():
        batch = plant.batch(name, from_ms, to_ms)
        said = b"" if batch is None else write_batch(batch).payload
        told[name] = said, plant.truth(name, from_ms, to_ms)
    return told


def together(plant: Plant, from_ms: int, to_ms: int) -> dict[str, tuple[bytes, Truth]]:
    """What the fleet says, without the numbers of its messages."""
    return {
        told.machine: (b"".join(told.payloads).replace(b'"seq":0,', b""), told.truth)
        for told in Outbox().tell(plant, from_ms, to_ms)
    }


@pytest.mark.parametrize(("span_ms", "spans"), [(1_000, 400), (10_000, 120), (2_500, 100), (400, 60)])
def test_what_is_told_together_is_what_each_says_alone_to_the_byte(span_ms: int, spans: int) -> None:
    plant = fleet()
    busy = 0
    for number in range(spans):
        from_ms = EPOCH_MS + number * span_ms
        plant.advance(from_ms + span_ms)

        told = together(plant, from_ms, from_ms + span_ms)

        assert told == apart(plant, from_ms, from_ms + span_ms)
        busy += sum(b'"offset_ms":0' not in said or said.count(b"offset_ms") > 2 for said, _ in told.values())
    assert busy > spans, "there has to be something that happens"


def test_a_span_may_be_told_again_and_out_of_order() -> None:
    plant = fleet()
    plant.advance(EPOCH_MS + 300 * SECOND_MS)
    spans = [(EPOCH_MS + k * SECOND_MS, EPOCH_MS + (k + 1) * SECOND_MS) for k in (200, 3, 4, 199, 200, 3)]

    told = [together(plant, *span) for span in spans]

    assert told == [apart(plant, *span) for span in spans]
    assert told[0] == told[4]


def test_machines_that_come_and_go_change_nothing_for_the_others() -> None:
    plant, alone = fleet(), fleet()
    kind = "cnc-mill"
    for number in range(60):
        from_ms, to_ms = EPOCH_MS + number * SECOND_MS, EPOCH_MS + (number + 1) * SECOND_MS
        if number == 20:
            plant.retire(f"{kind}-a", from_ms)
            plant.add(parse_machine(f'kind = "{kind}"\nline = "floor"\n', "new.toml", KINDS), from_ms)
        for one in (plant, alone):
            one.advance(to_ms)

        told, others = together(plant, from_ms, to_ms), apart(alone, from_ms, to_ms)

        assert told == apart(plant, from_ms, to_ms)
        assert {name: told[name] for name in told if name != "new"} == {
            name: others[name] for name in others if name in told
        }
    assert "new" in told
    assert f"{kind}-a" not in told


@pytest.mark.parametrize(
    ("fault", "signal"), [("bearing-wear", ""), ("overheating", ""), ("spike", "power_kw"), ("delay", "")]
)
def test_a_machine_at_fault_is_told_as_if_it_were_alone_and_the_others_are_not(
    fault: str, signal: str
) -> None:
    plant, calm, name = fleet(), fleet(), "cnc-mill-a"
    begun_ms, end_ms = EPOCH_MS + 20 * SECOND_MS, EPOCH_MS + 80 * SECOND_MS
    spell = Spell(
        machine=name,
        fault=fault,
        severity=1.0,
        signal=signal,
        from_ms=begun_ms,
        until_ms=end_ms,
        planned_ms=end_ms,
    )
    differing = 0
    for number in range(120):
        from_ms, to_ms = EPOCH_MS + number * SECOND_MS, EPOCH_MS + (number + 1) * SECOND_MS
        if from_ms == begun_ms:
            plant.spells.begin(spell)
        for one in (plant, calm):
            one.advance(to_ms)

        told, alone, without = (
            together(plant, from_ms, to_ms),
            apart(plant, from_ms, to_ms),
            together(calm, from_ms, to_ms),
        )

        assert {one: said for one, said in told.items() if one != name} == {
            one: said for one, said in without.items() if one != name
        }
        assert told[name][1] == alone[name][1]
        assert bool(told[name][1].faults) == (begun_ms <= to_ms - 1 and from_ms <= end_ms)
        if fault != "delay":
            assert told[name] == alone[name]
        differing += told[name][0] != without[name][0]
    assert differing >= 6


def test_the_numbers_of_many_streams_are_those_of_each() -> None:
    streams = [Stream(seed, f"mill-{seed}", "noise.power_kw") for seed in (0, 1, 2**70, -5)]
    bundle = Bundle(streams)

    for four in (0, 1, 255, 256, 10**6, 2**40):
        np.testing.assert_array_equal(
            bundle.uniforms(four), [stream.uniforms(4 * four, 4) for stream in streams]
        )
