"""What answers are made from: the history, the calendar, and the newest of everything."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard.calendar.schedule import Schedule, Shift
from dashboard.conclusions import Numbers
from dashboard.history.answering import Answering
from dashboard.history.extent import Survey
from dashboard.history.gain import GainReader
from dashboard.history.lost import LossBook
from dashboard.history.numbers import accounts_of, numbers_in, totals_in
from dashboard.history.reader import Reader, Source
from dashboard.history.rows import MachineRow, RunRow
from dashboard.history.truths import TruthBook
from dashboard.kpi.account import Account
from dashboard.kpi.basis import Basis
from dashboard.live.channel import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The history, the calendar and the live channel, for all answers."""

    root: str
    """First level of every topic, `shopfloor`."""
    reader: Reader
    """The history."""
    basis: Basis
    """When production was planned, and which definitions hold."""
    book: LossBook
    """Where the time went, with the reasons of stops."""
    gain: GainReader
    """What monitoring gained."""
    channel: Channel
    """The newest of every machine."""
    truths: TruthBook
    """What the truth says of windows that are over."""
    survey: Survey
    """How much the history holds."""
    runs: Answering[list[RunRow]]
    """The runs, asked of a history that may not answer."""

    def schedule(self, path: str, machine: str | None) -> Schedule:
        """When production is planned for a machine, a line or, with an empty path, the plant."""
        return self.basis.calendar.schedule(path, machine or "")

    def shift_at(self, at_ms: int) -> Shift | None:
        """The shift of the plant that is on at a moment, or else the last one; None when there was none."""
        return self.basis.calendar.site.latest_shift(at_ms)

    def numbers(
        self, machines: Iterable[MachineRow], windows: Sequence[tuple[int, int]], source: Source
    ) -> list[Numbers]:
        """The numbers of some machines together in each of some windows, read at once."""
        return numbers_in(self.reader, self.basis, machines, windows, source=source)

    def totals(self, machines: Iterable[MachineRow], windows: Sequence[tuple[int, int]]) -> list[Account]:
        """What some machines together did, as measured, in each of some windows."""
        return totals_in(self.reader, self.basis, machines, windows)

    def accounts(
        self, machines: Iterable[MachineRow], window: tuple[int, int], source: Source
    ) -> list[Account]:
        """What each of some machines did in a window, read at once."""
        return accounts_of(self.reader, self.basis, machines, *window, source=source)
