"""The KPIs of any machines in any window, from the history: one function for tile, API, export and pages."""

from collections.abc import Iterable, Sequence

from dashboard.conclusions import Numbers
from dashboard.history.reader import Reader, Source
from dashboard.history.rows import MachineRow
from dashboard.intervals import Intervals
from dashboard.kpi.account import Account, account, ideal_us_of, reach_ms, total
from dashboard.kpi.basis import Basis
from dashboard.kpi.pieces import Pieces, Span, pieces_of
from dashboard.kpi.report import numbers
from dashboard.parts import Counts
from dashboard.states.knowledge import Knowledge


def lifetime(machine: MachineRow, from_ms: int, to_ms: int) -> tuple[int, int]:
    """The part of [from_ms, to_ms) in which a machine existed: it is charged for no other."""
    ended_ms = to_ms if machine.retired_ms is None else min(to_ms, machine.retired_ms)
    return max(from_ms, machine.since_ms), ended_ms


def account_of(
    reader: Reader,
    basis: Basis,
    machine: MachineRow,
    from_ms: int,
    to_ms: int,
    *,
    source: Source = "measured",
) -> Account:
    """What one machine did in [from_ms, to_ms), as far as it existed, added up."""
    return accounts_of(reader, basis, [machine], from_ms, to_ms, source=source)[0]


def accounts_of(
    reader: Reader,
    basis: Basis,
    machines: Iterable[MachineRow],
    from_ms: int,
    to_ms: int,
    *,
    source: Source = "measured",
) -> list[Account]:
    """What each machine did in [from_ms, to_ms), as far as it existed, added up.

    Where the reader keeps books, the sums come from there; they are the same.
    """
    if source == "measured" and reader.books is not None and reader.books.basis is basis:
        return reader.books.accounts(list(machines), from_ms, to_ms)
    return [direct_account(reader, basis, one, from_ms, to_ms, source=source) for one in machines]


def direct_account(
    reader: Reader,
    basis: Basis,
    machine: MachineRow,
    from_ms: int,
    to_ms: int,
    *,
    source: Source = "measured",
) -> Account:
    """What one machine did in [from_ms, to_ms), as far as it existed, added up from its rows."""
    begun_ms, ended_ms = lifetime(machine, from_ms, to_ms)
    if ended_ms <= begun_ms:
        return Account.empty()
    counts, intervals = evidence(reader, basis, machine, begun_ms, ended_ms, source=source)
    return account(
        intervals,
        counts,
        spans=spans_of(basis, machine, begun_ms, ended_ms),
        choices=basis.choices,
        knowledge=knowledge_in(machine, source),
        ideal_us=ideal_us_of(machine.birth),
        from_ms=begun_ms,
        to_ms=ended_ms,
    )


def pieces_in(
    reader: Reader,
    basis: Basis,
    machine: MachineRow,
    from_ms: int,
    to_ms: int,
    *,
    source: Source = "measured",
) -> Pieces:
    """What a machine's calendar time in [from_ms, to_ms) was used for, as far as it existed."""
    begun_ms, ended_ms = lifetime(machine, from_ms, to_ms)
    reach = reach_ms(basis.choices, None)
    intervals = (
        reader.intervals(machine.run, machine.name, begun_ms - reach, ended_ms + reach, source)
        if begun_ms < ended_ms
        else Intervals.empty(begun_ms)
    )
    spans = spans_of(basis, machine, begun_ms, ended_ms)
    return pieces_of(intervals, spans, basis.choices, begun_ms, ended_ms)


def numbers_of(
    reader: Reader,
    basis: Basis,
    machines: Iterable[MachineRow],
    from_ms: int,
    to_ms: int,
    *,
    source: Source = "measured",
) -> Numbers:
    """The numbers of one or several machines in a window: added up, then divided."""
    return numbers_in(reader, basis, machines, [(from_ms, to_ms)], source=source)[0]


def numbers_in(
    reader: Reader,
    basis: Basis,
    machines: Iterable[MachineRow],
    windows: Sequence[tuple[int, int]],
    *,
    source: Source = "measured",
) -> list[Numbers]:
    """The numbers of one or several machines in each of some windows."""
    totals = totals_in(reader, basis, machines, windows, source=source)
    return [numbers(one, basis.choices, *window) for one, window in zip(totals, windows, strict=True)]


def totals_in(
    reader: Reader,
    basis: Basis,
    machines: Iterable[MachineRow],
    windows: Sequence[tuple[int, int]],
    *,
    source: Source = "measured",
) -> list[Account]:
    """What one or several machines together did in each of some windows."""
    chosen, books = list(machines), reader.books
    if source == "measured" and books is not None and books.basis is basis:
        return books.totals(chosen, windows) if windows else []
    return [
        total(direct_account(reader, basis, one, *window, source=source) for one in chosen)
        for window in windows
    ]


def evidence(
    reader: Reader,
    basis: Basis,
    machine: MachineRow,
    from_ms: int,
    to_ms: int,
    *,
    source: Source = "measured",
) -> tuple[Counts, Intervals]:
    """The counters and the intervals that the account of a window needs."""
    counts = reader.counts(machine.run, machine.name, source, from_ms=from_ms, to_ms=to_ms)
    reach = reach_ms(basis.choices, knowledge_in(machine, source))
    known_from_ms = from_ms - reach
    if len(counts):
        known_from_ms = min(known_from_ms, int(counts.at_ms[0]))
    return counts, reader.intervals(machine.run, machine.name, known_from_ms, to_ms + reach, source)


def knowledge_in(machine: MachineRow, source: Source = "measured") -> Knowledge | None:
    """How the machine's state is known; None for the truth, which leaves no doubt."""
    return machine.knowledge if source == "measured" else None


def spans_of(basis: Basis, machine: MachineRow, from_ms: int, to_ms: int) -> Sequence[Span]:
    """A machine's calendar in a window, with the margins that micro-stops need."""
    margin = basis.choices.margin_ms + 1
    return basis.calendar.schedule(machine.path, machine.name).spans(from_ms - margin, to_ms + margin)
