"""The KPIs of any machines in any window, from the history: one function for tile, API, export and pages."""

from collections.abc import Iterable, Sequence

from dashboard.conclusions import Numbers
from dashboard.history.reader import MachineRow, Reader, Source
from dashboard.intervals import Intervals
from dashboard.kpi.account import Account, account, ideal_us_of, reach_ms, total
from dashboard.kpi.basis import Basis
from dashboard.kpi.pieces import Pieces, Span, pieces_of
from dashboard.kpi.report import numbers
from dashboard.states.knowledge import Knowledge
from dashboard.states.learning import knowledge_with


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
    begun_ms, ended_ms = lifetime(machine, from_ms, to_ms)
    if ended_ms <= begun_ms:
        return Account.empty()
    knowledge = _knowledge(machine, source)
    counts = reader.counts(machine.run, machine.name, source, from_ms=begun_ms, to_ms=ended_ms)
    reach = reach_ms(basis.choices, knowledge)
    known_from_ms = begun_ms - reach
    if len(counts):
        known_from_ms = min(known_from_ms, int(counts.at_ms[0]))
    intervals = reader.intervals(machine.run, machine.name, known_from_ms, ended_ms + reach, source)
    return account(
        intervals,
        counts,
        spans=_spans(basis, machine, begun_ms, ended_ms),
        choices=basis.choices,
        knowledge=knowledge,
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
    spans = _spans(basis, machine, begun_ms, ended_ms)
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
    accounts = [account_of(reader, basis, machine, from_ms, to_ms, source=source) for machine in machines]
    return numbers(total(accounts), basis.choices, from_ms, to_ms)


def _knowledge(machine: MachineRow, source: Source) -> Knowledge | None:
    """How the machine's state is known; None for the truth, which leaves no doubt."""
    return knowledge_with(machine.birth, machine.learned) if source == "measured" else None


def _spans(basis: Basis, machine: MachineRow, from_ms: int, to_ms: int) -> Sequence[Span]:
    margin = basis.choices.margin_ms + 1
    return basis.calendar.schedule(machine.path, machine.name).spans(from_ms - margin, to_ms + margin)
