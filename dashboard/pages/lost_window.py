"""What the page of losses is told of the window and the machines that its reader chose."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from dashboard.calendar.schedule import Schedule
from dashboard.conclusions import Board
from dashboard.history.lost import LossBook, Lost
from dashboard.history.rows import MachineRow
from dashboard.live.channel import Channel
from dashboard.losses.compare import EARLIER, Pair, compared, earlier
from dashboard.losses.heat import Heat, heat
from dashboard.pages.loss_view import LossView
from protocol.moments import from_ms, to_text

HOUR_MS = 3_600_000
LENGTHS_MS = {"8h": 8 * HOUR_MS, "24h": 24 * HOUR_MS, "7d": 168 * HOUR_MS, "28d": 672 * HOUR_MS}
SHORT_MS = 8 * HOUR_MS
"""A window of one's own that is shorter is shown in the heat of its whole day."""
MOST_HOURS = 1_000
"""A heat map has no more cells."""
MOST_PARTS = 12
"""Of no more lines, or machines of a line, the hours are shown each."""
Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Where the time went, or a sentence that says why that is not known."""

    sentence: str
    """Window and machines in words."""
    span: Span = (0, 0)
    """The window, [from, to) in ms since 1970."""
    zone: str = "UTC"
    """Time zone of the plant."""
    lost: Lost | None = None
    """Where the time went."""
    heat: Heat | None = None
    """When it went; None for a window that is too long."""
    parts: list[tuple[str, str, Heat]] = field(default_factory=list)
    """Of a single day, the same of each line, or of each machine of a line: its name, what it is of, heat."""
    pairs: list[Pair] = field(default_factory=list)
    """Its waterfall beside another one, where one is asked for and there."""
    against: str = ""
    """What it is held against, in words, or why it is not."""
    query: dict[str, str] | None = None
    """The window and the machines as the API is asked for them."""


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

    def answer(self, view: LossView) -> Answer:
        """Where the time of the chosen machines went."""
        board = self.channel.board
        if board is None:
            return Answer(sentence="Waiting for the first word of the office.")
        span = self._span(board, view)
        if span is None:
            return Answer(sentence="There is no such shift in the calendar yet.")
        try:
            return self._found(board, view, span)
        except SQLAlchemyError:
            return Answer(sentence="The history cannot be read just now.")

    def _found(self, board: Board, view: LossView, span: Span) -> Answer:
        machines = self._machines(board, view.of, span)
        sentence = f"{_said(span, board.zone)}, {_counted(len(machines))}"
        what, _, name = view.of.partition(":")
        if not machines:
            sentence = f"{sentence}: nothing of {name or 'the plant'} was there in this window"
            return Answer(sentence=sentence, span=span, zone=board.zone)
        query = {"from": to_text(span[0]), "to": to_text(span[1]), "run": board.run}
        lost = self.book.lost(machines, *span)
        pairs, against = self._against(board, view, span, lost)
        hours = self._hours(board, view, span)
        whole = self._heat(view.measure, view.of, machines, hours) if hours is not None else None
        parts = self._parts(view, machines, hours) if hours and whole and len(whole.rows) == 1 else []
        return Answer(
            sentence=sentence,
            span=span,
            zone=board.zone,
            lost=lost,
            heat=whole,
            parts=parts,
            pairs=pairs,
            against=against,
            query={**query, what: name} if what else query,
        )

    def _hours(self, board: Board, view: LossView, span: Span) -> list[Span] | None:
        """The local hours that are looked at; None where they are too many."""
        from_ms, to_ms = span
        if view.span is not None and to_ms - from_ms < SHORT_MS:
            days = self._site.days(from_ms, to_ms)
            if days:
                from_ms, to_ms = max(days[0].from_ms, _begun_ms(board)), min(days[-1].to_ms, board.now_ms)
        if to_ms - from_ms > MOST_HOURS * HOUR_MS:
            return None
        return [(max(one[0], from_ms), min(one[1], to_ms)) for one in self._site.hours(from_ms, to_ms)]

    def _heat(self, measure: str, of: str, machines: list[MachineRow], hours: list[Span]) -> Heat:
        what, _, name = of.partition(":")
        path = machines[0].path if what == "machine" else name if what == "line" else ""
        schedule = self.book.basis.calendar.schedule(path, name if what == "machine" else "")
        return heat(measure, self.book.hours(machines, hours), schedule, self.book.basis.choices)

    def _parts(
        self, view: LossView, machines: list[MachineRow], hours: list[Span]
    ) -> list[tuple[str, str, Heat]]:
        members: dict[str, list[MachineRow]] = {}
        what = "machine" if view.of.startswith("line:") else "line"
        for one in machines:
            members.setdefault(one.name if what == "machine" else one.path, []).append(one)
        if view.of.startswith("machine:") or not 1 < len(members) <= MOST_PARTS:
            return []
        return [
            (name, f"{what}:{name}", self._heat(view.measure, f"{what}:{name}", mine, hours))
            for name, mine in sorted(members.items())
            if name
        ]

    def _against(self, board: Board, view: LossView, span: Span, lost: Lost) -> tuple[list[Pair], str]:
        if not view.against:
            return [], ""
        of, other, asked = view.of, span, span
        if view.against in EARLIER:
            asked = earlier(self._site, *span, view.against)
            other = max(asked[0], _begun_ms(board)), max(asked[1], _begun_ms(board))
        else:
            of = view.against
        machines = self._machines(board, of, other) if other[0] < other[1] else []
        name = "" if view.against in EARLIER else f"{of.partition(':')[2]}, "
        words = f"{name}{_said(other, board.zone)}, {_counted(len(machines))}"
        if not machines:
            return [], f"Nothing is known of {name}{_said(asked, board.zone)}."
        return compared(lost.rows, self.book.lost(machines, *other).rows), words

    @property
    def _site(self) -> Schedule:
        return self.book.basis.calendar.site

    def _machines(self, board: Board, of: str, span: Span) -> list[MachineRow]:
        what, _, name = of.partition(":")
        return [
            one
            for one in self.book.reader.machines(board.run, retired=True)
            if _is_of(one, what, name)
            and one.since_ms < span[1]
            and (one.retired_ms is None or one.retired_ms > span[0])
        ]

    def _span(self, board: Board, view: LossView) -> Span | None:
        begun_ms = _begun_ms(board)
        if view.span is not None:
            from_ms, to_ms = max(view.span[0], begun_ms), min(view.span[1], board.now_ms)
            return min(from_ms, to_ms), to_ms
        if view.window in LENGTHS_MS:
            return max(board.now_ms - LENGTHS_MS[view.window], begun_ms), board.now_ms
        shift = self._site.latest_shift(board.now_ms)
        if view.window == "last" and shift is not None:
            shift = self._site.before(shift)
        if shift is None:
            return None
        to_ms = min(shift.to_ms, board.now_ms)
        return min(max(shift.from_ms, begun_ms), to_ms), to_ms


def _begun_ms(board: Board) -> int:
    return board.epoch_ms if board.run else 0


def _is_of(machine: MachineRow, what: str, name: str) -> bool:
    if what == "machine":
        return machine.name == name
    return what != "line" or machine.path == name or machine.path.startswith(f"{name}/")


def _counted(count: int) -> str:
    return f"{count} machine{'' if count == 1 else 's'}"


def _said(span: Span, zone: str) -> str:
    """A window in words; the day of its end only where it is another one."""
    begun, ended = (from_ms(at_ms).astimezone(ZoneInfo(zone)) for at_ms in span)
    day = "" if begun.date() == ended.date() else "%a %-d %b "
    return f"{begun.strftime('%a %-d %b %H:%M')} to {ended.strftime(f'{day}%H:%M')}"
