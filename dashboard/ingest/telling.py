"""What pages are told: a tile for each machine, the plant's board, the calls that are open, the work done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs

from dashboard.calendar.schedule import Schedule, Shift
from dashboard.conclusions import Board, Numbers, OpenCall, OpenCalls, Posting, Process, Tile, Work
from dashboard.goals import Goals
from dashboard.ingest.call_book import CallBook
from dashboard.ingest.machine import MachineRecord
from dashboard.ingest.minutes import Minute
from dashboard.ingest.part import Part, lines_of
from dashboard.ingest.plant_time import PlantTime
from dashboard.ingest.taken import Taken
from dashboard.kpi.account import Account, account, ideal_us_of, reach_ms, total
from dashboard.kpi.basis import Basis
from dashboard.kpi.report import numbers
from dashboard.units import unit_of
from protocol.moments import from_ms as moment
from protocol.moments import to_ms

MOST_CALLS = 200
"""Open calls that pages are told, the oldest."""
LAST_SHIFT_SHOWN_MS = 15 * 60_000
"""For how long into a shift the one before is told as well."""


def shift_shown(site: Schedule, now_ms: int) -> Shift:
    """The shift whose numbers are told: the running one, or where none is, the last that has begun."""
    return site.latest_shift(now_ms) or Shift("", now_ms, now_ms, moment(now_ms).date())


def shift_account(record: MachineRecord, basis: Basis, from_ms: int, to_ms: int) -> Account:
    """What a machine did in a window, from its own beginning to its retirement."""
    begun_ms = max(from_ms, record.since_ms)
    ended_ms = to_ms if record.retired_ms is None else min(to_ms, record.retired_ms)
    if ended_ms <= begun_ms:
        return Account.empty()
    knowledge, choices = record.doubted, basis.choices
    reach, margin = reach_ms(choices, knowledge), choices.margin_ms + 1
    counts = record.tally.since(begun_ms)
    known_from_ms = min(begun_ms - reach, int(counts.at_ms[0])) if len(counts) else begun_ms - reach
    return account(
        record.timeline.window(known_from_ms, ended_ms + reach),
        counts,
        spans=basis.calendar.schedule(record.path, record.name).spans(begun_ms - margin, ended_ms + margin),
        choices=choices,
        knowledge=knowledge,
        ideal_us=ideal_us_of(record.birth),
        from_ms=begun_ms,
        to_ms=ended_ms,
    )


def _numbers(record: MachineRecord, basis: Basis, from_ms: int, to_ms: int) -> Numbers:
    return numbers(shift_account(record, basis, from_ms, to_ms), basis.choices, from_ms, to_ms)


def tile_of(
    record: MachineRecord, basis: Basis, goals: Goals, shift: Shift, now_ms: int, *, mine: Account
) -> Tile:
    """The newest of one machine at plant time `now_ms`.

    Args:
        record: The machine.
        basis: By what numbers are worked out.
        goals: How much of its planned time it should run.
        shift: The shift whose numbers are told.
        now_ms: Plant time.
        mine: What it did in that shift so far.
    """
    power = record.power_signal
    begun_ms = max(shift.from_ms, record.since_ms)
    last_shift = None
    if now_ms - shift.from_ms < LAST_SHIFT_SHOWN_MS:
        before = basis.calendar.site.before(shift)
        if before is not None and record.since_ms < before.to_ms:
            last_shift = _numbers(record, basis, before.from_ms, before.to_ms)
    return Tile(
        run=record.run,
        name=record.name,
        path=record.path,
        line=record.path.rpartition("/")[2],
        kind=record.kind,
        simulated=record.simulated,
        how=record.how,
        learning=record.progress,
        shift=numbers(mine, basis.choices, shift.from_ms, min(now_ms, shift.to_ms)),
        last_shift=last_shift,
        power=[(minute.minute_ms, round(minute.mean, 3)) for minute in record.newest.get(power or "", ())],
        power_unit=unit_of(record.birth, power) if power else "",
        signals={name: _minute(minutes[-1]) for name, minutes in record.newest.items() if minutes},
        over={name: _minute(minutes[-2]) for name, minutes in record.newest.items() if len(minutes) > 1},
        after=record.birth.after if record.birth else "",
        goal=goals.goal(record.path, record.name),
        shift_planned_ms=sum(
            end_ms - start_ms
            for start_ms, end_ms in basis.planned(record.path, record.name, begun_ms, shift.to_ms)
        ),
        **_state(record, now_ms),
    )


def turned_tile(told: Tile, record: MachineRecord, now_ms: int, *, closes: bool) -> Tile:
    """What pages were told of a machine, with the state that it is in at plant time `now_ms`.

    Args:
        told: What they were told last.
        record: The machine.
        now_ms: Plant time.
        closes: Whether nothing more is told at once with it.
    """
    return structs.replace(told, **_state(record, now_ms), closes=closes)


def _state(record: MachineRecord, now_ms: int) -> dict[str, Any]:
    """The fields of a tile that say in which state a machine is, and was since pages were told."""
    state, cause, since_ms = record.timeline.state_at(now_ms)
    told_from_ms = min(record.tell_from_ms if record.tell_from_ms is not None else now_ms, since_ms)
    return {
        "online": record.online,
        "state": str(state),
        "cause": cause,
        "since_ms": max(since_ms, record.since_ms),
        "known_until_ms": record.timeline.known_until_ms,
        "now_ms": now_ms,
        "timeline_from_ms": told_from_ms,
        "timeline": [
            (start_ms, str(one)) for start_ms, _, one, _ in record.timeline.window(told_from_ms, now_ms + 1)
        ],
    }


def _minute(minute: Minute) -> tuple[int, float, float, float, float]:
    mean, low, high, last = (round(value, 3) for value in (minute.mean, minute.min, minute.max, minute.last))
    return minute.minute_ms, mean, low, high, last


@dataclass(slots=True)
class Floor:
    """The machines of one worker, added up."""

    lines: dict[str, list[Account]] = field(default_factory=dict)
    """What each machine did in the shift, by location."""
    machines: int = 0
    """How many are there."""
    gaps: int = 0
    """Messages missing by their numbers."""
    begun_ms: int | None = None
    """When the first of them began."""
    ahead_s: dict[str, float] = field(default_factory=dict)
    """Those whose clock is ahead of the plant's, and by how many seconds."""


