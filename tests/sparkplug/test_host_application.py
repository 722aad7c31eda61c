"""The real ingest as a host application, through a real broker, with nodes that a test speaks for by hand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from dashboard.conclusions import Refusals, Tile, decode
from protocol.sparkplug.host_state import HostState, decode_state, encode_state
from protocol.sparkplug.topics import state_topic
from tests.broker.clients import Client
from tests.broker.running import RunningBroker
from tests.ingest.running import RunningIngest
from tests.simulator.edge.program import Simulator
from tests.sparkplug.plant import asked, committed_ms, wait_until
from tests.sparkplug.said import POWER, STATE, data, device_birth, node_birth, node_death, topic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.broker

OWN_STATE = state_topic("office")
MINUTES = 120
"""Plant time that is caught up with while something is killed."""


class Hearing:
    """A broker, the real ingest as host of two groups, and who sees what it says."""

    def __init__(self, folder: Path) -> None:
        self.broker = RunningBroker(folder / "broker")
        self.ingest = RunningIngest(self.broker, folder, "--sparkplug", "shopfloor, devices")

    def open(self) -> None:
        """Start all of it."""
        self.broker.start()
        self.ingest.start()
        self.node = self._client("device", "spBv1.0/devices/NCMD/+", OWN_STATE)
        self.viewer = self._client("viewer", "shopfloor/_office/#")

    def _client(self, user: str, *filters: str) -> Client:
        client = Client(self.broker.port, user, self.broker.password(user))
        client.listen(*filters)
        return client

    def close(self) -> None:
        """End all of it."""
        self.ingest.kill()
        self.broker.kill()

    @property
    def states(self) -> list[HostState]:
        """What the host said of itself."""
        return [decode_state(one.payload) for one in list(self.node.heard) if one.topic == OWN_STATE]

    @property
    def rebirths(self) -> int:
        """How often the node was asked for its births."""
        return len([one for one in list(self.node.heard) if one.topic == topic("NCMD")])

    def tile(self, machine: str) -> Tile | None:
        """What pages were last told of a machine."""
        where = f"shopfloor/_office/machine/{machine}"
        found = [one.payload for one in list(self.viewer.heard) if one.topic == where and one.payload]
        return decode(bytes(found[-1]), Tile) if found else None

    def say(self, kind: str, payload: bytes, device: str = "") -> None:
        """Have the node say something."""
        self.node.say([topic(kind, device)], payload)


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hearing]:
    one = Hearing(tmp_path_factory.mktemp("hearing"))
    try:
        one.open()
        yield one
        one.node.close()
        one.viewer.close()
    finally:
        one.close()


def is_online(hearing: Hearing, machine: str) -> bool | None:
    """What pages were last told of a machine's link."""
    tile = hearing.tile(machine)
    return None if tile is None else tile.online


def test_a_host_that_comes_late_asks_for_births_and_shows_the_machine_until_its_node_dies(
    hearing: Hearing,
) -> None:
    asked_before = hearing.rebirths
    # A real machine without a plant lives on the wall clock.
    begun_ms = round(time.time() * 1_000)
    hearing.say("DDATA", data(77, [(POWER, 1, 1.0)], begun_ms=begun_ms), "press")
    wait_until(lambda: hearing.rebirths > asked_before)

    hearing.say("NBIRTH", node_birth(bd_seq=3))
    hearing.say("DBIRTH", device_birth(1, at_ms=begun_ms), "press")
    wait_until(lambda: is_online(hearing, "press") is True)
    wait_until(lambda: (tile := hearing.tile("press")) is not None and tile.state == "running")

    hearing.say("NDEATH", node_death(2))
    fault_ms = round(time.time() * 1_000)
    hearing.say("DDATA", data(2, [(STATE, 0, "Fault")], begun_ms=fault_ms), "press")
    wait_until(lambda: (tile := hearing.tile("press")) is not None and tile.state == "down")
    question = "SELECT start_ms FROM intervals WHERE machine = 'press' AND state = 'down'"
    wait_until(lambda: asked(hearing.ingest, question) == [(fault_ms,)])
    assert is_online(hearing, "press") is True

    hearing.say("NDEATH", node_death(3))
    wait_until(lambda: is_online(hearing, "press") is False)


