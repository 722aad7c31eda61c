"""The calls of one run, as the office has them in memory, and what has come of them."""

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol

from dashboard.calls.record import CallRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What somebody did about a call."""

    at_ms: int
    """When, ms since 1970."""
    by: str
    """Who; `""` where that was not said."""


class KnownCalls(Protocol):
    """What is known of the calls of runs that were judged before."""

    def calls(self, run: str, from_ms: int) -> Sequence[Any]:
        """The calls of a run that are open or were not closed before a moment, as they were raised."""

    def raised(self, run: str) -> list[int]:
        """When each call of a run was raised that was sent to somebody, in order."""

    def responses(self, run: str, from_ms: int) -> Sequence[Any]:
        """What came of the calls that are open or were not closed before a moment."""

    def unattended(self, run: str) -> list[tuple[int, int | None]]:
        """The stretches in which a run's plant went on without an office; the last may not be over."""


class CallBook:
    """The calls of a run that are open, and those that were closed not long ago.

    Args:
        run: The run.
        called: What the history knows.
        from_ms: Calls closed before this moment are left out.
    """

    def __init__(self, run: str, called: KnownCalls, from_ms: int) -> None:
        self.run = run
        self.judged_ms: int | None = None
        """Up to here all machines have been judged; None before the first time."""
        self.unattended = called.unattended(run)
        """Stretches in which the plant went on without an office; the last may have no end."""
        self._calls: dict[tuple[str, str], list[CallRecord]] = {}
        self._by_id: dict[str, CallRecord] = {}
        self._replies: dict[str, dict[str, Reply]] = {}
        self._sent = called.raised(run)
        for row in called.calls(run, from_ms):
            self._hold(record_of(row))
        for row in called.responses(run, from_ms):
            self._replies.setdefault(row.call, {})[row.what] = Reply(at_ms=row.at_ms, by=row.by)

    def of(self, machine: str, rule: str) -> list[CallRecord]:
        """The calls of a rule at a machine, in order."""
        return self._calls.get((machine, rule), [])

    def newest(self, machine: str, rule: str) -> CallRecord | None:
        """The newest of them; None when there is none."""
        calls = self.of(machine, rule)
        return calls[-1] if calls else None

    def known(self, call: str) -> CallRecord | None:
        """A call by its id, if it is in memory."""
        return self._by_id.get(call)

    def replies(self, call: str) -> dict[str, Reply]:
        """What has come of a call, by what."""
        return self._replies.get(call, {})

    def open(self) -> list[CallRecord]:
        """The calls that people were sent, and that are open, in the order in which they were raised."""
        newest = (calls[-1] for calls in self._calls.values() if calls)
        found = [one for one in newest if one.closed_ms is None and not one.missed]
        return sorted(found, key=lambda one: (one.raised_ms, one.machine, one.rule))

    def closed_since(self, from_ms: int) -> list[CallRecord]:
        """The calls that people were sent, and that were closed from a moment on."""
        calls = [one for several in self._calls.values() for one in several if not one.missed]
        return [one for one in calls if one.closed_ms is not None and one.closed_ms >= from_ms]

    @property
    def sent(self) -> int:
        """How many calls people were sent in the run so far."""
        return len(self._sent)

    def number(self, at_ms: int) -> int:
        """How many calls people were sent that were raised up to a moment."""
        return bisect_right(self._sent, at_ms)

    def take(self, call: CallRecord) -> None:
        """Take in a new call, or how one is now."""
        if call.id not in self._by_id:
            self._hold(call)
            if not call.missed:
                insort(self._sent, call.raised_ms)
            return
        calls = self._calls[call.machine, call.rule]
        calls[[one.id for one in calls].index(call.id)] = call
        self._by_id[call.id] = call

    def was_unattended(self, since_ms: int, raised_ms: int) -> bool:
        """Whether a stop began, or should have been called for, while there was no office."""
        for begun_ms, ended_ms in self.unattended:
            back_ms = inf if ended_ms is None else ended_ms
            if begun_ms < raised_ms <= back_ms or begun_ms <= since_ms < back_ms:
                return True
        return False

    def reply(self, call: str, what: str, reply: Reply) -> bool:
        """Take in what came of a call; False when that was known: the first word counts."""
        known = self._replies.setdefault(call, {})
        return known.setdefault(what, reply) is reply

    def drop(self, machine: str) -> list[CallRecord]:
        """Forget a machine; the calls that were open."""
        gone = [one for one in self.open() if one.machine == machine]
        for key in [key for key in self._calls if key[0] == machine]:
            for one in self._calls.pop(key):
                del self._by_id[one.id]
                self._replies.pop(one.id, None)
        return gone

    def forget(self, before_ms: int) -> None:
        """Hold no more of the past than late messages usually ask for; the newest of each rule stays."""
        for key, calls in self._calls.items():
            old = [one for one in calls[:-1] if one.closed_ms is not None and one.closed_ms < before_ms]
            for one in old:
                del self._by_id[one.id]
                self._replies.pop(one.id, None)
            self._calls[key] = calls[len(old) :]

    def _hold(self, call: CallRecord) -> None:
        calls = self._calls.setdefault((call.machine, call.rule), [])
        insort(calls, call, key=lambda one: one.raised_ms)
        self._by_id[call.id] = call


def record_of(row: Any) -> CallRecord:
    """The call in a row of the history."""
    return CallRecord(
        run=row.run,
        machine=row.machine,
        rule=row.rule,
        cause=row.cause,
        since_ms=row.since_ms,
        raised_ms=row.raised_ms,
        escalated_ms=row.escalated_ms,
        closed_ms=row.closed_ms,
        missed=row.missed,
    )


def call_row(call: CallRecord) -> dict[str, Any]:
    """A call as a row of the history."""
    return {
        "run": call.run,
        "machine": call.machine,
        "raised_ms": call.raised_ms,
        "rule": call.rule,
        "id": call.id,
        "cause": call.cause,
        "since_ms": call.since_ms,
        "escalated_ms": call.escalated_ms,
        "closed_ms": call.closed_ms,
        "missed": call.missed,
    }
