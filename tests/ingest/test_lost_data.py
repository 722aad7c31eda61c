"""A plant whose messages are lost, late and doubled: what is measured never claims more than it knows."""

from pathlib import Path

import numpy as np
import pytest

from dashboard.calendar.places import Calendar
from dashboard.history.numbers import account_of, numbers_of
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow
from dashboard.history.store import Store
from dashboard.ingest.office import Office
from dashboard.ingest.proof import Proof
from dashboard.ingest.share import MEASURING, PROVING
from dashboard.kpi.basis import Basis
from protocol.messages import encode
from protocol.readings import encode_batch
from protocol.states import State
from simulator.plant import Plant
from simulator.specs.kind import load_kinds
from simulator.specs.machine import load_machine
from tests.broker.running import PROJECT
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, Message, clock, give

HOURS = 3
END_MS = EPOCH_MS + HOURS * 60 * MINUTE
BASIS = Basis(
    calendar=Calendar.of(
        '[[shift]]\nname = "day"\nstarts = "00:00"\n'
        '[[break]]\nname = "meal"\nstarts = "08:10"\nends = "08:25"\n'
    )
)
WINDOWS = 15


def plant() -> Plant:
    """The machines of the repository that stamp their states, as they live from seed 5."""
    kinds = load_kinds(PROJECT / "simulator" / "kinds")
    living = Plant(5, EPOCH_MS, RUN)
    for file in sorted((PROJECT / "simulator" / "machines").glob("*.toml")):
        spec = load_machine(file, kinds)
        if spec.controller:
            living.add(spec, EPOCH_MS)
    living.advance(END_MS)
    return living


def topic(living: Plant, name: str, kind: str) -> str:
    """Where a machine says something."""
    return "/".join(("shopfloor", *living.location(name), name, kind))


def measured(folder: Path, seed: int, lost: float) -> Reader:
    """The history of an office to which a share of all batches never came, and the rest in disorder."""
    living, random = plant(), np.random.default_rng(seed)
    office = Office(root="shopfloor", store=Store(f"sqlite:///{folder}/history.db"))
    proof = Proof(office.store)
    births = [(topic(living, name, "birth"), encode(living.birth(name))) for name in living.names()]
    give(office, [clock(END_MS), *births], wall_ms=END_MS)
    batches: list[Message] = []
    for name in living.names():
        for at_ms in range(EPOCH_MS, END_MS, MINUTE):
            batch = living.batch(name, at_ms, at_ms + MINUTE)
            if batch is not None and random.random() >= lost:
                message = topic(living, name, "readings"), encode_batch(batch)
                batches += [message] * (1 + (random.random() < 0.1))
        proof.receive(name, living.truth(name, EPOCH_MS, END_MS), office.writes)
    if lost:
        # Each message comes up to ten places early or late.
        order = np.argsort(np.arange(len(batches)) + random.uniform(-10, 10, len(batches)))
        batches = [batches[index] for index in order]
    give(office, batches, wall_ms=END_MS)
    for answered in (MEASURING, PROVING):
        office.tick(RUN, END_MS, answered)
    office.commit()
    office.store.close()
    return Reader(f"sqlite:///{folder}/history.db")


def windows(seed: int) -> list[tuple[int, int]]:
    """Windows to the millisecond, the whole of it among them."""
    random = np.random.default_rng(seed)
    edges = np.sort(random.integers(EPOCH_MS, END_MS, (WINDOWS, 2)), axis=1).tolist()
    return [(EPOCH_MS, END_MS), *((begin, end) for begin, end in edges if begin < end)]


def stamped(reader: Reader) -> list[MachineRow]:
    """The machines that stamp their states."""
    found = [machine for machine in reader.machines(RUN) if machine.how == "reported"]
    assert len(found) == 6
    return found


@pytest.mark.parametrize(("seed", "lost"), [(1, 0.02), (2, 0.25), (3, 0.7)])
def test_the_bounds_contain_the_truth_whatever_was_lost(tmp_path: Path, seed: int, lost: float) -> None:
    reader = measured(tmp_path, seed, lost)

    seen = 0
    for machine in stamped(reader):
        for begin, end in windows(seed):
            found = numbers_of(reader, BASIS, [machine], begin, end)
            true = numbers_of(reader, BASIS, [machine], begin, end, source="truth")
            if true.utilization is None or true.uptime is None:
                assert not true.planned_ms
                continue
            assert found.planned_ms == true.planned_ms
            assert found.utilization_low is not None
            assert found.utilization_high is not None
            assert found.utilization_low <= true.utilization <= found.utilization_high
            assert found.uptime_low is not None
            assert found.uptime_high is not None
            assert found.uptime_low <= true.uptime <= found.uptime_high
            seen += bool(found.unknown_ms)
    assert seen > WINDOWS
    reader.close()


def test_what_is_known_of_a_machine_that_stamps_its_states_is_true(tmp_path: Path) -> None:
    reader = measured(tmp_path, 4, 0.3)

    for machine in stamped(reader):
        found = account_of(reader, BASIS, machine, EPOCH_MS, END_MS)
        true = account_of(reader, BASIS, machine, EPOCH_MS, END_MS, source="truth")

        assert found[State.UNKNOWN] > 0
        # A second after the last reading before a silence is concluded: that much may be wrong.
        for state in (State.RUNNING, State.IDLE, State.DOWN, State.SETUP):
            assert found[state] <= true[state] + found["doubt_ms"]
        # Counters are cumulative: parts made in silence are counted when it ends, apart from the last.
        # One made in the break and counted in silence may be booked after the break.
        made, real = (one["parts"] + one["off_parts"] for one in (found, true))
        assert real - 40 <= made <= real
        assert found["silent_parts"] > 0
    reader.close()


def test_without_a_loss_every_number_of_every_window_is_the_true_one(tmp_path: Path) -> None:
    reader = measured(tmp_path, 5, 0.0)

    for machine in stamped(reader):
        for begin, end in windows(5):
            found = account_of(reader, BASIS, machine, begin, end)
            true = account_of(reader, BASIS, machine, begin, end, source="truth")
            if found["doubt_ms"]:
                # Only the end of the history, where the next message is missing.
                assert end > END_MS - 2_000
            assert found.use_ms.tolist() == true.use_ms.tolist()
            assert (found["parts"], found["rejects"]) == (true["parts"], true["rejects"])
            assert (found["stops"], found["micro_stops"]) == (true["stops"], true["micro_stops"])
            assert found["failures"] == true["failures"]
    reader.close()