def test_what_cannot_be_read_is_shown_with_its_reason_and_the_births_are_asked_for(hearing: Hearing) -> None:
    hearing.say("NBIRTH", node_birth(bd_seq=9))
    hearing.say("DBIRTH", device_birth(1), "saw")
    asked_before = hearing.rebirths

    hearing.say("DDATA", b"\xff\xff\xff", "saw")

    wait_until(lambda: hearing.rebirths > asked_before)
    wait_until(lambda: any("not a Sparkplug B payload" in one for one in reasons(hearing)))


def reasons(hearing: Hearing) -> list[str]:
    """Why messages were refused."""
    found = [one.payload for one in list(hearing.viewer.heard) if one.topic == "shopfloor/_office/refused"]
    return [one.reason for payload in found for one in decode(bytes(payload), Refusals).newest]


def test_a_gap_is_asked_about_after_a_while(hearing: Hearing) -> None:
    hearing.say("NBIRTH", node_birth(bd_seq=11))
    hearing.say("DBIRTH", device_birth(1), "drill")
    asked_before = hearing.rebirths

    hearing.say("DDATA", data(5, [(POWER, 1, 1.0)]), "drill")

    wait_until(lambda: hearing.rebirths > asked_before)


def test_a_host_says_that_it_is_online_and_its_will_says_the_same_moment(hearing: Hearing) -> None:
    wait_until(lambda: bool(hearing.states))
    first = hearing.states[-1]
    assert first.online

    hearing.ingest.kill()
    wait_until(lambda: not hearing.states[-1].online)
    assert hearing.states[-1].timestamp == first.timestamp

    hearing.ingest.start()
    wait_until(lambda: hearing.states[-1].online)
    assert hearing.states[-1].timestamp > first.timestamp

    # An old will that comes late would have nodes go away: it is contradicted.
    office = Client(hearing.broker.port, "office", hearing.broker.password("office"))
    office.say([OWN_STATE], encode_state(HostState(online=False, timestamp=1)), retain=True)
    office.close()
    wait_until(lambda: any(one.timestamp == 1 for one in hearing.states) and hearing.states[-1].online)
    newest = Client(hearing.broker.port, "device", hearing.broker.password("device"))
    newest.listen(OWN_STATE)
    assert decode_state(newest.heard[-1].payload).online
    newest.close()


def test_a_killed_simulator_leaves_its_machines_offline(hearing: Hearing, tmp_path: Path) -> None:
    with Simulator(hearing.broker, tmp_path / "simulator") as simulator:
        simulator.start("--speed", "60", "--history-hours", "0.1", "--protocol", "sparkplug", "--twin", "off")
        wait_until(lambda: all(is_online(hearing, one) is True for one in ("mill-1", "press-1")))

        simulator.kill()

        wait_until(lambda: all(is_online(hearing, one) is False for one in ("mill-1", "press-1")))


# The broker last: who listened in these tests does not come back to it.
@pytest.mark.parametrize("part", ["office", "broker"])
def test_after_a_kill_the_plant_tells_again_what_was_not_committed(
    hearing: Hearing, tmp_path: Path, part: str
) -> None:
    with Simulator(hearing.broker, tmp_path / "simulator") as simulator:
        run = simulator.begin(catch_up_minutes=MINUTES)
        simulator.start(
            "--speed", "1", "--wait-for-office", "forever", "--protocol", "sparkplug", "--twin", "off"
        )
        wait_until(lambda: committed_ms(hearing.ingest, run.id) > run.epoch_ms)
        if part == "office":
            hearing.ingest.kill()
            hearing.ingest.start()
        else:
            hearing.broker.kill()
            hearing.broker.start()
        wait_until(lambda: committed_ms(hearing.ingest, run.id) >= run.epoch_ms + MINUTES * 60_000)

        question = "SELECT count(*), sum(state = 'unknown') FROM intervals WHERE run = ? AND start_ms < ?"
        before_ms = run.epoch_ms + (MINUTES - 5) * 60_000
        (count, unknown) = asked(hearing.ingest, question, run.id, before_ms)[0]
        assert count > 20
        assert unknown == 0


def test_a_host_that_is_stopped_says_that_it_is_offline(hearing: Hearing) -> None:
    hearing.ingest.stop()

    newest = Client(hearing.broker.port, "device", hearing.broker.password("device"))
    newest.listen(OWN_STATE)
    assert not decode_state(newest.heard[-1].payload).online
    newest.close()