def floor_of(accounts: Iterable[tuple[MachineRecord, Account]]) -> Floor:
    """The machines of this worker, each with what it did in the shift."""
    floor = Floor()
    for record, mine in accounts:
        floor.lines.setdefault(record.path, []).append(mine)
        floor.machines += record.retired_ms is None
        if record.ahead_ms and record.retired_ms is None:
            floor.ahead_s[record.name] = record.ahead_ms / 1_000
        floor.gaps += record.numbering.gaps
        floor.begun_ms = min(record.since_ms if floor.begun_ms is None else floor.begun_ms, record.since_ms)
    return floor


def board_of(
    accounts: Iterable[tuple[MachineRecord, Account]],
    basis: Basis,
    time: PlantTime,
    *,
    now_ms: int,
    wall_ms: int,
    refused: int,
    repeats: int,
    parts: Sequence[Part] = (),
) -> Board:
    """The newest of the plant as a whole, from what each machine did in the shift so far.

    Args:
        accounts: The machines of this worker, each with what it did.
        basis: By what numbers are worked out.
        time: The plant's clock.
        now_ms: Plant time.
        wall_ms: What time it is, ms since 1970.
        refused: Messages that could not be used, of all workers.
        repeats: Messages of this worker that changed nothing.
        parts: What other workers have.
    """
    shift = shift_shown(basis.calendar.site, now_ms)
    until_ms = min(now_ms, shift.to_ms)
    before = basis.calendar.site.before(shift)
    mine = floor_of(accounts)
    every: list[Floor | Part] = [mine, *parts]
    lines = mine.lines
    for path, others in lines_of(parts, shift.from_ms).items():
        lines.setdefault(path, []).extend(others)
    begun_ms = min([now_ms, *(one.begun_ms for one in every if one.begun_ms is not None)])
    clock = time.clock
    stands = time.stands(wall_ms)
    if before is not None and begun_ms >= before.to_ms:
        before = None
    return Board(
        run=time.run,
        epoch_ms=to_ms(clock.epoch) if clock else begun_ms,
        now_ms=min([now_ms, *(one.now_ms for one in parts)]),
        wall_ms=wall_ms,
        speed=clock.speed if clock else 1.0,
        achieved=(0.0 if stands else clock.achieved) if clock else 1.0,
        catching_up_to_ms=to_ms(clock.catching_up_to) if clock and clock.catching_up_to else None,
        attended=clock.attended if clock else True,
        zone=basis.calendar.zone,
        shift_name=shift.name if now_ms < shift.to_ms else "",
        shift_from_ms=shift.from_ms,
        shift_to_ms=shift.to_ms,
        last_shift_from_ms=before.from_ms if before else None,
        last_shift_name=before.name if before else "",
        plant=numbers(
            total(one for line in lines.values() for one in line), basis.choices, shift.from_ms, until_ms
        ),
        lines={
            path: numbers(total(line), basis.choices, shift.from_ms, until_ms) for path, line in lines.items()
        },
        machines=sum(one.machines for one in every),
        refused=refused,
        gaps=sum(one.gaps for one in every),
        ahead_s={name: ahead for one in every for name, ahead in one.ahead_s.items()},
        repeats=repeats + sum(one.repeats for one in parts),
    )


def calls_of(book: CallBook) -> OpenCalls:
    """The calls that are open."""
    opened = book.open()
    told = []
    for call in opened[:MOST_CALLS]:
        replies = book.replies(call.id)
        at_ms = {what: reply.at_ms for what, reply in replies.items()}
        told.append(
            OpenCall(
                id=call.id,
                machine=call.machine,
                rule=call.rule,
                cause=call.cause,
                since_ms=call.since_ms,
                raised_ms=call.raised_ms,
                escalated_ms=call.escalated_ms,
                acknowledged_ms=at_ms.get("acknowledged"),
                acknowledged_by=replies["acknowledged"].by if "acknowledged" in replies else "",
                at_machine_ms=at_ms.get("at-machine"),
                restored_ms=at_ms.get("restored"),
            )
        )
    return OpenCalls(run=book.run, total=len(opened), raised=book.sent, calls=told)


def work_of(
    taken: Taken, run: str, now_s: float, posting: Posting | None, process: Process | None = None
) -> Work:
    """How much the office does.

    Args:
        taken: What it has taken in.
        run: The run that is on.
        now_s: Real seconds, going up.
        posting: How the webhook goes; None without one.
        process: How the office's process is.
    """
    total, (messages_per_s, readings_per_s) = taken.total(run), taken.rates(run, now_s)
    return Work(
        run=run,
        messages=total.messages,
        readings=total.readings,
        measured=total.measured,
        messages_per_s=round(messages_per_s, 2),
        readings_per_s=round(readings_per_s, 2),
        posting=posting,
        process=process,
    )
