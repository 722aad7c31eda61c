"""What the gain is worked out from: pieces of time and phases of both plants, for many machines at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.gain.trail import Answered, Trail, trail_of, with_answers
from dashboard.history.called import calls_between
from dashboard.history.numbers import spans_of
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow
from dashboard.history.stretches import Stretch
from dashboard.history.twins import Both
from dashboard.kpi.account import reach_ms
from dashboard.kpi.basis import Basis
from dashboard.kpi.pieces import Pieces, pieces_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A span of one machine."""

    both: Both
    """The machine."""
    from_ms: int
    """Beginning, ms since 1970."""
    to_ms: int
    """End; after the beginning."""
    phases_from_ms: int
    """From where on phases are wanted: at the beginning, or before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of one machine in a span, in both plants."""

    pieces: tuple[Pieces, Pieces]
    """What its time was used for."""
    trails: tuple[Trail, Trail]
    """The phases of it."""


def evidence_of(reader: Reader, basis: Basis, asked: Sequence[Asked]) -> list[Evidence]:
    """What is known of each span."""
    if not asked:
        return []
    pieces = _pieces(reader, basis, asked)
    trails = _trails(reader, asked)
    return [
        Evidence(
            pieces=(pieces[place], pieces[place + 1]),
            trails=(with_answers(trails[place], calls), trails[place + 1]),
        )
        for place, calls in zip(range(0, len(pieces), 2), _answers(reader, asked), strict=True)
    ]


def _pieces(reader: Reader, basis: Basis, asked: Sequence[Asked]) -> list[Pieces]:
    """The measured pieces of the monitored plant and of its twin, in turn."""
    reach = reach_ms(basis.choices, None)
    rows: list[tuple[MachineRow, Asked]] = [(row, one) for one in asked for row in one.both.rows]
    told = reader.measured(
        [
            Stretch(
                run=row.run,
                machine=row.name,
                from_ms=one.from_ms - reach,
                to_ms=one.to_ms + reach,
                reach_ms=0,
            )
            for row, one in rows
        ]
    )
    return [
        pieces_of(
            intervals,
            spans_of(basis, row, one.from_ms, one.to_ms),
            basis.choices,
            one.from_ms,
            one.to_ms,
        )
        for (row, one), intervals in zip(rows, told, strict=True)
    ]


def _trails(reader: Reader, asked: Sequence[Asked]) -> list[Trail]:
    """The phases that the truth tells of the monitored plant and of its twin, in turn."""
    stretches = [
        Stretch(run=row.run, machine=row.name, from_ms=one.phases_from_ms, to_ms=one.to_ms, reach_ms=0)
        for one in asked
        for row in one.both.rows
    ]
    return [
        trail_of(rows, min(until_ms, stretch.to_ms)).clip(stretch.from_ms, stretch.to_ms)
        for stretch, (rows, until_ms) in zip(stretches, reader.truths(stretches), strict=True)
    ]


def _answers(reader: Reader, asked: Sequence[Asked]) -> list[list[Answered]]:
    """What people answered to the calls of each span."""
    run = asked[0].both.monitored.run
    names = {one.both.name for one in asked}
    from_ms, to_ms = min(one.phases_from_ms for one in asked), max(one.to_ms for one in asked)
    of_machine: dict[str, list[Answered]] = {name: [] for name in names}
    for call, said in calls_between(reader, run, names, from_ms, to_ms):
        at_ms = {what: reply.at_ms for what, reply in said.items()}
        of_machine[call.machine].append(
            Answered(
                rule=call.rule,
                since_ms=call.since_ms,
                acknowledged_ms=at_ms.get("acknowledged"),
                at_machine_ms=at_ms.get("at-machine"),
                restored_ms=at_ms.get("restored"),
                closed_ms=call.closed_ms,
            )
        )
    return [of_machine[one.both.name] for one in asked]
