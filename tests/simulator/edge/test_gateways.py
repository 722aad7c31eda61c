"""A gateway for each line: the same plant, told over few connections."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.messages import Birth, PlantCommand, decode
from protocol.moments import to_ms
from simulator.telling.pace import DEBT_S
from tests.broker.running import RunningBroker
from tests.simulator.edge.office import WILL_S, SmallOffice, wait_until
from tests.simulator.edge.program import EPOCH_MS, MILL, SPEED, Simulator
from tests.simulator.edge.test_factory import MINUTE_MS, asked, history, reached, until, went_on

pytestmark = pytest.mark.broker

GATEWAY = ("--connections", "gateway")
UNTIL_MINUTE = 30
BOTH = {"machining/_gateway", "forming/_gateway"}


@pytest.fixture
def simulator(broker: RunningBroker, tmp_path: Path) -> Iterator[Simulator]:
    with Simulator(broker, tmp_path / "simulator") as one:
        yield one


def test_gateways_tell_the_history_that_machines_tell_themselves(
    broker: RunningBroker, tmp_path: Path
) -> None:
    histories = []
    for whose in ("machine", "gateway"):
        with SmallOffice(broker) as office, Simulator(broker, tmp_path / whose) as simulator:
            simulator.write("mill-2", MILL)
            simulator.begin()
            simulator.start("--speed", "max", "--connections", whose)
            until(office, 20)
            simulator.stop()
            assert len(office.readings("mill-2")) >= 20 * 60
            histories.append(history(office, 20))

    assert len(histories[0]) == 2
    assert histories[0] == histories[1]


def test_faults_are_the_same_by_gateway_and_what_a_link_spoils_goes_alone(
    broker: RunningBroker, tmp_path: Path
) -> None:
    faults = {
        "late": "delay",
        "twice": "duplicate",
        "cut": "malformed",
        "lossy": "silent-drop",
        "gone": "disconnect",
        "spiked": "spike",
        "jammed": "jam",
    }
    heard, spoiled, links = [], [], []
    for whose in ("machine", "gateway"):
        with SmallOffice(broker) as office, Simulator(broker, tmp_path / whose) as simulator:
            for name in faults:
                simulator.write(name, MILL)
            run = simulator.begin()
            run.reach(EPOCH_MS + 3 * MINUTE_MS)
            for name, fault in faults.items():
                signal = "power_kw" if fault == "spike" else ""
                asked_for = PlantCommand(
                    id=name,
                    what="fault",
                    machine=name,
                    fault=fault,
                    severity=0.6,
                    signal=signal,
                    duration_s=200,
                )
                run.note("order", order=asked_for)
            simulator.start("--speed", "max", "--connections", whose)
            until(office, UNTIL_MINUTE)
            simulator.stop()
            heard.append({name: _heard_of(office, name) for name in ("mill-1", *faults)})
            spoiled.append(set(office.refused))
            links.append(office.links["gone"])

    by_machine, by_gateway = heard
    assert by_machine == by_gateway
    assert spoiled == [{"cut"}, {"cut"}]
    assert len(by_gateway["gone"][1]) == UNTIL_MINUTE * 60
    assert len(by_gateway["lossy"][1]) < UNTIL_MINUTE * 60
    assert b"false" in links[0][:-1]
    assert links[1][-3:] == [b"", b"false", b""]
    # In its own message goes what its link made of it, and nothing else, and nothing once that is over.
    assert office.apart.keys() == {"late", "twice", "cut", "lossy", "gone"}
    # As many as ten-second packets fit into its 200 s, and what lies about them.
    assert all(len(messages) < 200 for messages in office.apart.values())


def _heard_of(office: SmallOffice, machine: str) -> tuple[list[object], dict[int, str]]:
    """What a machine truly did and what it said, as far as every run of it comes."""
    end_ms = EPOCH_MS + UNTIL_MINUTE * MINUTE_MS
    truth: list[object] = [one for one in office.truth(machine) if one[0] <= end_ms]
    return truth, {at: repr(one) for at, one in office.readings(machine).items() if at <= end_ms}


def test_after_kill_9_every_machine_of_a_line_is_offline_by_its_gateways_will_and_the_run_goes_on(
    broker: RunningBroker, simulator: Simulator
) -> None:
    with SmallOffice(broker) as office:
        simulator.begin()
        simulator.start("--speed", "600", *GATEWAY)
        until(office, 10)
        assert office.gateways == dict.fromkeys(BOTH, b"true")
        assert {name: decode(birth, Birth).gateway for name, birth in office.births.items()} == {
            "mill-1": "machining/_gateway",
            "press-1": "forming/_gateway",
        }

        simulator.kill()
        wait_until(lambda: office.gateways == dict.fromkeys(BOTH, b"false"), WILL_S)
        heard = len(office.ticks)
        simulator.start("--speed", "600", *GATEWAY)

        killed_at_ms, next_ms = went_on(office, heard)
        assert office.gateways == dict.fromkeys(BOTH, b"true")
        assert killed_at_ms < next_ms <= killed_at_ms + MINUTE_MS
        until(office, 20)
        readings = office.readings("mill-1")
        assert sorted(readings) == list(range(EPOCH_MS + 1_000, max(readings) + 1, 1_000))
        # A clean end says it by itself.
        simulator.stop()
        wait_until(lambda: office.gateways == dict.fromkeys(BOTH, b"false"))


def test_a_machine_that_comes_moves_or_goes_leaves_no_ghost_nor_does_the_gateway_of_an_empty_line(
    broker: RunningBroker, simulator: Simulator
) -> None:
    with SmallOffice(broker) as office:
        simulator.start("--history-hours", "0.1", *GATEWAY)
        wait_until(lambda: bool(office.clocks) and office.clocks[-1].catching_up_to is None)

        simulator.write("mill-7", MILL)
        written_ms = reached(simulator)
        wait_until(lambda: bool(office.batches.get("mill-7")))
        born_ms = to_ms(decode(office.births["mill-7"], Birth).at)
        assert born_ms - written_ms <= (2 + DEBT_S) * SPEED * 1_000
        simulator.remove("press-1")
        wait_until(lambda: office.births["press-1"] == b"")
        wait_until(lambda: office.gateways["forming/_gateway"] == b"")
        simulator.write("mill-1", MILL.replace("machining", "forming"))
        wait_until(lambda: office.places.get("mill-1") == {"shopfloor/forming/mill-1"})
        wait_until(lambda: office.gateways["forming/_gateway"] == b"true")
        heard = len(office.batches["mill-1"])
        wait_until(lambda: len(office.batches["mill-1"]) > heard + 2)
        assert office.gateways["machining/_gateway"] == b"true"
    with SmallOffice(broker) as late:
        late.committed |= office.committed
        wait_until(lambda: late.births.keys() == {"mill-1", "mill-7"})
        assert late.places["mill-1"] == {"shopfloor/forming/mill-1"}
        assert late.places["mill-7"] == {"shopfloor/machining/mill-7"}


def test_a_killed_broker_loses_nothing_of_a_gateway(broker: RunningBroker, simulator: Simulator) -> None:
    simulator.begin()
    with SmallOffice(broker) as office:
        simulator.start("--speed", "600", "--wait-for-office", "forever", *GATEWAY)
        until(office, 5)
        broker.kill()
        broker.start()
        until(office, (office.at_ms - EPOCH_MS) / MINUTE_MS + 15)

        readings = office.readings("press-1")
        assert sorted(readings) == list(range(EPOCH_MS + 1_000, max(readings) + 1, 1_000))
        assert office.gateways == dict.fromkeys(BOTH, b"true")


def test_another_boot_of_the_office_gets_everything_since_what_it_has_committed_by_gateway_too(
    broker: RunningBroker, simulator: Simulator
) -> None:
    with SmallOffice(broker) as office:
        simulator.begin()
        simulator.start("--speed", "600", *GATEWAY)
        until(office, 10)
        office.lose(office.ticks[-1].run, EPOCH_MS + 4 * MINUTE_MS)
        ticks = len(office.ticks)

        office.reboot()

        wait_until(lambda: len(asked(office.ticks[ticks:])) >= 3)
        assert asked(office.ticks[ticks:])[:3] == [0, 5, 6]


def test_an_unattended_plant_is_still_heard_by_gateway(broker: RunningBroker, simulator: Simulator) -> None:
    simulator.begin()
    with SmallOffice(broker, answers=False) as office:
        simulator.start("--speed", "600", "--wait-for-office", "1", *GATEWAY)

        wait_until(lambda: bool(office.clocks) and office.clocks[-1].attended is False)
        wait_until(lambda: office.muttered.get("mill-1", 0) > 5)

        assert office.clocks[-1].attended is False
        assert office.batches == {}


def test_who_changes_over_to_gateways_leaves_no_word_of_the_machines_own_links(
    broker: RunningBroker, simulator: Simulator
) -> None:
    with SmallOffice(broker) as office:
        simulator.begin()
        simulator.start("--speed", "600", "--connections", "machine")
        until(office, 2)
        simulator.kill()
        wait_until(lambda: office.online == {"mill-1": b"false", "press-1": b"false"})

        simulator.start("--speed", "600", *GATEWAY)

        wait_until(lambda: office.gateways == dict.fromkeys(BOTH, b"true"))
        wait_until(lambda: office.online == {"mill-1": b"", "press-1": b""})


def test_more_machines_than_a_few_hundred_get_gateways_by_themselves(
    broker: RunningBroker, simulator: Simulator
) -> None:
    for number in range(300):
        simulator.write(f"saw-{number}", MILL.replace("machining", f"sawing-{number % 3}"))
    with SmallOffice(broker) as office:
        simulator.begin()
        simulator.start("--speed", "1")
        wait_until(lambda: len(office.batches) == 302)

        assert len(office.gateways) == 5
        assert "302 machines, and a connection for each line, whose gateway speaks" in simulator.said()
        assert b"true" not in office.online.values()


def test_a_few_machines_have_connections_of_their_own_by_themselves(
    broker: RunningBroker, simulator: Simulator
) -> None:
    with SmallOffice(broker) as office:
        simulator.begin()
        simulator.start("--speed", "1")
        wait_until(lambda: office.online == {"mill-1": b"true", "press-1": b"true"})

        assert "2 machines, and a connection for each of them" in simulator.said()
        assert office.gateways == {}
