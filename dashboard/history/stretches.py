"""The rows that stretches of many machines need, in few questions and as columns.

What a page waits for is the number of questions first, and then the objects made for every row. So all
machines are asked for at once, and what the driver hands over goes into columns as it comes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, pairwise
from operator import attrgetter
from typing import Any

import numpy as np
from sqlalchemy import (
    CTE,
    BigInteger,
    Connection,
    Dialect,
    Integer,
    Select,
    String,
    Table,
    bindparam,
    column,
    func,
    select,
    values,
)

from dashboard.history import tables
from dashboard.history.windows import last_said, rows_from
from dashboard.intervals import CODES, Int8s, Int64s, Intervals
from dashboard.kpi.chain import Evidence
from dashboard.parts import SILENT, Counts

_AT_ONCE = 512
"""So many stretches are asked for at once: a question takes only so many values."""
_PART = 5_000
"""So many rows are made into columns at once."""
_CODES = {str(state): code for state, code in CODES.items()}
_COUNTS, _INTERVALS, _UNTIL = "counts", "intervals", "until"
_TRUTH, _TOLD_UNTIL = "truth", "told until"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of one machine's time."""

    run: str
    """Its run."""
    machine: str
    """Its name."""
    from_ms: int
    """Beginning, ms since 1970."""
    to_ms: int
    """End; after the beginning."""
    reach_ms: int
    """How far beyond it intervals matter, in milliseconds."""
    counted: tuple[bool, bool] = (True, True)
    """Whether the counters of parts and of rejects may have said anything before it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """What the history tells of some stretches."""

    low_ms: list[int]
    """From where on there is evidence of each: from its first count, or its surroundings."""
    known_until_ms: list[int]
    """Up to when there is evidence of each."""
    evidence: Evidence
    """Counts and intervals, by stretch."""


def told(connection: Connection, stretches: Sequence[Stretch]) -> Told:
    """What is known of each stretch and its surroundings."""
    ends = [(one.from_ms, one.to_ms) for one in stretches]
    counters, counts = _counts(connection, stretches, ends)
    low_ms = [one.from_ms - one.reach_ms for one in stretches]
    firsts = np.flatnonzero(np.diff(counters, prepend=-1))
    for owner, at_ms in zip(counters[firsts].tolist(), counts.at_ms[firsts].tolist(), strict=True):
        low_ms[owner] = min(low_ms[owner], at_ms)
    until_ms = list(low_ms)
    for owner, known_until_ms in _rows(connection, _UNTIL, stretches, ends):
        until_ms[owner] = known_until_ms
    ends = [(low, one.to_ms + one.reach_ms) for low, one in zip(low_ms, stretches, strict=True)]
    owners, start_ms, codes, causes = _intervals(_rows(connection, _INTERVALS, stretches, ends))
    evidence = Evidence(
        owners=owners, start_ms=start_ms, states=codes, causes=causes, counters=counters, counts=counts
    )
    return Told(low_ms=low_ms, known_until_ms=until_ms, evidence=evidence)


def measured(connection: Connection, stretches: Sequence[Stretch]) -> list[Intervals]:
    """What each machine did in its stretch, as measured, where anything is known of it."""
    ends = [(one.from_ms, one.to_ms) for one in stretches]
    owners, start_ms, codes, causes = _intervals(_rows(connection, _INTERVALS, stretches, ends))
    until_ms = [one.from_ms for one in stretches]
    for owner, known_until_ms in _rows(connection, _UNTIL, stretches, ends):
        until_ms[owner] = known_until_ms
    edges = owners.searchsorted(np.arange(len(stretches) + 1)).tolist()
    return [
        Intervals(
            start_ms[first:last],
            codes[first:last],
            list(causes[first:last]),
            # Evidence may have been read a moment before the rows that belong to it.
            max(end_ms, int(start_ms[last - 1]) + 1),
        )
        if first < last
        else Intervals.empty(one.from_ms)
        for one, first, last, end_ms in zip(stretches, edges[:-1], edges[1:], until_ms, strict=True)
    ]


def counted(connection: Connection, stretches: Sequence[Stretch]) -> list[Counts]:
    """The counters that each stretch needs: from the newest value of each at or before it, to its end."""
    ends = [(one.from_ms, one.to_ms) for one in stretches]
    owners, counts = _counts(connection, stretches, ends)
    edges = owners.searchsorted(np.arange(len(stretches) + 1)).tolist()
    return [
        Counts(counts.at_ms[first:last], counts.parts[first:last], counts.rejects[first:last])
        for first, last in pairwise(edges)
    ]


def truths(
    connection: Connection, stretches: Sequence[Stretch]
) -> list[tuple[list[tuple[int, str, str, str]], int]]:
    """What the truth tells of each stretch: where each phase begins, and up to when it is told.

    Returns:
        (start_ms, state, phase, cause) from the one that holds at the beginning on, and the end.
    """
    ends = [(one.from_ms, one.to_ms) for one in stretches]
    found: list[list[tuple[int, str, str, str]]] = [[] for _ in stretches]
    for owner, *row in _rows(connection, _TRUTH, stretches, ends):
        start_ms, state, phase, cause = row
        found[owner].append((start_ms, state, phase, cause))
    until_ms = [one.from_ms for one in stretches]
    for owner, told_until_ms in _rows(connection, _TOLD_UNTIL, stretches, ends):
        until_ms[owner] = told_until_ms
    return [(sorted(rows), until) for rows, until in zip(found, until_ms, strict=True)]


def _intervals(rows: Iterator[tuple[Any, ...]]) -> tuple[Int64s, Int64s, Int8s, Sequence[str]]:
    """Intervals in order: of which stretch each is, when it begins, its state and its cause."""
    moments = [np.empty((0, 2), np.int64)]
    codes, causes = bytearray(), list[str]()
    # A part at a time: the rows of a year, kept until all are there, would be looked through for garbage.
    while part := list(islice(rows, _PART)):
        owners, starts, states, more = zip(*part, strict=True)
        moments.append(np.array((owners, starts), np.int64).T)
        codes += bytes(map(_CODES.__getitem__, states))
        causes += more
    both = np.concatenate(moments)
    state = np.frombuffer(codes, np.int8)
    order = _order(both[:, 0], both[:, 1])
    if order is None:
        return both[:, 0], both[:, 1], state, causes
    return both[order, 0], both[order, 1], state[order], [causes[place] for place in order.tolist()]


def _counts(
    connection: Connection, stretches: Sequence[Stretch], ends: Sequence[tuple[int, int]]
) -> tuple[Int64s, Counts]:
    """From the newest value of each counter at or before a stretch to its end; and of which it is."""
    columns = _columns(_rows(connection, _COUNTS, stretches, ends))
    firsts = np.flatnonzero(np.diff(columns[:, 0], prepend=-1))
    longer = []
    for owner, at_ms, *values_ in columns[firsts].tolist():
        one = stretches[owner]
        missing = [value == SILENT and said for value, said in zip(values_, one.counted, strict=True)]
        if at_ms <= one.from_ms and any(missing):
            longer += _said_before(connection, owner, one, at_ms)
    if longer:
        columns = np.concatenate((columns, np.array(longer, np.int64)))
        order = _order(columns[:, 0], columns[:, 1])
        columns = columns if order is None else columns[order]
    return columns[:, 0], Counts(columns[:, 1], columns[:, 2], columns[:, 3])


def _said_before(connection: Connection, owner: int, one: Stretch, at_ms: int) -> list[list[int]]:
    """The counts before one that leaves a counter out, back to the last that did not."""
    t = tables.counts
    said_ms = connection.scalar(last_said(t, one.run, one.machine, one.from_ms))
    if said_ms is None:
        return []
    rows = rows_from(t, one.run, one.machine, said_ms, "at_ms", "parts", "rejects").where(t.c.at_ms < at_ms)
    return [[owner, *row] for row in connection.execute(rows).all()]


def _columns(rows: Iterator[tuple[int, ...]]) -> Int64s:
    """Counts in order; shape (n, 4)."""
    found = np.fromiter(chain.from_iterable(rows), np.int64).reshape(-1, 4)
    order = _order(found[:, 0], found[:, 1])
    return found if order is None else found[order]


def _order(owners: Int64s, moments: Int64s) -> Int64s | None:
    """The order by stretch and time; None where that is theirs, as it mostly is."""
    steps = np.diff(owners)
    if ((steps > 0) | ((steps == 0) & (np.diff(moments) > 0))).all():
        return None
    return np.lexsort((moments, owners))


def _rows(
    connection: Connection, what: str, stretches: Sequence[Stretch], ends: Sequence[tuple[int, int]]
) -> Iterator[tuple[Any, ...]]:
    """Rows of a question about all stretches, each with the number of its stretch ahead."""
    for begin in range(0, len(stretches), _AT_ONCE):
        asked: list[Any] = []
        for place, one in enumerate(stretches[begin : begin + _AT_ONCE], begin):
            asked += (place, one.run, one.machine, *ends[place])
        # A question of each size is built once; those that fill it up are about no machine.
        size = 1 << (len(asked) // 5 - 1).bit_length()
        asked += (-1, "", "", 0, 0) * (size - len(asked) // 5)
        sql, names, fixed = _question(connection.dialect, what, size)
        # Past SQLAlchemy, which takes longer over a row than the database does.
        cursor: Any = connection.connection.cursor()
        try:
            cursor.execute(sql, {**fixed, **dict(zip(names, asked, strict=True))})
            yield from cursor
        finally:
            cursor.close()


@lru_cache(64)
def _question(dialect: Dialect, what: str, size: int) -> tuple[str, list[str], dict[str, Any]]:
    """The text of a question about so many stretches, the names of its values in order, and its own."""
    names = [f"{name}_{row}" for row in range(size) for name in ("place", "run", "machine", "from", "to")]
    types = (Integer, String, String, BigInteger, BigInteger)
    given = [bindparam(name, type_=types[place % 5]) for place, name in enumerate(names)]
    asked = (
        values(
            column("place", Integer), column("run", String), column("machine", String),
            column("from_ms", BigInteger), column("to_ms", BigInteger), name="asked",
        )
        .data([tuple(given[place : place + 5]) for place in range(0, len(given), 5)])
        .cte("asked")
    )  # fmt: skip
    if what == _COUNTS:
        t = tables.counts.c
        question = _held(asked, tables.counts, "at_ms", "parts", "rejects").where(t.at_ms <= asked.c.to_ms)
    elif what == _INTERVALS:
        i = tables.intervals.c
        question = _held(asked, tables.intervals, "start_ms", "state", "cause").where(
            i.start_ms < asked.c.to_ms
        )
    elif what == _TRUTH:
        r = tables.truth_intervals.c
        question = _held(asked, tables.truth_intervals, "start_ms", "state", "phase", "cause").where(
            r.start_ms < asked.c.to_ms
        )
    else:
        m = tables.machines if what == _UNTIL else tables.truth_machines
        until = m.c.known_until_ms if what == _UNTIL else m.c.until_ms
        question = select(asked.c.place, until).join(
            m, (m.c.run == asked.c.run) & (m.c.machine == asked.c.machine)
        )
    compiled = question.compile(dialect=dialect)
    return str(compiled), names, compiled.params


def _held(asked: CTE, table: Table, *names: str) -> Select[Any]:
    """The rows of each machine from the one that holds at the beginning of its stretch on."""
    moment = attrgetter(names[0])
    earlier = table.alias("earlier")
    # By the key backwards: it ends at the first that is found.
    holds = (
        select(moment(earlier.c))
        .where(
            earlier.c.run == asked.c.run,
            earlier.c.machine == asked.c.machine,
            moment(earlier.c) <= asked.c.from_ms,
        )
        .order_by(moment(earlier.c).desc())
        .limit(1)
        .correlate(asked)
        .scalar_subquery()
    )
    mine = (table.c.run == asked.c.run) & (table.c.machine == asked.c.machine)
    begun = moment(table.c) >= func.coalesce(holds, asked.c.from_ms)
    return (
        select(asked.c.place, *(table.c[name] for name in names)).select_from(asked).join(table, mine & begun)
    )
