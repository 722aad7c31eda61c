"""A run that is recorded and lived again: the simulator as a program, a real broker, a small office."""

from pathlib import Path

import pytest

from protocol.moments import from_ms, to_ms
from simulator.__main__ import main
from simulator.histories.pen import StateError
from simulator.histories.record import load_record, open_again, write_record
from simulator.histories.run import last_run, read_run
from tests.broker.running import RunningBroker
from tests.simulator.edge.office import SmallOffice, wait_until
from tests.simulator.edge.operator import Operator
from tests.simulator.edge.program import EPOCH_MS, MILL, Simulator
from tests.simulator.edge.test_chronicle import new_run

MINUTE_MS = 60_000
MACHINES = ("mill-1", "press-1", "mill-9")


def told(office: SmallOffice, until_ms: int) -> list[object]:
    """What the machines said and truly did up to a moment."""
    return [
        [
            {at: repr(one) for at, one in office.readings(machine).items() if at <= until_ms},
            [change for change in office.truth(machine) if change[0] <= until_ms],
        ]
        for machine in MACHINES
    ]


@pytest.fixture
def original(broker: RunningBroker, tmp_path: Path, operator: Operator) -> tuple[Path, list[object]]:
    """A run with orders: its record, and what was told of it."""
    with SmallOffice(broker) as office, Simulator(broker, tmp_path / "original") as simulator:
        simulator.begin()
        simulator.start("--speed", "600")
        wait_until(lambda: office.at_ms > EPOCH_MS + 3 * MINUTE_MS)
        assert operator.ask(what="clone", machine="mill-1", name="mill-9").ok
        assert operator.ask(what="pause", machine="mill-1").ok
        simulator.write("press-1", MILL)
        wait_until(lambda: office.at_ms > EPOCH_MS + 20 * MINUTE_MS)
        record = tmp_path / "record.json"
        assert main(["record", "--state", str(simulator.state), "--out", str(record)]) == 0
        until_ms = to_ms(load_record(record).until)
        wait_until(lambda: office.at_ms >= until_ms)
        return record, told(office, until_ms)


@pytest.mark.broker
def test_a_run_is_lived_again_across_a_crash_and_stands_still_at_its_end(
    broker: RunningBroker, tmp_path: Path, operator: Operator, original: tuple[Path, list[object]]
) -> None:
    record, once = original
    until_ms = to_ms(load_record(record).until)
    with SmallOffice(broker) as office, Simulator(broker, tmp_path / "again") as simulator:
        simulator.start("--speed", "60", "--relive", str(record))
        wait_until(lambda: office.at_ms > EPOCH_MS + 2 * MINUTE_MS)
        refused = operator.ask(what="remove", machine="press-1")
        assert "this run is lived again as it was: it takes orders from" in refused.message
        simulator.write("mill-8", MILL)
        assert operator.ask(what="speed", speed="max").ok
        simulator.kill()
        simulator.start("--speed", "60", "--relive", str(record))

        # The clock may stand before the last of it is told.
        wait_until(lambda: office.at_ms == until_ms and office.clocks[-1].speed == 0)

        assert to_ms(office.clocks[-1].at) == until_ms
        assert "mill-8" not in office.births
        assert told(office, until_ms) == once
        run = read_run(simulator.state)
        assert run is not None
        assert run.head.id != load_record(record).head.id
        assert operator.ask(what="remove", machine="press-1").ok
        assert operator.ask(what="resume").ok
        wait_until(lambda: office.at_ms > until_ms + MINUTE_MS)
        assert "without --relive" in operator.ask(what="start-over").message


@pytest.mark.broker
def test_without_the_record_another_run_begins(
    broker: RunningBroker, tmp_path: Path, original: tuple[Path, list[object]]
) -> None:
    record, _ = original
    with SmallOffice(broker) as office, Simulator(broker, tmp_path / "again") as simulator:
        simulator.start("--speed", "600", "--relive", str(record))
        wait_until(lambda: office.at_ms > EPOCH_MS + 2 * MINUTE_MS)
        simulator.kill()

        simulator.start("--speed", "600")

        wait_until(lambda: "is not resumed: another history is asked for" in simulator.said())


def test_what_is_yet_to_come_does_not_move_the_position_and_stays_out_of_a_record(tmp_path: Path) -> None:
    run = new_run(tmp_path / "one", mill_1=MILL)
    run.reach(EPOCH_MS + 10 * MINUTE_MS)
    run.note("added", machine="mill-2", text=MILL)
    run.reach(EPOCH_MS + 20 * MINUTE_MS)
    record = write_record(tmp_path / "one", tmp_path / "record.json")
    again = open_again(tmp_path / "two", record)
    assert (again.position_ms, again.reliving) == (EPOCH_MS, True)
    again.reach(EPOCH_MS + 5 * MINUTE_MS)

    found = last_run(tmp_path / "two")
    half = write_record(tmp_path / "two", tmp_path / "half.json")

    assert found is not None
    assert (found.position_ms, len(found.inputs)) == (EPOCH_MS + 5 * MINUTE_MS, 1)
    assert (half.until, half.inputs) == (from_ms(EPOCH_MS + 5 * MINUTE_MS), [])


def test_a_record_opened_over_another_run_leaves_its_inputs_behind(tmp_path: Path) -> None:
    run = new_run(tmp_path / "one", mill_1=MILL)
    run.note("added", machine="mill-2", text=MILL)
    record = write_record(tmp_path / "one", tmp_path / "record.json")

    open_again(tmp_path / "one", record)

    found = last_run(tmp_path / "one")
    assert found is not None
    assert [(one.run, one.machine) for one in found.inputs] == [(found.id, "mill-2")]


def test_what_is_no_record_or_of_other_kinds_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new_run(tmp_path / "one", mill_1=MILL)
    file = tmp_path / "record.json"
    write_record(tmp_path / "one", file)
    command = ["run", "--state", str(tmp_path / "two"), "--relive"]

    assert main([*command, str(file)]) == 1
    assert "recorded with other kinds" in capsys.readouterr().err
    file.write_text("{}", encoding="utf-8")
    assert main([*command, str(file)]) == 1
    assert "is no record of a run" in capsys.readouterr().err
    assert main([*command, str(tmp_path / "nothing.json")]) == 1
    assert "cannot read the record" in capsys.readouterr().err
    with pytest.raises(StateError, match="holds no run"):
        write_record(tmp_path / "nowhere", file)
