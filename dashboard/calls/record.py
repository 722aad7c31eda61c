"""A call as the office keeps it, and its id."""

import hashlib
from dataclasses import dataclass, replace

from dashboard.calls.walk import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """A request for a person to come to a machine."""

    run: str
    """The run; `""` without a simulated plant."""
    machine: str
    """The machine."""
    rule: str
    """The rule that raised it, by its name in the settings."""
    cause: str
    """Why, in words."""
    since_ms: int
    """When what is wrong began, ms since 1970."""
    raised_ms: int
    """Event time at which the rule's condition was met."""
    escalated_ms: int | None = None
    """When nobody had acknowledged for too long; None while that is not so."""
    closed_ms: int | None = None
    """When the machine was well again; None while it is open."""
    missed: bool = False
    """Whether it was found too late to be sent to anybody."""

    @property
    def id(self) -> str:
        """Its name: the same whenever and however often it is worked out."""
        return call_id(self.run, self.machine, self.rule, self.raised_ms)

    @property
    def span(self) -> Span:
        """Its time."""
        return Span(self.since_ms, self.raised_ms, self.closed_ms)


def call_id(run: str, machine: str, rule: str, raised_ms: int) -> str:
    """The id of a call, 12 hexadecimal digits, from what it is about.

    >>> call_id("a1b2c3d4", "mill-1", "stopped", 1_767_592_800_000)
    'e027989c3f52'
    """
    text = "\0".join((run, machine, rule, str(raised_ms)))
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def closed_at(call: CallRecord, closed_ms: int) -> CallRecord:
    """The same call, closed at a moment, which is not before it was raised."""
    return replace(call, closed_ms=max(closed_ms, call.raised_ms))
