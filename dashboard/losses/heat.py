"""When time is lost: a loss, or a number, by hour of the day and by day.

A cell is one local hour of one production day, as far as the window reaches, and says a part, what it is a
part of, and the quotient. Days with a change of the clocks have the hour that comes twice once, with the
time of both; the one that is skipped is missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from dashboard.calendar.local import wall_clock
from dashboard.calendar.schedule import Schedule
from dashboard.kpi import formulas
from dashboard.kpi.account import Account
from dashboard.kpi.choices import Choices
from dashboard.losses.pareto import UNSTOPPED
from dashboard.losses.stops import MachineStop
from dashboard.losses.waterfall import US, Totals, waterfall
from dashboard.losses.words import STEPS, STOPS

LOST = "lost"
"""Every loss of planned, known time: all stops, reduced speed and rejects."""
NUMBERS = {
    "utilization": ("utilization", "running / observed"),
    "oee": ("OEE", "ideal cycle × good / observed"),
}
"""Numbers of which more is better: word, and what is divided by what."""
MEASURES: dict[str, str] = {
    LOST: "all losses",
    **{key: STEPS[key].word for key in (*STOPS, *UNSTOPPED)},
    **{key: word for key, (word, _) in NUMBERS.items()},
}
"""What a heat map can show, by its key in an address."""


class Hour(NamedTuple):
    """A local hour as far as a window reaches, and what was done in it."""

    from_ms: int
    """When it begins, ms since 1970."""
    to_ms: int
    """When it ends."""
    account: Account
    """What all machines together did in it."""
    totals: Totals
    """The same, after reasons have told what power alone could not."""


class Amount(NamedTuple):
    """A part of a whole."""

    part_us: int
    """The part in microseconds."""
    whole_us: int
    """What it is a part of, in microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One hour of one day."""

    hour: int
    """What the clock on the wall shows as it begins, 0 to 23."""
    from_ms: int
    """When it begins, ms since 1970."""
    to_ms: int
    """When it ends."""
    part_us: int
    """Time lost, or gained for a number of which more is better, in microseconds."""
    whole_us: int
    """What it is a part of: planned time, or the number's denominator; in microseconds."""

    @property
    def share(self) -> float | None:
        """The part of the whole; None where there is none."""
        return self.part_us / self.whole_us if self.whole_us else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One production day."""

    day: date
    """The date after which it is named."""
    cells: tuple[Cell, ...]
    """Its hours, in order of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """A measure by hour and day."""

    measure: str
    """One of `MEASURES`."""
    hours: tuple[int, ...]
    """The hours of its columns, in the order of a production day."""
    rows: tuple[Row, ...]
    """Its days, the oldest first."""

    @property
    def of(self) -> str:
        """What each cell is a part of, in words."""
        return "observed" if self.measure in NUMBERS else "planned"

    @property
    def most(self) -> float:
        """The largest share of any cell; 0 where there is none."""
        return max((cell.share or 0.0 for row in self.rows for cell in row.cells), default=0.0)


def heat(measure: str, hours: Sequence[Hour], schedule: Schedule, choices: Choices) -> Heat:
    """A measure by hour and day.

    Args:
        measure: One of `MEASURES`.
        hours: Local hours in order, which do not overlap.
        schedule: Says which production day an hour belongs to, and in which zone it is local.
        choices: Which definitions hold.
    """
    if not hours:
        return Heat(measure=measure, hours=(), rows=())
    days = schedule.days(hours[0].from_ms, hours[-1].to_ms)
    rows: list[Row] = []
    for day in days:
        cells: dict[int, Cell] = {}
        for one in hours:
            if day.from_ms <= one.from_ms < day.to_ms:
                at, found = wall_clock(one.from_ms, schedule.zone).hour, amount(measure, one, choices)
                before = cells.get(at)
                cells[at] = Cell(
                    hour=at,
                    from_ms=before.from_ms if before else one.from_ms,
                    to_ms=one.to_ms,
                    part_us=found.part_us + (before.part_us if before else 0),
                    whole_us=found.whole_us + (before.whole_us if before else 0),
                )
        # Days before there was anything are no days of it.
        if cells and (rows or any(cell.whole_us for cell in cells.values())):
            rows.append(Row(day=day.date, cells=tuple(cells.values())))
    first = wall_clock(days[0].from_ms, schedule.zone).hour if days else 0
    # Hours of which nothing is known on any day, as those in which nobody works, need no column.
    there = {cell.hour for row in rows for cell in row.cells if cell.whole_us}
    return Heat(
        measure=measure,
        hours=tuple(sorted(there, key=lambda hour: (hour - first) % 24)),
        rows=tuple(rows),
    )


def amount(measure: str, hour: Hour, choices: Choices) -> Amount:
    """The part and the whole of a measure in one hour.

    lost / planned        running / observed        ideal cycle × good / observed
    """
    if measure == "utilization":
        account = hour.account
        return Amount(formulas.productive(account, choices) * US, formulas.load(account, choices) * US)
    if measure == "oee":
        judged = hour.account.of_judged()
        return Amount(judged["ideal_good_us"], formulas.load(judged, choices) * US)
    rows = {row.key: row for row in waterfall(hour.totals, choices)}
    keys = (*STOPS, *UNSTOPPED) if measure == LOST else (measure,)
    return Amount(sum(rows[key].us for key in keys if key in rows), rows["planned"].us)


def retold_by_hour(
    stops: Iterable[MachineStop], hours: Sequence[tuple[int, int]]
) -> list[Mapping[tuple[str, str], int]]:
    """Of each hour, the milliseconds of a use that reasons make another loss: by (use, loss).

    Args:
        stops: Stops of one machine, in order of time.
        hours: Where the hours begin and end, in order; they tile the window of the stops.
    """
    found: list[dict[tuple[str, str], int]] = [{} for _ in hours]
    first = 0
    for stop in stops:
        edges = [stop.start_ms]
        for _, _, _, length_ms in stop.parts:
            edges.append(edges[-1] + length_ms)
        for (begun, ended), (use, _, _, _) in zip(pairwise(edges), stop.parts, strict=True):
            loss = stop.loss_of(use)
            while first < len(hours) - 1 and hours[first][1] <= begun:
                first += 1
            place = first
            while loss != use and place < len(hours) and hours[place][0] < ended:
                inside = min(ended, hours[place][1]) - max(begun, hours[place][0])
                found[place][use, loss] = found[place].get((use, loss), 0) + inside
                place += 1
    return [dict(one) for one in found]


def moved(totals: Totals, retold: Mapping[tuple[str, str], int]) -> Totals:
    """Totals in which time of one use counts as another loss."""
    found = dict(totals.use_ms)
    for (use, loss), ms in retold.items():
        found[use] = found.get(use, 0) - ms
        found[loss] = found.get(loss, 0) + ms
    return totals.with_uses(found)
