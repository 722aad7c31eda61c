"""A plant of machines whose states are laid down, as an office with calls hears it, in any cuts."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from sqlalchemy import select

from dashboard.calendar.places import Calendar
from dashboard.calls.rules import CallRules
from dashboard.history import tables
from dashboard.history.store import Store
from dashboard.ingest.office import Office
from dashboard.ingest.outbox import Delivery
from dashboard.ingest.share import MEASURING
from protocol.messages import Birth, Call, Clock, Response, decode, encode
from protocol.moments import from_ms
from protocol.readings import Batch, Change, encode_batch
from protocol.states import State

EPOCH_MS = 1_767_592_800_000
"""2026-01-05T06:00:00Z, a Monday."""
RUN = "a1b2c3d4"
S = 1_000
ROUND_THE_CLOCK = 'zone = "UTC"\n[[shift]]\nname = "day"\nstarts = "00:00"\nends = "00:00"\n'

Reaction = Literal["acknowledged", "at-machine", "restored"]
Script = Sequence[tuple[float, str, str]]
"""A machine's states: from how many seconds after the epoch on, which state, with which cause."""


def clock(at_s: float, *, attended: bool = True, run: str = RUN) -> tuple[str, bytes]:
    """The plant's clock so many seconds after the epoch."""
    at = from_ms(EPOCH_MS + round(at_s * S))
    stamp = Clock(run=run, epoch=from_ms(EPOCH_MS), at=at, wall=at, speed=60.0, attended=attended, seed=7)
    return "shopfloor/_plant/clock", encode(stamp)


def birth(name: str, *, run: str = RUN, **more: Any) -> tuple[str, bytes]:
    """A machine whose control reports its state."""
    told: dict[str, Any] = {"at": from_ms(EPOCH_MS), "kind": "mill", "run": run, "simulated": True}
    told |= {"states": "reported", "period_ms": 60_000, "ideal_cycle_s": 10.0} | more
    return f"shopfloor/line-1/{name}/birth", encode(Birth(**told))


def batch(name: str, script: Script, from_s: float, to_s: float, *, run: str = RUN) -> tuple[str, bytes]:
    """What a control says of (from, to]: the state at its beginning, and every change after it."""
    begun, ended = round(from_s * S), round(to_s * S)
    moments = [(round(at_s * S), State(state), cause) for at_s, state, cause in script]
    state, cause = next((state, cause) for at, state, cause in reversed(moments) if at <= begun)
    changes = tuple(
        Change(offset_ms=at - begun, state=state, cause=cause)
        for at, state, cause in moments
        if begun < at <= ended
    )
    made = Batch(
        at_ms=EPOCH_MS + begun,
        offsets_ms=np.array([ended - begun], np.int64),
        signals={"power_kw": np.array([1.0])},
        run=run,
        state=state,
        cause=cause,
        changes=changes,
    )
    return f"shopfloor/line-1/{name}/readings", encode_batch(made)


def batches(
    name: str, script: Script, from_s: float, to_s: float, *, run: str = RUN
) -> list[tuple[str, bytes]]:
    """What it says of (from, to] where its script says `silent` for a part of that: nothing of that part."""
    ends = [at_s for at_s, _, _ in script[1:]] + [float("inf")]
    parts: list[tuple[float, float]] = []
    for (begun, state, _), ended in zip(script, ends, strict=True):
        start, end = max(begun, from_s), min(ended, to_s)
        if state == "silent" or start >= end:
            continue
        if parts and parts[-1][1] == start:
            parts[-1] = parts[-1][0], end
        else:
            parts.append((start, end))
    heard = [one for one in script if one[1] != "silent"]
    return [batch(name, _told_within(heard, start, end), start, end, run=run) for start, end in parts]


def _told_within(script: Script, from_s: float, to_s: float) -> Script:
    """The script without what begins at the very end: silence may begin there."""
    return [one for one in script if one[0] < to_s or one[0] <= from_s]


