"""What a worker tells the first one of its machines, and what that makes of it: one word for the plant.

Sums are told and not shares of them, because a plant's numbers are sums first and divided last.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import numpy as np

from dashboard.conclusions import Heard, HeardLately, OpenCalls, Posting, Process, Refusals
from dashboard.kpi.account import FIELDS, Account, total
from protocol.messages import UNREADABLE, MessageError, in_words

MOST_HEARD = 12
"""So many topics are told, those heard last."""
STALE_S = 5.0
"""A worker that has told nothing for so many real seconds is not there."""
Row = list[int]


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it travels; `dashboard.kpi.account` says what each field is."""

    vector: Row
    paced: Row
    judged: Row
    counts_parts: bool
    counts_rejects: bool
    ideal_us: int | None
    target_parts: float | None
    mixed: bool

    @classmethod
    def of(cls, account: Account) -> "Sums":
        """An account on its way."""
        return cls(
            vector=account.vector.tolist(),
            paced=account.paced.tolist(),
            judged=account.judged.tolist(),
            counts_parts=account.counts_parts,
            counts_rejects=account.counts_rejects,
            ideal_us=account.ideal_us,
            target_parts=account.target_parts,
            mixed=account.mixed,
        )

    @property
    def account(self) -> Account:
        """The account."""
        vector, paced, judged = (np.array(one, np.int64) for one in (self.vector, self.paced, self.judged))
        return Account(
            vector, paced, judged, self.counts_parts, self.counts_rejects, self.ideal_us,
            self.target_parts, self.mixed,
        )  # fmt: skip


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker has of the plant, retained on `_office/share/<name>`."""

    run: str
    """The run that is on for it."""
    now_ms: int
    """Plant time up to which it has worked out everything."""
    shift_from_ms: int
    """Beginning of the shift whose sums these are."""
    lines: dict[str, Sums]
    """Its machines in that shift, by location."""
    machines: int
    """How many there are."""
    begun_ms: int | None
    """When the first of them began, plant time; None without any."""
    gaps: int
    """Messages of theirs missing by their numbers."""
    repeats: int
    """Messages that came again and changed nothing."""
    ahead_s: dict[str, float]
    """Those whose clock is ahead of the plant's, and by how many seconds."""
    refusals: Refusals
    """Messages that could not be used."""
    heard: list[Heard]
    """What devices of one's own have said lately."""
    calls: OpenCalls | None
    """The calls for its machines that are open; None where nobody is called."""
    posting: Posting | None
    """How its webhook goes; None without one."""
    process: Process
    """How its process is."""


_DECODER = msgspec.json.Decoder(Part)


def encode(part: Part) -> bytes:
    """The JSON of a part."""
    return msgspec.json.encode(part)


def decode(payload: bytes) -> Part:
    """The part in a payload.

    Raises:
        MessageError: It is none of this version.
    """
    try:
        part = _DECODER.decode(payload)
    except UNREADABLE as error:
        raise MessageError(f"not a worker's part of this version: {in_words(error)}") from error
    lengths = {len(row) for one in part.lines.values() for row in (one.vector, one.paced, one.judged)}
    if lengths - {len(FIELDS)}:
        raise MessageError(f"a worker's part of another version: allowed are {len(FIELDS)} sums of a line")
    return part


class Colleagues:
    """The other workers, as the first one hears them.

    Args:
        names: Their names.
        now_s: Real seconds, going up.
    """

    def __init__(self, names: Iterable[str], now_s: Callable[[], float]) -> None:
        self._names = tuple(names)
        self._now_s = now_s
        self._parts: dict[str, Part] = {}
        self._heard_s: dict[str, float] = {}

    def hear(self, name: str, payload: bytes, *, retained: bool) -> None:
        """Take in what one of them tells; of what the broker had kept nobody knows how old it is.

        Raises:
            MessageError: It cannot be understood.
        """
        if name in self._names and payload:
            self._parts[name] = decode(payload)
            if not retained:
                self._heard_s[name] = self._now_s()

    @property
    def are_there(self) -> bool:
        """Whether each of them has told something lately."""
        now_s = self._now_s()
        return all(now_s - self._heard_s.get(name, now_s - 2 * STALE_S) <= STALE_S for name in self._names)

    def parts(self, run: str) -> list[Part]:
        """What they have of a run, in their order."""
        known = (self._parts.get(name) for name in self._names)
        return [one for one in known if one is not None and one.run == run]


def lines_of(parts: Iterable[Part], shift_from_ms: int) -> dict[str, list[Account]]:
    """The accounts of the lines of other workers in a shift."""
    lines: dict[str, list[Account]] = {}
    for part in parts:
        for path, sums in part.lines.items() if part.shift_from_ms == shift_from_ms else ():
            lines.setdefault(path, []).append(sums.account)
    return lines


def sums_of(lines: dict[str, list[Account]]) -> dict[str, Sums]:
    """Each line added up, on its way."""
    return {path: Sums.of(total(accounts)) for path, accounts in lines.items()}


def all_refusals(mine: Refusals, parts: Iterable[Part], most: int) -> Refusals:
    """What all of them could not use, the newest first."""
    every = [mine, *(one.refusals for one in parts)]
    newest = sorted((one for refusals in every for one in refusals.newest), key=lambda one: -one.wall_ms)
    return Refusals(total=sum(one.total for one in every), newest=newest[:most])


def all_heard(mine: HeardLately, parts: Iterable[Part]) -> HeardLately:
    """What devices of one's own have said to any of them, the newest first."""
    newest = sorted(
        [*mine.newest, *(one for part in parts for one in part.heard)], key=lambda one: -one.wall_ms
    )
    return HeardLately(patterns=mine.patterns, newest=newest[:MOST_HEARD])


def all_calls(mine: OpenCalls, parts: Iterable[Part], most: int) -> OpenCalls:
    """The calls of all of them, the oldest first."""
    every = [mine, *(one.calls for one in parts if one.calls is not None)]
    calls = sorted(
        (call for one in every for call in one.calls), key=lambda one: (one.raised_ms, one.machine, one.rule)
    )
    return OpenCalls(
        run=mine.run,
        total=sum(one.total for one in every),
        raised=sum(one.raised for one in every),
        calls=calls[:most],
    )


def all_processes(mine: Process, parts: Iterable[Part]) -> Process:
    """The processes as one: amounts are added, and the history is as it is for whom it is worst."""
    every = [mine, *(one.process for one in parts)]
    known = [one.memory_bytes for one in every if one.memory_bytes is not None]
    failing = next((one.keeping for one in every if one.keeping.failing), mine.keeping)
    return Process(
        wall_ms=min(one.wall_ms for one in every),
        waiting=sum(one.waiting for one in every),
        dropped=sum(one.dropped for one in every),
        late=sum(one.late for one in every),
        memory_bytes=sum(known) if known else None,
        keeping=failing,
    )


def all_postings(mine: Posting | None, parts: Iterable[Part]) -> Posting | None:
    """How the webhook goes for all of them."""
    every = [one for one in (mine, *(part.posting for part in parts)) if one is not None]
    if not every:
        return None
    failing = next((one for one in every if one.failing), every[0])
    added: dict[str, Any] = {
        name: sum(getattr(one, name) for one in every)
        for name in ("delivered", "waiting", "refused", "given_up", "failures")
    }
    return msgspec.structs.replace(failing, **added)
