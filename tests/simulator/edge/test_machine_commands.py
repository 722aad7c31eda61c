"""Machines by command: the simulator as a program, a real broker, a small office."""

from pathlib import Path

import pytest

from protocol.messages import Birth, decode
from protocol.moments import to_ms
from protocol.states import State
from simulator.__main__ import main
from simulator.histories.run import read_run
from tests.broker.running import RunningBroker
from tests.simulator.edge.office import SmallOffice, wait_until
from tests.simulator.edge.operator import Operator
from tests.simulator.edge.program import EPOCH_MS, MILL, PRESS, Simulator

pytestmark = pytest.mark.broker

MINUTE_MS = 60_000
SAW = 'kind = "press"\nline = "sawing"\ncycle_s = 5\n'


def at_work(simulator: Simulator, office: SmallOffice, *options: str) -> None:
    simulator.begin()
    simulator.start("--speed", "600", *options)
    wait_until(lambda: office.at_ms > EPOCH_MS)


def lives_on(office: SmallOffice, minutes: float = 2) -> None:
    """Wait until plant time has gone on by so much."""
    now_ms = office.at_ms
    wait_until(lambda: office.at_ms > now_ms + minutes * MINUTE_MS)


def is_there(office: SmallOffice, name: str) -> bool:
    return bool(office.births.get(name)) and office.online.get(name) == b"true"


def is_gone(office: SmallOffice, name: str) -> bool:
    return office.births.get(name) == b"" and office.online.get(name) == b""


def test_a_machine_is_added_cloned_changed_and_removed(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office)

        added = operator.ask(what="add", machine="saw-1", text=SAW)
        assert (added.ok, added.message) == (True, "saw-1 is put up")
        wait_until(lambda: is_there(office, "saw-1"))
        assert decode(office.births["saw-1"], Birth).at == added.at
        assert operator.ask(what="clone", machine="saw-1", name="saw-2").ok
        wait_until(lambda: is_there(office, "saw-2"))
        assert decode(office.births["saw-2"], Birth).ideal_cycle_s == pytest.approx(
            decode(office.births["saw-1"], Birth).ideal_cycle_s
        )
        lives_on(office)
        assert office.truth("saw-1") != office.truth("saw-2")

        moved = SAW.replace("sawing", "cutting")
        changed = operator.ask(what="change", machine="saw-1", text=moved)
        assert changed.ok
        wait_until(lambda: office.places["saw-1"] == {"shopfloor/cutting/saw-1"})
        assert decode(office.births["saw-1"], Birth).at == changed.at
        assert operator.ask(what="remove", machine="saw-2").ok
        wait_until(lambda: is_gone(office, "saw-2"))

        lives_on(office)
        assert operator.ask(what="save", machine="saw-1").text == moved


def test_a_paused_machine_stands_idle_and_goes_on_with_what_it_did(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office)

        paused = operator.ask(what="pause", machine="mill-1")
        lives_on(office, 5)
        resumed = operator.ask(what="resume", machine="mill-1")
        lives_on(office, 5)

        held = [
            (to_ms(truth.at) + one.offset_ms, one.state, one.cause)
            for truth in office.truths["mill-1"]
            for one in truth.changes
            if to_ms(paused.at) < to_ms(truth.at) + one.offset_ms <= to_ms(resumed.at)
        ]
        assert held == [(to_ms(paused.at) + 1, State.IDLE, "paused")]
        said = [
            one.cause
            for _, batch in office.batches["mill-1"]
            for one in batch.changes
            if one.cause == "paused"
        ]
        assert said == ["paused"]
        assert any(
            truth.at > resumed.at and truth.state is State.RUNNING for truth in office.truths["mill-1"]
        )


