"""The truth in the history: told again it changes nothing, and a hole is there until it is filled."""

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from dashboard.history import tables
from dashboard.history.faulted import faults_between
from dashboard.history.reader import Reader
from dashboard.history.store import Store, Writes
from dashboard.ingest.proof import Proof
from protocol.messages import Truth, TruthChange, TruthFault
from protocol.moments import from_ms
from protocol.states import State
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN


def truth(minute: int, state: State, *changes: tuple[int, State], until: int | None = None) -> Truth:
    """What a machine did from one minute up to the next, or a later one."""
    return Truth(
        run=RUN,
        at=from_ms(EPOCH_MS + minute * MINUTE),
        until=from_ms(EPOCH_MS + (until or minute + 1) * MINUTE),
        state=state,
        parts=minute,
        changes=tuple(TruthChange(offset_ms=offset, state=one) for offset, one in changes),
    )


ORDERLY = [
    truth(0, State.RUNNING, (30_000, State.IDLE)),
    truth(1, State.IDLE, (15_000, State.RUNNING)),
    truth(2, State.RUNNING),
]


def told(folder: Path, messages: list[Truth], *, restart_before: int = -1) -> list[tuple[float, str]]:
    """The minutes at which the truth in the history changes, after these messages.

    Args:
        folder: Where the history is made.
        messages: What is told, each committed at once.
        restart_before: Number of the message before which ingest is started anew.
    """
    store = Store(f"sqlite:///{folder}/history.db")
    proof = Proof(store)
    for number, one in enumerate(messages):
        if number == restart_before:
            proof = Proof(store)
        writes = Writes()
        proof.receive("mill-1", one, writes)
        store.write(writes)
    with store.engine.connect() as connection:
        t = tables.truth_intervals.c
        rows = connection.execute(select(t.start_ms, t.state).order_by(t.start_ms)).all()
    store.close()
    return [((row.start_ms - EPOCH_MS) / MINUTE, row.state) for row in rows]


@pytest.mark.parametrize("restart_before", [-1, 3, 4])
def test_truth_told_again_from_the_middle_of_a_state_adds_no_row(tmp_path: Path, restart_before: int) -> None:
    once = told(tmp_path / "once", ORDERLY)

    again = told(tmp_path / "again", [*ORDERLY, *ORDERLY[1:]], restart_before=restart_before)

    assert once == [(0, "running"), (0.5, "idle"), (1.25, "running")]
    assert again == once


@pytest.mark.parametrize("restart_before", [-1, 2])
def test_time_of_which_nothing_was_told_is_unknown_until_it_is(tmp_path: Path, restart_before: int) -> None:
    lost = [ORDERLY[0], ORDERLY[2]]

    assert told(tmp_path / "lost", lost) == [(0, "running"), (0.5, "idle"), (1, "unknown"), (2, "running")]
    assert told(tmp_path / "filled", [*lost, ORDERLY[1]], restart_before=restart_before) == [
        (0, "running"),
        (0.5, "idle"),
        (1, "idle"),
        (1.25, "running"),
        (2, "running"),
    ]


def test_a_fault_that_was_cleared_ends_when_it_was_and_one_that_was_never_on_is_none(tmp_path: Path) -> None:
    store, writes = Store(f"sqlite:///{tmp_path}/history.db"), Writes()
    proof = Proof(store)
    for until in (60, 1, 0):
        fault = TruthFault(
            fault="jam", severity=0.5, begun=from_ms(EPOCH_MS), until=from_ms(EPOCH_MS + until * MINUTE)
        )
        proof.receive("mill-1", msgspec.structs.replace(ORDERLY[0], faults=(fault,)), writes)
        store.write(writes)
        writes = Writes()
        with store.engine.connect() as connection:
            rows = connection.execute(select(tables.truth_faults)).all()
        assert [(row.machine, row.fault, row.signal, row.until_ms) for row in rows] == [
            ("mill-1", "jam", "", EPOCH_MS + until * MINUTE)
        ]
    reader = Reader(f"sqlite:///{tmp_path}/history.db")
    assert faults_between(reader, RUN, ["mill-1"], EPOCH_MS, EPOCH_MS + 60 * MINUTE) == []
    reader.close()
    store.close()
