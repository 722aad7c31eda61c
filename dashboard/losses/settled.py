"""The stops of a machine's settled past as columns, booked by what it said and by rules.

What a stop of the past is booked under does not change, unless a person gives it a reason. So it is worked
out once, and the losses of a year are sums of columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from dashboard.intervals import STATES, Int8s, Int64s
from dashboard.kpi.book import Past
from dashboard.kpi.causes import Causes
from dashboard.kpi.pieces import USES, Bools, is_stop
from dashboard.losses.bookings import Booking, Bookings
from dashboard.losses.reasons import Reasons, Rule, Said
from dashboard.losses.words import NOT_TOLD

Ints = npt.NDArray[np.signedinteger]
"""Whole numbers no wider than they need be."""
_LEAF = 512
"""Of so many stops the sums of what comes before are kept."""
_COLUMNS = ("starts", "ends", "firsts", "stop_keys", "parts_ms", "part_keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """By what the stops of one machine are named."""

    reasons: Reasons
    """The rules, and the losses of reasons."""
    zone: ZoneInfo
    """Time zone of the plant."""
    retold: Sequence[str]
    """Losses that a reason may make of time of which the machine could not tell."""
    machine: str
    """Name of the machine."""
    path: str
    """Its location."""
    kind: str
    """Its sort."""

    def booking(self, use: str, cause: str, reason: str) -> Booking:
        """What time of a use and cause is booked under in a stop that has a reason, `""` for none."""
        return use, self.loss_of(use, reason), reason or cause or NOT_TOLD

    def loss_of(self, use: str, reason: str) -> str:
        """The loss that time of a use counts as."""
        loss = self.reasons.loss_of(reason) if use == "stopped" else ""
        return loss if loss in self.retold else use


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settled:
    """The stops that are over, n of them made of m parts; all of them begin in the past that is known."""

    until_ms: int
    """Up to where they are known: every stop after it begins at it or later."""
    starts: Int64s
    """When each begins, ms since 1970; shape (n,)."""
    ends: Int64s
    """When each ends; shape (n,)."""
    firsts: Ints
    """Where its parts begin, and after the last one where they end; shape (n + 1,)."""
    stop_keys: Ints
    """What each is booked under, as an index into `keys`; shape (n,)."""
    parts_ms: Ints
    """How long each part lasts, in milliseconds; shape (m,)."""
    part_keys: Ints
    """What it is booked under; shape (m,)."""
    keys: tuple[Booking, ...]
    """What anything is booked under."""
    before: Int64s
    """Milliseconds and stops by key before each `_LEAF`th stop; shape (n // _LEAF + 1, 2, keys)."""

    @classmethod
    def empty(cls, at_ms: int) -> "Settled":
        """No stop, up to a moment."""
        none = np.empty(0, np.int64)
        return cls(
            until_ms=at_ms, starts=none, ends=none, firsts=np.zeros(1, np.int64), stop_keys=none,
            parts_ms=none, part_keys=none, keys=(), before=np.zeros((1, 2, 0), np.int64),
        )  # fmt: skip

    @property
    def nbytes(self) -> int:
        """How much memory they take, in bytes."""
        columns: list[Ints] = [self.before, *(getattr(self, name) for name in _COLUMNS)]
        return sum(column.nbytes for column in columns)

    def longer(self, past: Past, causes: Causes, naming: Naming) -> "Settled":
        """With the stops of what comes after, as far as they are over."""
        stopped = is_stop(past.uses)
        edges = np.diff(np.concatenate(([0], stopped.view(np.int8), [0])))
        firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        ends = np.append(past.starts, past.until_ms)
        until_ms = past.until_ms
        if len(lasts) and lasts[-1] == len(past.starts):
            # It goes on.
            until_ms = int(past.starts[firsts[-1]])
            firsts, lasts = firsts[:-1], lasts[:-1]
        # The very first one may have begun before anything was known.
        begun = past.begins[firsts]
        firsts, lasts = firsts[begun], lasts[begun]
        if not len(firsts):
            return self._with(until_ms=until_ms)
        said = np.flatnonzero(stopped & (past.causes > 0))
        place = np.append(said, len(stopped))[said.searchsorted(firsts)]
        first_causes = np.where(place < lasts, np.append(past.causes, 0)[place], 0)
        starts, stop_ends = past.starts[firsts], ends[lasts]
        named = _by_rules(naming, past.states[firsts], first_causes, causes, starts, stop_ends - starts)
        sizes = lasts - firsts
        parts = np.repeat(firsts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
        # One word for use, reason and cause, so that each combination is put into words once.
        count = len(naming.reasons.rules) + 1
        words = np.concatenate(
            (
                _word(past.uses[firsts], named, first_causes, count),
                _word(past.uses[parts], np.repeat(named, sizes), past.causes[parts], count),
            )
        )
        every, which = np.unique(words, return_inverse=True)
        keys = dict.fromkeys(self.keys)
        bookings = []
        for word in every.tolist():
            cause, rest = divmod(word, len(USES) * count)
            use, rule = divmod(rest, count)
            reason = naming.reasons.rules[rule - 1].reason if rule else ""
            bookings.append(naming.booking(str(USES[use]), causes[cause], reason))
            keys.setdefault(bookings[-1])
        numbers = {booking: number for number, booking in enumerate(keys)}
        which = np.array([numbers[booking] for booking in bookings])[which]
        return self._with(
            until_ms=until_ms,
            starts=starts,
            ends=stop_ends,
            firsts=np.cumsum(sizes) + self.firsts[-1],
            stop_keys=which[: len(firsts)],
            parts_ms=(ends[parts + 1] - ends[parts]),
            part_keys=which[len(firsts) :],
            keys=tuple(keys),
        )

    def within(self, from_ms: int, to_ms: int) -> tuple[int, int]:
        """The places, first and after last, of stops that begin in a window and are over before its end."""
        first = int(self.starts.searchsorted(from_ms))
        return first, max(int(self.ends.searchsorted(to_ms)), first)

    def bookings(self, first: int, last: int) -> Bookings:
        """What the stops from one place up to another are booked under."""
        sums = self._sums(last) - self._sums(first)
        return Bookings(
            {
                key: (ms, count)
                for key, ms, count in zip(self.keys, *sums.tolist(), strict=True)
                if ms or count
            }
        )

    def _sums(self, place: int) -> Int64s:
        """Milliseconds and stops by key of all stops before a place; shape (2, keys)."""
        leaf = place // _LEAF
        found: Int64s = self.before[leaf] + self._between(leaf * _LEAF, place)
        return found

    def _between(self, first: int, last: int) -> Int64s:
        """The same of the stops from one place up to another."""
        parts = slice(int(self.firsts[first]), int(self.firsts[last]))
        # Sums of whole milliseconds are exact in float64 up to 2**53 of them, 285,000 years.
        spent = np.bincount(self.part_keys[parts], self.parts_ms[parts], len(self.keys))
        count = np.bincount(self.stop_keys[first:last], minlength=len(self.keys))
        return np.array((spent, count)).astype(np.int64)

    def _with(self, *, until_ms: int, keys: tuple[Booking, ...] | None = None, **more: Int64s) -> "Settled":
        columns = {name: getattr(self, name) for name in _COLUMNS}
        for name, column in more.items():
            columns[name] = np.concatenate((columns[name], column))
            if name not in {"starts", "ends"}:
                # No wider than it need be: there are as many stops as there is memory.
                columns[name] = columns[name].astype(np.min_scalar_type(-int(columns[name].max()) - 1))
        keys = self.keys if keys is None else keys
        known = np.pad(self.before, ((0, 0), (0, 0), (0, len(keys) - len(self.keys))))
        found = Settled(until_ms=until_ms, keys=keys, before=known, **columns)
        leaves = [known]
        for leaf in range(len(known), len(found.starts) // _LEAF + 1):
            leaves.append(leaves[-1][-1:] + found._between((leaf - 1) * _LEAF, leaf * _LEAF))
        return replace(found, before=np.concatenate(leaves))


def _word(uses: Int8s, named: Int64s, causes: Int64s, count: int) -> Int64s:
    return (causes * len(USES) + uses) * count + named


def _by_rules(  # noqa: PLR0917 - columns of the same stops
    naming: Naming, states: Int8s, causes: Int64s, known: Causes, starts: Int64s, lengths: Int64s
) -> Int64s:
    """Which rule names each stop, counted from 1; 0 where none does."""
    found = np.zeros(len(starts), np.int64)
    every, which = np.unique(causes * len(STATES) + states, return_inverse=True)
    for place, word in enumerate(every.tolist()):
        cause, state = divmod(word, len(STATES))
        said = Said(str(STATES[state]), known[cause], naming.machine, naming.path, naming.kind)
        open_ = np.flatnonzero(which == place)
        for number, rule in enumerate(naming.reasons.rules, start=1):
            if len(open_) and rule.fits_words(said):
                fits = _fits(rule, starts[open_], lengths[open_], naming.zone)
                found[open_[fits]] = number
                open_ = open_[~fits]
    return found


def _fits(rule: Rule, starts: Int64s, lengths: Int64s, zone: ZoneInfo) -> Bools:
    """Whether each stop is as long as a rule asks for, and begins when it asks for."""
    fits = np.ones(len(starts), np.bool_)
    if rule.longer_than_ms is not None:
        fits &= lengths > rule.longer_than_ms
    if rule.shorter_than_ms is not None:
        fits &= lengths < rule.shorter_than_ms
    if rule.begins is not None:
        fits[fits] = [rule.fits_clock(start_ms, zone) for start_ms in starts[fits].tolist()]
    return fits
