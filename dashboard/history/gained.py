"""What both plants did in any window, machine by machine, from the history.

Whole hours of the settled past are added up once and remembered, so that a day is as cheap as an hour.
What a later message rewrites is forgotten and added up again.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from dashboard.gain.pairs import Pair, Seen, Stops, pairs_within, seen_in
from dashboard.gain.tally import FIELDS, MONITORED, TWIN, Stretches, tally
from dashboard.history.called import calls_between
from dashboard.history.gain_reading import Asked, Evidence, evidence_of
from dashboard.history.reader import Reader
from dashboard.history.twins import Both
from dashboard.intervals import Int64s
from dashboard.kpi.account import reach_ms
from dashboard.kpi.basis import Basis
from protocol.twin import twin_run

HOUR_MS = 3_600_000
CHUNK_MS = 48 * HOUR_MS
"""So much is added up at once."""
KEPT_PARTS = 4_096
"""So many parts of hours are remembered."""
PLANTS = (MONITORED, TWIN)
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gained:
    """What one machine did in a window, in both plants."""

    both: Both
    """The machine."""
    sums: Int64s
    """Milliseconds by plant and field; shape (2, FIELDS)."""
    common_ms: int
    """Time in which both are observed."""
    stretches: tuple[Stretches, Stretches]
    """Without running, of the monitored plant and of its twin."""
    pairs: list[Pair]
    """The stops that took a person, each beside the same one of the other plant."""


class _Part(NamedTuple):
    """A part of the time of one machine."""

    sums: Int64s
    common_ms: int
    stretches: tuple[Stretches, Stretches]


@dataclass(slots=True, kw_only=True, eq=False)
class _Shelf:
    """The settled past of one machine in both plants, in blocks of an hour."""

    from_ms: int
    """Where its first block begins."""
    resume_ms: tuple[int, int]
    """From where on stops are not settled, in each plant."""
    sums: Int64s = field(default_factory=lambda: np.zeros((1, 2, len(FIELDS)), np.int64))
    """Of all blocks before each; shape (blocks + 1, 2, FIELDS)."""
    common_ms: Int64s = field(default_factory=lambda: np.zeros(1, np.int64))
    """The same of the common time; shape (blocks + 1,)."""
    stretches: tuple[Stretches, Stretches] = field(default=(Stretches.empty(), Stretches.empty()))
    seen: tuple[Stops, Stops] = field(default_factory=lambda: (Stops(), Stops()))
    """The stops that are over, in each plant."""
    counted: tuple[dict[str, int], dict[str, int]] = field(default_factory=lambda: ({}, {}))
    """How many of each cause."""

    @property
    def sealed_ms(self) -> int:
        """Up to where it reaches."""
        return self.from_ms + (len(self.common_ms) - 1) * HOUR_MS

    def whole(self, from_ms: int, to_ms: int) -> tuple[int, int]:
        """Which blocks lie in a window: the first, and the one after the last."""
        first = max(-((self.from_ms - from_ms) // HOUR_MS), 0)
        last = min((to_ms - self.from_ms) // HOUR_MS, len(self.common_ms) - 1)
        return (first, last) if first < last else (0, 0)

    def loose(self, from_ms: int, to_ms: int) -> list[tuple[int, int]]:
        """The parts of a window that are in no block."""
        first, last = self.whole(from_ms, to_ms)
        begin, end = self.from_ms + first * HOUR_MS, self.from_ms + last * HOUR_MS
        spans = [(from_ms, to_ms)] if first == last else [(from_ms, begin), (end, to_ms)]
        return [(a, b) for a, b in spans if a < b]

    def blocks(self, first: int, last: int) -> _Part:
        """What the blocks from one up to another add up to."""
        begin, end = self.from_ms + first * HOUR_MS, self.from_ms + last * HOUR_MS
        return _Part(
            self.sums[last] - self.sums[first],
            int(self.common_ms[last] - self.common_ms[first]),
            (self.stretches[MONITORED].within(begin, end), self.stretches[TWIN].within(begin, end)),
        )

    def append(self, known: Evidence, end_ms: int) -> None:
        """Add the hours up to one, of which nothing will change."""
        begin = self.sealed_ms
        done = tally(known.pieces, known.trails, np.arange(begin, end_ms + 1, HOUR_MS))
        self.sums = np.concatenate((self.sums, self.sums[-1] + np.cumsum(done.sums, axis=0)))
        self.common_ms = np.concatenate((self.common_ms, self.common_ms[-1] + np.cumsum(done.common_ms)))
        self.stretches = (
            self.stretches[MONITORED].then(done.stretches[MONITORED]),
            self.stretches[TWIN].then(done.stretches[TWIN]),
        )
        resume = []
        for plant in PLANTS:
            trail = known.trails[plant].clip(self.resume_ms[plant], end_ms)
            found = seen_in(trail, self.counted[plant])
            if found and not found[-1].over:
                last = found.pop()
                self.counted[plant][last.cause] -= 1
                resume.append(last.start_ms)
            else:
                resume.append(end_ms)
            self.seen[plant].add(found)
        self.resume_ms = resume[MONITORED], resume[TWIN]


class GainBook:
    """Answers for any window; safe to share between threads.

    Args:
        reader: The history.
        basis: By what numbers are worked out.
    """

    def __init__(self, reader: Reader, basis: Basis) -> None:
        self._reader = reader
        self._basis = basis
        self._lock = threading.Lock()
        self._shelves: dict[_Key, _Shelf] = {}
        self._parts: OrderedDict[tuple[_Key, int, int], _Part] = OrderedDict()
        self._rewrites: int | None = None

    def gained(self, machines: Sequence[Both], from_ms: int, to_ms: int) -> list[Gained]:
        """What each machine did in [from_ms, to_ms), as far as it stood in both plants."""
        with self._lock:
            self._forget_rewritten()
            self._seal(machines, to_ms)
            spans = [one.lifetime(from_ms, to_ms) for one in machines]
            known = self._loose(machines, spans)
            return [
                self._of(one, span, loose) for one, span, loose in zip(machines, spans, known, strict=True)
            ]

    def _of(self, one: Both, span: tuple[int, int], loose: "_Loose") -> Gained:
        begin, end = span
        shelf = self._shelves[_key(one)]
        parts = dict(zip((at for at, _ in loose.spans), loose.parts, strict=True))
        first, last = shelf.whole(begin, end)
        if first < last:
            parts[shelf.from_ms + first * HOUR_MS] = shelf.blocks(first, last)
        stretches = [Stretches.empty(), Stretches.empty()]
        for _, part in sorted(parts.items()):
            stretches = [mine.then(more) for mine, more in zip(stretches, part.stretches, strict=True)]
        seen = [(mine, Stops(more)) for mine, more in zip(shelf.seen, loose.seen, strict=True)]
        return Gained(
            both=one,
            sums=sum((part.sums for part in parts.values()), start=np.zeros((2, len(FIELDS)), np.int64)),
            common_ms=sum(part.common_ms for part in parts.values()),
            stretches=(stretches[MONITORED], stretches[TWIN]),
            pairs=pairs_within(one.name, seen[MONITORED], seen[TWIN], begin, end),
        )

    def _loose(self, machines: Sequence[Both], spans: Sequence[tuple[int, int]]) -> "list[_Loose]":
        """The parts of hours at both ends of each machine's span, and the stops that are not settled."""
        found = [_Loose() for _ in machines]
        missing: list[tuple[int, Asked]] = []
        for place, (one, span) in enumerate(zip(machines, spans, strict=True)):
            shelf = self._shelves[_key(one)]
            for begin, end in shelf.loose(*span):
                found[place].spans.append((begin, end))
                if (_key(one), begin, end) not in self._parts:
                    earliest = min(begin, *shelf.resume_ms) if end > shelf.sealed_ms else begin
                    missing.append(
                        (place, Asked(both=one, from_ms=begin, to_ms=end, phases_from_ms=earliest))
                    )
        fresh: dict[tuple[_Key, int, int], _Part] = {}
        known = evidence_of(self._reader, self._basis, [asked for _, asked in missing])
        for (place, asked), evidence in zip(missing, known, strict=True):
            shelf = self._shelves[_key(asked.both)]
            marks = np.array((asked.from_ms, asked.to_ms), np.int64)
            done = tally(evidence.pieces, evidence.trails, marks)
            key = _key(asked.both), asked.from_ms, asked.to_ms
            part = _Part(done.sums[0], int(done.common_ms[0]), done.stretches)
            if asked.to_ms <= shelf.sealed_ms:
                self._remember(key, part)
            fresh[key] = part
            if asked.to_ms > shelf.sealed_ms:
                for plant in PLANTS:
                    trail = evidence.trails[plant].clip(shelf.resume_ms[plant], asked.to_ms)
                    found[place].seen[plant].extend(seen_in(trail, dict(shelf.counted[plant])))
        for one, loose in zip(machines, found, strict=True):
            for begin, end in loose.spans:
                key = _key(one), begin, end
                loose.parts.append(fresh[key] if key in fresh else self._parts[key])
        return found

    def _remember(self, key: tuple[_Key, int, int], part: _Part) -> None:
        self._parts[key] = part
        if len(self._parts) > KEPT_PARTS:
            self._parts.popitem(last=False)

    def _seal(self, machines: Sequence[Both], to_ms: int) -> None:
        """Add up the whole hours that nothing but a rewrite can change any more."""
        for one in machines:
            if _key(one) not in self._shelves:
                since_ms = one.lifetime(0, 0)[0]
                first_ms = -(-since_ms // HOUR_MS) * HOUR_MS
                self._shelves[_key(one)] = _Shelf(from_ms=first_ms, resume_ms=(since_ms, since_ms))
        behind = [one for one in machines if to_ms - self._shelves[_key(one)].sealed_ms >= HOUR_MS]
        sure = self._sure_ms(behind, to_ms)
        while behind:
            asked = []
            for one, sure_ms in zip(behind, sure, strict=True):
                shelf = self._shelves[_key(one)]
                begin = shelf.sealed_ms
                end = begin + (min(sure_ms - begin, CHUNK_MS)) // HOUR_MS * HOUR_MS
                if end > begin:
                    earliest = min(begin, *shelf.resume_ms)
                    asked.append(Asked(both=one, from_ms=begin, to_ms=end, phases_from_ms=earliest))
            if not asked:
                return
            for one_asked, known in zip(asked, evidence_of(self._reader, self._basis, asked), strict=True):
                self._shelves[_key(one_asked.both)].append(known, one_asked.to_ms)

    def _sure_ms(self, machines: Sequence[Both], to_ms: int) -> list[int]:
        """Up to where each machine's past is settled in both plants."""
        if not machines:
            return []
        reach = reach_ms(self._basis.choices, None)
        rows = [row for one in machines for row in one.rows]
        told = self._reader.told_until([(row.run, row.name) for row in rows])
        open_ms: dict[str, int] = {}
        names = [one.name for one in machines]
        for call, _ in calls_between(self._reader, machines[0].monitored.run, names, to_ms, to_ms + 1):
            if call.closed_ms is None:
                open_ms[call.machine] = min(call.since_ms, open_ms.get(call.machine, call.since_ms))
        sure = []
        for one in machines:
            limits = [to_ms, open_ms.get(one.name, to_ms)]
            for row in one.rows:
                limits += [row.known_until_ms - reach, told.get((row.run, row.name), 0)]
            sure.append(one.lifetime(0, min(limits))[1])
        return sure

    def _forget_rewritten(self) -> None:
        newest = self._reader.newest_rewrite()
        if self._rewrites == newest:
            return
        rows = None if self._rewrites is None else self._reader.rewrites_since(self._rewrites)
        self._rewrites = newest
        if rows is None:
            self._shelves.clear()
            self._parts.clear()
            return
        reach = reach_ms(self._basis.choices, None)
        for (run, machine), shelf in list(self._shelves.items()):
            ours = (run, twin_run(run))
            touched = [row.from_ms for row in rows if row.machine == machine and row.run in ours]
            if touched and min(touched) - reach < shelf.sealed_ms:
                del self._shelves[run, machine]
                for key in [one for one in self._parts if one[0] == (run, machine)]:
                    del self._parts[key]


@dataclass(slots=True, eq=False)
class _Loose:
    """What is in no block of one machine's window."""

    spans: list[tuple[int, int]] = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)
    seen: tuple[list[Seen], list[Seen]] = field(default_factory=lambda: ([], []))


def _key(one: Both) -> _Key:
    return one.monitored.run, one.name