def test_a_crash_brings_back_what_orders_made_of_the_plant(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office)
        added = operator.ask(id="a", what="add", machine="saw-1", text=SAW)
        assert operator.ask(what="clone", machine="mill-1", name="mill-9").ok
        changed = MILL + "cycle_s = 33\n"
        assert operator.ask(what="change", machine="mill-1", text=changed).ok
        assert operator.ask(what="pause", machine="mill-9").ok
        assert operator.ask(what="remove", machine="press-1").ok
        lives_on(office)
        births = dict(office.births)
        simulator.kill()

        simulator.start("--speed", "600")

        lives_on(office)
        assert operator.ask(id="a", what="add", machine="saw-1", text=SAW) == added
        assert office.births == births
        assert is_gone(office, "press-1")
        assert operator.ask(what="save", machine="mill-1").text == changed
        assert "is not allowed" in operator.ask(what="save", machine="press-1").message
        assert operator.ask(what="pause", machine="mill-9").message == "mill-9 is paused already"


def test_a_new_run_has_the_machines_of_the_folder_alone(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office, "--history-hours", "0")
        assert operator.ask(what="add", machine="saw-1", text=SAW).ok
        assert operator.ask(what="remove", machine="press-1").ok
        wait_until(lambda: is_there(office, "saw-1") and is_gone(office, "press-1"))

        assert operator.ask(what="start-over").ok

        wait_until(lambda: is_gone(office, "saw-1") and is_there(office, "press-1"))


def test_a_file_takes_over_a_machine_of_its_name_and_the_newest_word_counts(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office)
        added = operator.ask(what="add", machine="saw-1", text=SAW)
        wait_until(lambda: is_there(office, "saw-1"))
        assert "is called so" in operator.ask(what="add", machine="mill-1", text=MILL).message

        simulator.write("saw-1", SAW)
        wait_until(lambda: any(one.what.endswith("saw-1.toml") for one in office.results))
        assert decode(office.births["saw-1"], Birth).at == added.at, "the same words change nothing"

        simulator.write("saw-1", SAW + "controller = false\n")
        wait_until(lambda: decode(office.births["saw-1"], Birth).states == "sensed")
        assert operator.ask(what="change", machine="saw-1", text=SAW).ok
        wait_until(lambda: decode(office.births["saw-1"], Birth).states == "reported")

        simulator.remove("saw-1")
        wait_until(lambda: is_gone(office, "saw-1"))


def test_a_file_that_does_not_fit_beside_a_machine_put_up_by_command_is_refused(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office)
        assert operator.ask(what="add", machine="saw-1", text=SAW).ok

        simulator.write("press-2", PRESS.replace("forming", "saw-1"))

        wait_until(lambda: any("saw-1 is a machine" in one.message for one in office.results))
        run = read_run(simulator.state)
        assert run is not None
        assert "press-2" not in run.texts()


def test_the_command_line_adds_saves_and_removes(
    broker: RunningBroker, simulator: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    connection = ["--broker", broker.url, "--credentials", str(broker.credentials)]
    saw, saved = tmp_path / "saw-1.toml", tmp_path / "saved.toml"
    saw.write_text(SAW, encoding="utf-8")
    with SmallOffice(broker) as office:
        at_work(simulator, office)

        def ask(*words: str) -> int:
            return main(["command", *words, *connection])

        assert ask("add", str(saw)) == 0
        assert ask("clone", "saw-1", "saw-2") == 0
        assert ask("pause", "saw-2") == 0
        assert ask("resume", "saw-2") == 0
        assert ask("save", "saw-2", "--out", str(saved)) == 0
        assert saved.read_text(encoding="utf-8") == SAW
        assert ask("save", "saw-2", "--out", str(saved)) == 1
        assert "exists already" in capsys.readouterr().err
        assert ask("save", "saw-2") == 0
        assert capsys.readouterr().out == SAW
        saw.write_text(SAW + "cycle_s = 5\n", encoding="utf-8")
        assert ask("change", str(saw)) == 1
        assert "saw-1.toml: not TOML" in capsys.readouterr().err
        assert ask("remove", "saw-2") == 0
        assert ask("speed", "60") == 0
        assert ask("pause") == 0
        assert ask("step", "60") == 0
        assert ask("jump") == 0
        assert ask("resume") == 0
        wait_until(lambda: is_gone(office, "saw-2"))
