"""What the page of losses is told of the window and the machines that its reader chose."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from dashboard.conclusions import Board
from dashboard.history.lost import LossBook, Lost
from dashboard.history.reader import MachineRow
from dashboard.live.channel import Channel
from protocol.moments import from_ms, to_text

HOUR_MS = 3_600_000
LENGTHS_MS = {"8h": 8 * HOUR_MS, "24h": 24 * HOUR_MS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Where the time went, or a sentence that says why that is not known."""

    sentence: str
    """Window and machines in words."""
    lost: Lost | None = None
    """Where the time went."""
    stops: dict[str, Any] | None = None
    """What the table of stops asks the API for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostWindow:
    """Answers for a window and some machines.

    Args:
        channel: Says what time it is in the plant.
        book: Reads the losses.
    """

    channel: Channel
    book: LossBook

    def offered(self) -> tuple[list[str], list[str]]:
        """The lines and the machines that can be chosen."""
        board = self.channel.board
        if board is None:
            return [], []
        try:
            machines = self.book.reader.machines(board.run)
        except SQLAlchemyError:
            return [], []
        return sorted({one.path for one in machines if one.path}), sorted(one.name for one in machines)

    def answer(self, window: str, of: str) -> Answer:
        """Where the time of the chosen machines went.

        Args:
            window: `shift`, `last`, `8h` or `24h`.
            of: `line:…`, `machine:…`, or `""` for the whole plant.
        """
        board = self.channel.board
        if board is None:
            return Answer(sentence="Waiting for the first word of the office.")
        span = self._span(board, window)
        if span is None:
            return Answer(sentence="There is no such shift in the calendar yet.")
        from_ms, to_ms = span
        what, _, name = of.partition(":")
        try:
            machines = [
                one
                for one in self.book.reader.machines(board.run, retired=True)
                if _is_of(one, what, name)
                and one.since_ms < to_ms
                and (one.retired_ms is None or one.retired_ms > from_ms)
            ]
            lost = self.book.lost(machines, from_ms, to_ms)
        except SQLAlchemyError:
            return Answer(sentence="The history cannot be read just now.")
        count = f"{len(machines)} machine{'' if len(machines) == 1 else 's'}"
        sentence = f"{_local(from_ms, board.zone)} to {_local(to_ms, board.zone)}, {count}"
        if not machines:
            return Answer(sentence=f"{sentence}: nothing of {name or 'the plant'} was there in this window")
        query = {"from": to_text(from_ms), "to": to_text(to_ms), "run": board.run}
        if what:
            query[what] = name
        return Answer(sentence=sentence, lost=lost, stops={**query, "live": False})

    def _span(self, board: Board, window: str) -> tuple[int, int] | None:
        begun_ms = board.epoch_ms if board.run else 0
        site = self.book.basis.calendar.site
        if window in LENGTHS_MS:
            return max(board.now_ms - LENGTHS_MS[window], begun_ms), board.now_ms
        shift = site.latest_shift(board.now_ms)
        if window == "last" and shift is not None:
            shift = site.before(shift)
        if shift is None:
            return None
        to_ms = min(shift.to_ms, board.now_ms)
        return min(max(shift.from_ms, begun_ms), to_ms), to_ms


def _is_of(machine: MachineRow, what: str, name: str) -> bool:
    if what == "machine":
        return machine.name == name
    return what != "line" or machine.path == name or machine.path.startswith(f"{name}/")


def _local(at_ms: int, zone: str) -> str:
    return from_ms(at_ms).astimezone(ZoneInfo(zone)).strftime("%a %-d %b %H:%M")
