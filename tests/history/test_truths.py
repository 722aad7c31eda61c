"""What the truth says of a window is kept once nothing that is told later can change it, and not before."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.conclusions import Numbers
from dashboard.history.numbers import numbers_of
from dashboard.history.reader import Reader, Source
from dashboard.history.rows import MachineRow
from dashboard.history.store import Writes
from dashboard.history.truths import TruthBook
from dashboard.ingest.proof import Proof
from protocol.messages import Truth, TruthChange
from protocol.moments import from_ms
from protocol.states import State
from tests.history.both import BASIS
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, give, minutes, open_office

UNTIL_MS = EPOCH_MS + 60 * MINUTE


class Told:
    """An office that is told the truth of one machine bit by bit, and who reads it."""

    def __init__(self, folder: Path) -> None:
        self.office = open_office(folder, UNTIL_MS)
        give(self.office, minutes(60))
        self.office.commit()
        self._proof = Proof(self.office.store)
        self.reader = Reader(f"sqlite:///{folder}/history.db")
        self.book = TruthBook(self.reader, BASIS)
        self.asked: list[tuple[int, ...]] = []

    def tell(self, begun: int, ended: int, *changes: tuple[int, State]) -> None:
        """The machine runs from one minute to another but for the changes."""
        told = tuple(TruthChange(offset_ms=(at - begun) * MINUTE, state=state) for at, state in changes)
        message = Truth(
            run=RUN, at=from_ms(EPOCH_MS + begun * MINUTE), until=from_ms(EPOCH_MS + ended * MINUTE),
            state=State.RUNNING, changes=told,
        )  # fmt: skip
        assert isinstance(self.office.writes, Writes)
        self._proof.receive("mill-1", message, self.office.writes)
        self.office.commit()

    def machine(self) -> MachineRow:
        """The machine as it is known now."""
        return next(one for one in self.reader.machines(RUN) if one.name == "mill-1")

    def running(self, begun: int, ended: int) -> float:
        """How many minutes of a window it truly ran, by the book; as without one."""
        window = EPOCH_MS + begun * MINUTE, EPOCH_MS + ended * MINUTE
        told_ms = self.reader.told_until([(RUN, "mill-1")])[RUN, "mill-1"]
        found = self.book.numbers(self.machine(), *window, told_ms)
        assert found == numbers_of(self.reader, BASIS, [self.machine()], *window, source="truth")
        assert found is not None
        return found.running_ms / MINUTE


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    plant = Told(tmp_path)

    def counted(*asked: Any, source: Source) -> Numbers:
        plant.asked.append(tuple((at_ms - EPOCH_MS) // MINUTE for at_ms in asked[3:]))
        return numbers_of(*asked, source=source)

    monkeypatch.setattr("dashboard.history.truths.numbers_of", counted)
    yield plant
    plant.reader.close()
    plant.office.store.close()


def test_what_is_over_is_read_once(told: Told) -> None:
    told.tell(0, 40, (10, State.DOWN), (20, State.RUNNING))

    assert [told.running(5, 25) for _ in range(3)] == [10, 10, 10]
    assert told.asked == [(5, 25)]


def test_the_newest_is_read_until_nothing_told_later_can_change_it(told: Told) -> None:
    told.tell(0, 40, (30, State.DOWN))
    told.running(20, 40)
    told.tell(40, 41, (40, State.DOWN))
    told.running(20, 40)
    told.tell(41, 60)

    assert [told.running(20, 40) for _ in range(2)] == [10, 10]
    assert told.asked == [(20, 40)] * 3


def test_what_has_a_hole_is_read_until_it_is_filled(told: Told) -> None:
    told.tell(0, 10)
    told.tell(20, 60)
    assert told.running(5, 30) == 15
    assert told.running(5, 30) == 15

    told.tell(10, 20, (15, State.DOWN))

    assert [told.running(5, 30) for _ in range(2)] == [20, 20]
    assert told.asked == [(5, 30)] * 3


def test_whether_it_ran_at_a_moment_is_known_where_the_truth_says_so(told: Told) -> None:
    told.tell(0, 10, (5, State.DOWN))
    told.tell(20, 30)
    machine, told_ms = told.machine(), EPOCH_MS + 30 * MINUTE

    ran = [told.book.ran(machine, EPOCH_MS + minute * MINUTE, told_ms) for minute in (2, 6, 15, 25, 30, 40)]

    assert ran == [True, False, None, True, None, None]
    assert ran == [
        told.book.ran(machine, EPOCH_MS + minute * MINUTE, told_ms) for minute in (2, 6, 15, 25, 30, 40)
    ]


def test_an_empty_window_has_no_numbers(told: Told) -> None:
    told.tell(0, 10)

    assert told.book.numbers(told.machine(), EPOCH_MS + MINUTE, EPOCH_MS + MINUTE, UNTIL_MS) is None
