"""The KPIs of any machines in any window, from the history: one function for tile, API and pages."""

from collections.abc import Iterable

from dashboard.calendar.places import Calendar
from dashboard.conclusions import Numbers
from dashboard.history.reader import MachineRow, Reader, Source
from dashboard.kpi import TimeInState, numbers
from dashboard.planned import planned_time
from dashboard.states.learning import knowledge_with


def machine_time(
    reader: Reader,
    calendar: Calendar,
    machine: MachineRow,
    from_ms: int,
    to_ms: int,
    *,
    source: Source = "measured",
) -> TimeInState:
    """Time in each state of one machine in [from_ms, to_ms), planned time only.

    A machine is charged from its birth to its retirement, not before and not after.
    """
    begun_ms = max(from_ms, machine.since_ms)
    ended_ms = to_ms if machine.retired_ms is None else min(to_ms, machine.retired_ms)
    return planned_time(
        lambda begun, ended: reader.intervals(machine.run, machine.name, begun, ended, source),
        calendar.schedule(machine.path, machine.name),
        knowledge_with(machine.birth, machine.learned) if source == "measured" else None,
        begun_ms,
        ended_ms,
    )


def parts_made(
    reader: Reader, machine: MachineRow, from_ms: int, to_ms: int, *, source: Source = "measured"
) -> int | None:
    """Parts of one machine in (from_ms, to_ms]; None when nothing counts them."""
    counts = reader.counts(machine.run, machine.name, source, from_ms=from_ms, to_ms=to_ms)
    made = counts.made(from_ms, to_ms)
    return None if made is None else made[0]


def numbers_of(
    reader: Reader,
    calendar: Calendar,
    machines: Iterable[MachineRow],
    from_ms: int,
    to_ms: int,
    *,
    source: Source = "measured",
) -> Numbers:
    """The numbers of one or several machines in a window: buckets summed, then divided.

    Parts are given for a single machine only: parts of different machines are different things.
    """
    chosen = list(machines)
    total = TimeInState()
    for machine in chosen:
        total += machine_time(reader, calendar, machine, from_ms, to_ms, source=source)
    parts = parts_made(reader, chosen[0], from_ms, to_ms, source=source) if len(chosen) == 1 else None
    return numbers(total, parts, from_ms, to_ms)
