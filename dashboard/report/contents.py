"""What stands in a report, taken from the history: everything is a function of history and settings."""

from dataclasses import dataclass

from dashboard.conclusions import Numbers
from dashboard.history.lost import LossBook, Lost
from dashboard.history.numbers import account_of, pieces_in
from dashboard.history.rows import MachineRow, RunRow
from dashboard.kpi.account import Account, total
from dashboard.kpi.pieces import Pieces
from dashboard.kpi.report import numbers
from dashboard.losses.stops import MachineStop
from dashboard.report.window import ReportError, Window
from protocol.version import VERSION

STOPS = 20
"""The longest stops that are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The numbers of the plant, a line or a machine."""

    name: str
    """What it is called."""
    level: int
    """0 for all of it, 1 for a line, 2 for a machine."""
    numbers: Numbers
    """Its numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFacts:
    """What a machine is, and by what its state is known."""

    name: str
    """Its name."""
    path: str
    """Its location."""
    kind: str
    """Sort of machine."""
    simulated: bool
    """Whether it is a simulated one."""
    how: str
    """How its state is known, in words."""
    since_ms: int
    """Since when it exists."""
    pieces: Pieces
    """What its time was used for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All of a report."""

    run: RunRow
    """The run."""
    window: Window
    """The stretch of time."""
    line: str | None
    """The line it is about, None for the plant."""
    zone: str
    """Time zone of the plant."""
    rows: list[Row]
    """The plant, its lines, their machines."""
    machines: list[MachineFacts]
    """Each machine."""
    lost: Lost
    """Where the time went."""
    stops: int
    """How many stops there are."""
    longest: list[MachineStop]
    """The longest stops, longest first."""
    version: str
    """Version of the product."""
    calendar_digest: str
    """SHA-256 of the calendar file."""
    choices_digest: str
    """SHA-256 of the choices."""
    choices: dict[str, str | float]
    """The choices by name."""


def contents_of(book: LossBook, run: RunRow, window: Window, line: str | None = None) -> Contents:
    """What a report on a window says.

    Raises:
        ReportError: There is no such line.
    """
    machines = _machines(book, run, window, line)
    reader, basis = book.reader, book.basis
    from_ms, to_ms = window.from_ms, window.to_ms
    accounts = {one.name: account_of(reader, basis, one, from_ms, to_ms) for one in machines}
    lost, stops = book.listed(machines, from_ms, to_ms)
    longest = sorted(stops, key=lambda one: (one.start_ms - one.end_ms, one.start_ms, one.machine))
    choices = basis.choices

    def row(name: str, level: int, members: list[Account]) -> Row:
        return Row(name=name, level=level, numbers=numbers(total(members), choices, from_ms, to_ms))

    rows = [row(line or "plant", 0, list(accounts.values()))]
    for path in sorted({one.path for one in machines}):
        members = [one for one in machines if one.path == path]
        if path != line:
            rows.append(row(path or "outside every line", 1, [accounts[one.name] for one in members]))
        rows += [row(one.name, 2, [accounts[one.name]]) for one in members]
    return Contents(
        run=run,
        window=window,
        line=line,
        zone=basis.calendar.zone,
        rows=rows,
        machines=[_facts(book, one, window) for one in machines],
        lost=lost,
        stops=len(stops),
        longest=longest[:STOPS],
        version=VERSION,
        calendar_digest=basis.calendar.digest,
        choices_digest=choices.digest,
        choices=choices.named(),
    )


def _machines(book: LossBook, run: RunRow, window: Window, line: str | None) -> list[MachineRow]:
    every = book.reader.machines(run.run, retired=True)
    chosen = [one for one in every if line is None or one.path == line or one.path.startswith(f"{line}/")]
    if line is not None and not chosen:
        known = ", ".join(sorted({one.path for one in every if one.path})) or "none: there is no line yet"
        raise ReportError("line", line, known)
    return [
        one
        for one in chosen
        if one.since_ms < window.to_ms and (one.retired_ms is None or one.retired_ms > window.from_ms)
    ]


def _facts(book: LossBook, machine: MachineRow, window: Window) -> MachineFacts:
    known = machine.knowledge
    how = {"reported": "its control reports it", "sensed": "a threshold that its birth states"}.get(
        known.how, "a threshold that was learned"
    )
    if known.threshold is not None:
        at = known.threshold
        how = f"{how}: runs from {at.signal} {at.above:g}, stopped up to {at.below:g}"
    elif known.how != "reported":
        how = "nothing tells it yet"
    return MachineFacts(
        name=machine.name,
        path=machine.path,
        kind=machine.kind,
        simulated=machine.simulated,
        how=how,
        since_ms=machine.since_ms,
        pieces=pieces_in(book.reader, book.basis, machine, window.from_ms, window.to_ms),
    )
