import errno
import os
from pathlib import Path
from typing import Literal

import pytest

from protocol.messages import Call, PlantCommand
from protocol.moments import from_ms
from simulator.faults.spells import Spell
from simulator.histories.pen import StateError
from simulator.histories.run import (
    INPUT_FILE,
    POSITION_FILE,
    RUN_FILE,
    Input,
    Run,
    Settings,
    last_run,
    open_run,
)

EPOCH_MS = 1_767_225_600_000


def new_run(folder: Path) -> Run:
    settings = Settings(catch_up_to=from_ms(EPOCH_MS + 60_000), kinds="abc", machines={"mill-1": "one"})
    return open_run(folder, seed=7, epoch_ms=EPOCH_MS, settings=settings)


def test_an_unfinished_run_is_found_again_with_its_inputs_and_its_position(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    run.reach(EPOCH_MS + 60_000)
    run.note("added", machine="mill-2", text="two")
    run.reach(EPOCH_MS + 120_001)

    again = last_run(tmp_path)

    assert again is not None
    assert (again.id, again.head.seed, again.epoch_ms, again.head.finished) == (run.id, 7, EPOCH_MS, False)
    assert [(one.what, one.machine, one.at_ms) for one in again.inputs] == [
        ("added", "mill-2", EPOCH_MS + 60_000)
    ]
    assert again.position_ms == EPOCH_MS + 120_001


def test_the_texts_of_the_machines_follow_the_log(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    run.note("added", machine="mill-2", text="two")
    run.note("retired", machine="mill-1")
    run.note("added", machine="mill-1", text="one, changed")
    run.note("retired", machine="mill-2")

    assert run.texts() == {"mill-1": "one, changed"}


def test_a_finished_run_says_so(tmp_path: Path) -> None:
    new_run(tmp_path).finish()

    again = last_run(tmp_path)

    assert again is not None
    assert again.head.finished


def test_a_new_run_takes_nothing_over_from_the_one_before(tmp_path: Path) -> None:
    first = new_run(tmp_path)
    first.note("unattended")
    first.reach(EPOCH_MS + 600_000)
    log = (tmp_path / INPUT_FILE).read_bytes()
    position = (tmp_path / POSITION_FILE).read_bytes()
    new_run(tmp_path)
    # As a crash between the writing of the one file and the removal of the others would leave it.
    (tmp_path / INPUT_FILE).write_bytes(log)
    (tmp_path / POSITION_FILE).write_bytes(position)

    again = last_run(tmp_path)

    assert again is not None
    assert again.id != first.id
    assert again.inputs == []
    assert again.attended
    assert again.position_ms == EPOCH_MS


def test_a_line_that_a_crash_cut_off_never_took_effect(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    run.note("added", machine="mill-2", text="two")
    run.note("added", machine="mill-3", text="three")
    log = tmp_path / INPUT_FILE
    log.write_bytes(log.read_bytes()[:-9])

    again = last_run(tmp_path)

    assert again is not None
    assert [one.machine for one in again.inputs] == ["mill-2"]


def test_a_line_after_one_that_was_cut_off_is_whole(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    run.note("added", machine="mill-2", text="two")
    log = tmp_path / INPUT_FILE
    log.write_bytes(log.read_bytes()[:-9])
    again = last_run(tmp_path)
    assert again is not None

    again.note("added", machine="mill-3", text="three")

    third = last_run(tmp_path)
    assert third is not None
    assert [one.machine for one in third.inputs] == ["mill-3"]


def test_without_a_state_there_is_no_run(tmp_path: Path) -> None:
    assert last_run(tmp_path / "nothing") is None


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    new_run(tmp_path)
    (tmp_path / RUN_FILE).write_text("{", encoding="utf-8")

    with pytest.raises(StateError, match=r"run\.json is damaged"):
        last_run(tmp_path)


def test_what_cannot_be_written_down_does_not_happen_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.histories.pen.AGAIN_S", 0.01)
    run, write, tries = new_run(tmp_path), os.fsync, []

    def full_at_first(file: int) -> None:
        tries.append(len(run.inputs))
        if len(tries) < 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(file)

    monkeypatch.setattr("os.fsync", full_at_first)
    run.note("retired", machine="mill-1")

    assert tries == [0, 0, 0, 0]
    again = last_run(tmp_path)
    assert again is not None
    assert [one.machine for one in again.inputs] == [one.machine for one in run.inputs] == ["mill-1"]
    assert (tmp_path / INPUT_FILE).read_bytes().count(b"\n") == 1


def test_a_plant_that_is_to_stop_waits_for_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run(tmp_path)

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    run.pen.stopping.set()

    with pytest.raises(StateError, match=r"cannot write .*input-log\.jsonl: No space left on device"):
        run.note("retired", machine="mill-1")

    assert run.inputs == []
    run.finish()


def test_a_run_that_lost_its_office_is_unattended_until_it_is_back(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    attended = [run.attended]
    news: tuple[Literal["unattended", "attended"], ...] = ("unattended", "attended")
    for what in news:
        run.note(what)
        attended.append(run.attended)

    assert attended == [True, False, True]


def call_of(run: Run, number: int) -> Call:
    at = from_ms(run.position_ms)
    return Call(
        id=f"{number}", run=run.id, machine="mill-1", rule="stopped", cause="jam", since=at, raised=at
    )


def fault(number: int, machine: str = "mill-1") -> PlantCommand:
    return PlantCommand(id=f"{number}", what="fault", machine=machine, fault="jam", duration_s=30.0)


def standing(run: Run) -> tuple[dict[str, str], list[Spell]]:
    roster = run.roster()
    return roster.machines, list(roster.spells)


def test_what_stands_is_the_same_as_when_the_log_is_read_anew_whatever_has_come_between(
    tmp_path: Path,
) -> None:
    run = new_run(tmp_path)
    for number in range(20):
        run.reach(EPOCH_MS + (number + 1) * 10_000)
        run.note("order", order=fault(number))
        run.note("call", machine="mill-1", call=call_of(run, number), at_ms=run.position_ms + 59_999)
        if number % 7 == 3:
            run.note("added", machine=f"mill-{number}", text="more")
        if number % 7 == 6:
            run.note("order", order=PlantCommand(id=f"clear-{number}", what="clear"))
            run.note("retired", machine=f"mill-{number - 3}")
        again = last_run(tmp_path)
        assert again is not None
        assert standing(run) == standing(again)
    assert len(standing(run)[1]) > 5


def test_who_asks_what_stands_may_change_it_and_nobody_else_sees_that(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    run.note("order", order=fault(1))

    roster = run.roster()
    roster.machines.clear()
    roster.spells.end("mill-1", EPOCH_MS + 1)
    roster.held.add("mill-1")

    machines, (spell,) = standing(run)
    assert machines == {"mill-1": "one"}
    assert spell.until_ms == spell.planned_ms
    assert not run.roster().held


def test_a_call_more_is_no_reason_to_read_the_log_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(tmp_path)
    for number in range(100):
        run.note("order", order=fault(number))
    before = standing(run)
    monkeypatch.delattr(Input, "enter")

    run.note("call", machine="mill-1", call=call_of(run, 1), at_ms=run.position_ms + 59_999)

    assert standing(run) == before