class PlantOfCalls:
    """An office on a history in a folder, and all that it said.

    Args:
        folder: Where its history is.
        rules: Text of the rules.
        calendar: Text of the calendar.
        births: Its machines.
        run: The run that is on.
    """

    def __init__(
        self,
        folder: Path,
        *,
        rules: str = "",
        calendar: str = ROUND_THE_CLOCK,
        births: Iterable[tuple[str, bytes]] = (),
        run: str = RUN,
    ) -> None:
        self.said: list[tuple[str, str, bytes]] = []
        """Machine, id and message of all that was said, in order."""
        self._made = folder, rules, calendar, [clock(0, run=run), *births]
        self.office = self._opened()

    def _opened(self) -> Office:
        folder, rules, calendar, births = self._made
        office = Office(
            root="shopfloor",
            store=Store(f"sqlite:///{folder}/history.db"),
            calls=CallRules.of(rules),
            calendar=Calendar.of(calendar),
        )
        self.office = office
        self.hear(*births)
        return office

    def kill(self) -> None:
        """What was not committed is gone; another office begins with the history."""
        self.office.store.close()
        self.office = self._opened()

    def hear(self, *messages: tuple[str, bytes]) -> None:
        """Hear messages, one by one."""
        for topic, payload in messages:
            self.office.receive(topic, payload, wall_ms=EPOCH_MS, retained=False)

    def tick(self, at_s: float, run: str = RUN) -> None:
        """Hear that everything up to a moment was sent; commit; say what is to be said."""
        # Readings may not be ahead of the clock.
        self.office.tick(run, EPOCH_MS + round(at_s * S), MEASURING)
        self.commit()

    def commit(self) -> None:
        """Commit, and say what is to be said."""
        self.office.commit()
        assert self.office.calls is not None
        self.said += self.office.calls.take_words()

    def respond(self, call: str, machine: str, what: Reaction, at_s: float, run: str = RUN) -> None:
        """Hear what came of a call."""
        at = from_ms(EPOCH_MS + round(at_s * S))
        response = Response(call=call, run=run, machine=machine, what=what, at=at, by="Ada")
        self.hear(("shopfloor/_plant/response", encode(response)))

    def posts(self) -> list[Delivery]:
        """What may be posted now, and has not been handed on before."""
        assert self.office.ledger.outbox is not None
        return self.office.ledger.outbox.take_committed()

    def ended(self, *deliveries: Delivery) -> None:
        """Hear that something need not be posted any more."""
        assert self.office.ledger.outbox is not None
        self.office.ledger.outbox.end(one.number for one in deliveries)

    def live(self, scripts: Mapping[str, Script], cuts: Sequence[float], from_s: float = 0) -> None:
        """Live through scripts, a tick at each cut."""
        before = from_s
        for cut in cuts:
            told = [one for name, script in scripts.items() for one in batches(name, script, before, cut)]
            self.hear(clock(cut), *told)
            self.tick(cut)
            before = cut

    def calls(self) -> list[dict[str, Any]]:
        """Every call in the history as seconds after the epoch, in order."""
        t = tables.calls
        with self.office.store.engine.connect() as connection:
            rows = connection.execute(select(t).order_by(t.c.raised_ms, t.c.machine, t.c.rule)).all()
        return [
            {
                "machine": row.machine, "rule": row.rule, "cause": row.cause, "since": seconds(row.since_ms),
                "raised": seconds(row.raised_ms), "escalated": seconds(row.escalated_ms),
                "closed": seconds(row.closed_ms), "missed": row.missed,
            }
            for row in rows
        ]  # fmt: skip

    def short(self) -> list[tuple[Any, ...]]:
        """The calls as machine, rule, raised and closed."""
        return [(one["machine"], one["rule"], one["raised"], one["closed"]) for one in self.calls()]

    def heard(self) -> list[Call]:
        """The messages that were said, but for the empty ones."""
        return [decode(payload, Call) for _, _, payload in self.said if payload]


def seconds(at_ms: int | None) -> float | None:
    """A moment as seconds after the epoch."""
    return None if at_ms is None else (at_ms - EPOCH_MS) / S
