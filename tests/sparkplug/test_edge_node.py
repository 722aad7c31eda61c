"""The simulator as edge nodes, heard through a real broker: each rule of the specification that it keeps."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from protocol.sparkplug.births import BD_SEQ, REBIRTH
from protocol.sparkplug.datatypes import DataType
from protocol.sparkplug.layout import PayloadMessage
from protocol.sparkplug.payloads import SEQUENCE
from protocol.sparkplug.topics import MessageType
from tests.broker.running import RunningBroker
from tests.simulator.edge.office import SmallOffice
from tests.simulator.edge.program import EPOCH_MS, MILL, Simulator
from tests.simulator.edge.test_factory import until
from tests.sparkplug.listening import Heard, Listener
from tests.sparkplug.plant import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.broker

SPARKPLUG = ("--protocol", "sparkplug", "--twin", "off")
ALONE = (*SPARKPLUG, "--primary-host", "none")
NODE = "machining"
MACHINES = ("mill-1", "mill-2", "mill-3")
NBIRTH, DBIRTH, DDATA = MessageType.NBIRTH, MessageType.DBIRTH, MessageType.DDATA
NDEATH, DDEATH = MessageType.NDEATH, MessageType.DDEATH
MINUTES = 100


@pytest.fixture
def listener(broker: RunningBroker) -> Iterator[Listener]:
    one = Listener(broker)
    yield one
    one.close()


@pytest.fixture
def simulator(broker: RunningBroker, tmp_path: Path) -> Iterator[Simulator]:
    with Simulator(broker, tmp_path / "simulator") as one:
        yield one


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> list[Heard]:
    """All that one node said from its birth to its death in good order, with a rebirth in between."""
    folder = tmp_path_factory.mktemp("session")
    broker = RunningBroker(folder / "broker")
    broker.start()
    try:
        listener = Listener(broker)
        with SmallOffice(broker) as office, Simulator(broker, folder / "simulator") as simulator:
            for name in MACHINES:
                simulator.write(name, MILL)
            simulator.begin()
            simulator.start("--speed", "max", *ALONE)
            until(office, MINUTES)
            listener.ask_for_rebirth(NODE)
            wait_until(lambda: len(listener.heard(NODE, NBIRTH)) == 2)
            until(office, (office.at_ms - EPOCH_MS) / 60_000 + 5)
            simulator.stop()
            wait_until(lambda: bool(listener.heard(NODE, NDEATH)))
        heard = listener.heard(NODE)
        listener.close()
    finally:
        broker.kill()
    return heard


def first_session(session: list[Heard]) -> list[Heard]:
    """What was said up to the rebirth."""
    again = [place for place, one in enumerate(session) if one.type == NBIRTH][1]
    return session[:again]


def test_a_node_says_its_birth_then_those_of_its_devices_and_only_then_data(session: list[Heard]) -> None:
    types = [one.type for one in first_session(session)]

    assert types[: 1 + len(MACHINES)] == [NBIRTH, *[DBIRTH] * len(MACHINES)]
    assert set(types[1 + len(MACHINES) :]) == {DDATA}
    assert {one.topic.device for one in session if one.type == DBIRTH} == set(MACHINES)


def test_everything_but_its_death_goes_at_qos_0_and_nothing_is_retained(session: list[Heard]) -> None:
    assert {one.qos for one in session if one.type != NDEATH} == {0}
    assert {one.retained for one in session} == {False}


def test_its_birth_has_number_0_the_number_of_its_death_and_rebirth_without_alias(
    session: list[Heard],
) -> None:
    birth = session[0]

    assert birth.payload.seq == 0
    assert birth.payload.at_ms == EPOCH_MS
    names = {one.name: one for one in birth.payload.metrics}
    assert names.keys() == {BD_SEQ, REBIRTH}
    assert (names[BD_SEQ].datatype, names[BD_SEQ].value) == (DataType.INT64, 0)
    assert (names[REBIRTH].datatype, names[REBIRTH].value, names[REBIRTH].alias) == (
        DataType.BOOLEAN,
        False,
        None,
    )
    assert all(one.at_ms is not None for one in birth.payload.metrics)


def test_numbers_go_up_one_by_one_and_255_is_followed_by_0(session: list[Heard]) -> None:
    numbers = [one.payload.seq for one in first_session(session)]

    assert len(numbers) > SEQUENCE
    assert all(one is not None and other == (one + 1) % SEQUENCE for one, other in pairwise(numbers))


def test_births_name_every_metric_with_type_and_alias_and_an_alias_is_one_metrics_alone(
    session: list[Heard],
) -> None:
    births = [one for one in first_session(session) if one.type == DBIRTH]
    aliases = [metric.alias for one in births for metric in one.payload.metrics]

    assert None not in aliases
    assert len(set(aliases)) == len(aliases)
    for birth in births:
        names = {metric.name: metric for metric in birth.payload.metrics}
        assert {"State", "Cause", "Parts", "Rejects", "power_kw"} <= names.keys()
        assert all(metric.datatype is not None for metric in names.values())
        assert names["power_kw"].properties["engUnit"].value == "kW"
        assert birth.value("Properties/kind") == "cnc-mill"


def test_a_value_that_is_not_known_yet_is_null_in_a_birth(session: list[Heard]) -> None:
    raw = PayloadMessage.FromString(session[1].raw)
    power = next(one for one in raw.metrics if one.name == "power_kw")

    assert power.is_null
    assert power.WhichOneof("value") is None


def test_data_say_aliases_alone_with_moments_in_order_and_no_types(session: list[Heard]) -> None:
    named = {
        (birth.topic.device, metric.alias)
        for birth in session if birth.type == DBIRTH for metric in birth.payload.metrics
    }  # fmt: skip
    for one in session:
        if one.type == DDATA:
            raw = PayloadMessage.FromString(one.raw).metrics
            moments = [metric.timestamp for metric in raw]
            assert moments == sorted(moments)
            assert all(metric.HasField("timestamp") for metric in raw)
            assert not any(metric.HasField("name") or metric.HasField("datatype") for metric in raw)
            assert {(one.topic.device, metric.alias) for metric in raw} <= named


def test_states_and_counts_are_said_when_they_change(session: list[Heard]) -> None:
    births = {one.topic.device: one for one in first_session(session) if one.type == DBIRTH}
    for name, birth in births.items():
        aliases = {metric.name: metric.alias for metric in birth.payload.metrics}
        for metric in ("Parts", "Rejects"):
            values = [
                one.value
                for data in first_session(session) if data.type == DDATA and data.topic.device == name
                for one in data.payload.metrics if one.alias == aliases[metric]
            ]  # fmt: skip
            assert len(values) > 1
            assert all(one != other for one, other in pairwise(values))


def test_after_a_rebirth_the_session_is_the_same_and_its_numbers_begin_anew(session: list[Heard]) -> None:
    again = session[len(first_session(session)) :]

    assert again[0].payload.seq == 0
    assert again[0].value(BD_SEQ) == session[0].value(BD_SEQ)
    assert [one.type for one in again[1 : 1 + len(MACHINES)]] == [DBIRTH] * len(MACHINES)
    numbers = [one.payload.seq for one in again if one.type != NDEATH]
    assert numbers == [number % SEQUENCE for number in range(len(numbers))]
    # Now there are values, and each stands with the moment from which it was known.
    birth = again[1]
    assert birth.value("State") in {"running", "idle", "down", "setup"}
    power = next(one for one in birth.payload.metrics if one.name == "power_kw")
    assert isinstance(power.value, float)
    assert power.at_ms is not None
    assert EPOCH_MS < power.at_ms <= (birth.payload.at_ms or 0)
    aliases = {
        (birth.topic.device, one.name): one.alias for birth in again[1:4] for one in birth.payload.metrics
    }
    before = {
        (birth.topic.device, one.name): one.alias for birth in session[1:4] for one in birth.payload.metrics
    }
    assert aliases == before


def test_in_good_order_devices_die_first_and_then_their_node_once(session: list[Heard]) -> None:
    *devices, node = session[-1 - len(MACHINES) :]

    assert {(one.type, one.topic.device) for one in devices} == {(DDEATH, name) for name in MACHINES}
    assert all(one.payload.seq is not None for one in devices)
    assert node.type == NDEATH
    assert node.payload.seq is None
    assert [(one.name, one.value) for one in node.payload.metrics] == [(BD_SEQ, 0)]
    assert len([one for one in session if one.type == NDEATH]) == 1


def test_a_killed_node_dies_by_its_will_with_the_number_of_its_birth(
    simulator: Simulator, listener: Listener
) -> None:
    simulator.start("--speed", "60", "--history-hours", "0", "--wait-for-office", "1", *ALONE)
    wait_until(lambda: bool(listener.heard(NODE, DDATA)))

    simulator.kill()

    wait_until(lambda: bool(listener.heard(NODE, NDEATH)))
    (death,) = listener.heard(NODE, NDEATH)
    assert death.payload.seq is None
    assert [(one.name, one.value) for one in death.payload.metrics] == [(BD_SEQ, 0)]
    assert listener.bd_seqs(NODE, NBIRTH) == [0]


def test_with_every_connection_the_number_of_births_and_deaths_goes_up_and_backlog_is_historical(
    broker: RunningBroker, simulator: Simulator, listener: Listener
) -> None:
    simulator.begin()
    with SmallOffice(broker) as office:
        simulator.start("--speed", "600", "--wait-for-office", "forever", *ALONE)
        until(office, 10)
        office.lose(office.ticks[-1].run, EPOCH_MS + 4 * 60_000)
        broker.kill()
        listener.close()
        broker.start()
        again = Listener(broker)
        # The nodes may have been quicker than who listens.
        again.ask_for_rebirth(NODE)
        wait_until(lambda: bool(again.heard(NODE, NBIRTH)))
        (first, *_) = again.bd_seqs(NODE, NBIRTH)
        until(office, (office.at_ms - EPOCH_MS) / 60_000 + 5)
        simulator.kill()
        wait_until(lambda: bool(again.heard(NODE, NDEATH)))

        assert isinstance(first, int)
        assert first >= 1
        assert again.bd_seqs(NODE, NDEATH) == [again.bd_seqs(NODE, NBIRTH)[-1]]
        data = [one.payload.metrics for one in again.heard(NODE, DDATA)]
        past = {metric.at_ms for metrics in data for metric in metrics if metric.historical}
        now = {metric.at_ms for metrics in data for metric in metrics if not metric.historical}
        assert past
        assert now
        assert max(one or 0 for one in past) < max(one or 0 for one in now)
        again.close()


def test_what_a_node_cannot_read_or_is_not_asked_changes_nothing(
    simulator: Simulator, listener: Listener
) -> None:
    simulator.start("--speed", "60", "--history-hours", "0", "--wait-for-office", "1", *ALONE)
    wait_until(lambda: bool(listener.heard(NODE, DDATA)))

    listener.command(NODE, b"\xff\xff")
    listener.ask_for_rebirth(NODE, value=False)
    heard = len(listener.heard(NODE, DDATA))
    wait_until(lambda: len(listener.heard(NODE, DDATA)) > heard + 2)
    assert len(listener.heard(NODE, NBIRTH)) == 1

    listener.ask_for_rebirth(NODE)
    wait_until(lambda: len(listener.heard(NODE, NBIRTH)) == 2)
    assert "ignored what came on" in simulator.said()


def test_a_node_waits_for_its_host_and_leaves_with_it_but_not_for_an_older_word(
    simulator: Simulator, listener: Listener
) -> None:
    listener.say_state(online=False, timestamp=50)
    simulator.start("--speed", "60", "--history-hours", "0", "--wait-for-office", "1", *SPARKPLUG)
    wait_until(lambda: "waits for spBv1.0/STATE/office" in simulator.said())
    assert listener.heard(NODE) == []

    listener.say_state(online=True, timestamp=100)
    wait_until(lambda: bool(listener.heard(NODE, DDATA)))
    listener.say_state(online=False, timestamp=99)
    heard = len(listener.heard(NODE, DDATA))
    wait_until(lambda: len(listener.heard(NODE, DDATA)) > heard + 2)
    assert listener.heard(NODE, NDEATH) == []

    listener.say_state(online=True, timestamp=101)
    wait_until(lambda: len(listener.heard(NODE, NBIRTH)) == 2)
    assert len(set(listener.bd_seqs(NODE, NBIRTH))) == 1

    listener.say_state(online=False, timestamp=101)
    wait_until(lambda: bool(listener.heard(NODE, NDEATH)))
    assert listener.bd_seqs(NODE, NDEATH) == listener.bd_seqs(NODE, NBIRTH)[-1:]
    assert listener.heard(NODE)[-1].type == NDEATH

    listener.say_state(online=True, timestamp=200)
    wait_until(lambda: len(listener.heard(NODE, NBIRTH)) == 3)
    _, first, second = listener.bd_seqs(NODE, NBIRTH)
    assert isinstance(first, int)
    assert isinstance(second, int)
    assert second > first


def test_a_machine_that_comes_is_born_and_one_that_goes_says_so_and_dies_alone(
    simulator: Simulator, listener: Listener
) -> None:
    simulator.start("--speed", "60", "--history-hours", "0", "--wait-for-office", "1", *ALONE)
    wait_until(lambda: bool(listener.heard(NODE, DDATA)))

    simulator.write("mill-7", MILL)
    wait_until(lambda: any(one.topic.device == "mill-7" for one in listener.heard(NODE, DDATA)))
    simulator.remove("mill-7")
    wait_until(lambda: bool(listener.heard(NODE, DDEATH)))

    (death,) = listener.heard(NODE, DDEATH)
    assert death.topic.device == "mill-7"
    last = [one for one in listener.heard(NODE, DDATA) if one.topic.device == "mill-7"][-1]
    birth = next(one for one in listener.heard(NODE, DBIRTH) if one.topic.device == "mill-7")
    retired = next(one.alias for one in birth.payload.metrics if one.name == "Properties/retired")
    assert [(one.alias, one.value) for one in last.payload.metrics] == [(retired, True)]
    numbers = [one.payload.seq for one in listener.heard(NODE)]
    assert numbers == [number % SEQUENCE for number in range(len(numbers))]
    assert listener.heard(NODE, NDEATH) == []
