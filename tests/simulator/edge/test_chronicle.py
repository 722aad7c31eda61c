from collections.abc import Iterable
from pathlib import Path

from protocol.moments import from_ms
from protocol.readings import decode_batch
from simulator.chorus import Told
from simulator.histories.chronicle import Chronicle
from simulator.histories.run import Run, Settings, open_run
from simulator.specs.kind import load_kinds
from simulator.telling.opening import KINDS_FOLDER

KINDS = load_kinds(KINDS_FOLDER)
EPOCH_MS = 1_767_225_600_000
MINUTE_MS = 60_000
MILL = 'kind = "cnc-mill"\nline = "machining"\n'
PRESS = 'kind = "press"\nline = "forming"\n'


def new_run(folder: Path, **machines: str) -> Run:
    settings = Settings(
        catch_up_to=from_ms(EPOCH_MS),
        kinds="",
        machines={name.replace("_", "-"): text for name, text in machines.items()},
    )
    return open_run(folder, seed=3, epoch_ms=EPOCH_MS, settings=settings)


def said(span: Iterable[Told]) -> list[tuple[str, ...]]:
    """What is told, without the numbers of the messages."""
    said_by_each: list[tuple[str, ...]] = []
    for told in span:
        batches = [decode_batch(payload) for payload in told.payloads]
        said = [(batch.at_ms, batch.signals, batch.changes) for batch in batches]
        said_by_each.append((told.machine, repr(said), repr(told.truth)))
    return said_by_each


def live(chronicle: Chronicle, run: Run, minutes: int) -> list[list[tuple[str, ...]]]:
    """Live on minute by minute, and return what was said in each."""
    said_in = []
    for _ in range(minutes):
        until_ms = chronicle.clip(chronicle.cursor_ms + MINUTE_MS)
        run.reach(max(run.position_ms, until_ms))
        said_in.append(said(chronicle.tell(until_ms)))
        chronicle.go_to(until_ms)
    return said_in


def test_the_people_of_the_run_tend_its_machines(tmp_path: Path) -> None:
    people = 'hears = "nothing"\nrounds_s = 600\n[persons.anna]\n'
    jams = MILL + "stops.jam.every_h = 0.2\nstops.jam.person = true\n"
    settings = Settings(catch_up_to=from_ms(EPOCH_MS), kinds="", machines={"mill-1": jams}, people=people)
    run = open_run(tmp_path, seed=3, epoch_ms=EPOCH_MS, settings=settings)
    chronicle = Chronicle(run, KINDS)

    phases = {
        change.phase for told in chronicle.tell(EPOCH_MS + 300 * MINUTE_MS) for change in told.truth.changes
    }

    assert {"unnoticed", "micro-stop"} <= phases


def test_going_back_tells_the_same_again_without_living_again(tmp_path: Path) -> None:
    run = new_run(tmp_path, mill_1=MILL, press_1=PRESS)
    chronicle = Chronicle(run, KINDS)
    first = live(chronicle, run, 30)

    chronicle.go_to(EPOCH_MS + 10 * MINUTE_MS)

    assert live(chronicle, run, 20) == first[10:]
    assert chronicle.times_lived == 1


def test_going_back_beyond_what_was_forgotten_lives_the_run_again(tmp_path: Path) -> None:
    run = new_run(tmp_path, mill_1=MILL)
    chronicle = Chronicle(run, KINDS)
    first = live(chronicle, run, 30)
    chronicle.forget(EPOCH_MS + 25 * MINUTE_MS)

    chronicle.go_to(EPOCH_MS)

    assert live(chronicle, run, 30) == first
    assert chronicle.times_lived == 2


def test_going_back_before_a_machine_came_or_went_brings_the_old_fleet_back(tmp_path: Path) -> None:
    run = new_run(tmp_path, mill_1=MILL, press_1=PRESS)
    chronicle = Chronicle(run, KINDS)
    first = live(chronicle, run, 10)
    run.note("retired", machine="press-1")
    run.note("retired", machine="mill-1")
    run.note("added", machine="mill-1", text=MILL + "controller = false\n")
    assert chronicle.take_in()
    first += live(chronicle, run, 10)
    assert chronicle.machines().keys() == {"mill-1"}

    chronicle.go_to(EPOCH_MS + 5 * MINUTE_MS)

    assert chronicle.machines().keys() == {"mill-1", "press-1"}
    assert live(chronicle, run, 15) == first[5:]
    assert chronicle.machines().keys() == {"mill-1"}


def test_a_run_read_from_its_files_tells_the_same(tmp_path: Path) -> None:
    run = new_run(tmp_path, mill_1=MILL)
    chronicle = Chronicle(run, KINDS)
    first = live(chronicle, run, 5)
    run.note("added", machine="press-1", text=PRESS)
    chronicle.take_in()
    first += live(chronicle, run, 5)

    again = Run(tmp_path, run.head, list(run.inputs), run.position_ms)

    assert live(Chronicle(again, KINDS), again, 10) == first


def test_no_span_goes_across_an_input(tmp_path: Path) -> None:
    run = new_run(tmp_path, mill_1=MILL)
    chronicle = Chronicle(run, KINDS)
    run.reach(EPOCH_MS + 30_000)
    run.note("added", machine="press-1", text=PRESS)

    assert chronicle.clip(EPOCH_MS + MINUTE_MS) == EPOCH_MS + 30_000
    chronicle.go_to(EPOCH_MS + 30_000)
    assert chronicle.machines().keys() == {"mill-1", "press-1"}
    assert chronicle.clip(EPOCH_MS + MINUTE_MS) == EPOCH_MS + MINUTE_MS
