"""From signs to calls: one at a time, closed when the machine is well, with a quiet time after it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from dashboard.calls.signs import Clear, Ready, Signs


class Raised(NamedTuple):
    """A call begins."""

    raised_ms: int
    """Event time, ms since 1970."""
    since_ms: int
    """When began what is wrong."""
    cause: str
    """Why, in words; `""` where the machine's own cause says it."""


class Closed(NamedTuple):
    """The call that was open ends."""

    closed_ms: int
    """When the machine was well again, ms since 1970."""


class Span(NamedTuple):
    """A call that was judged before."""

    since_ms: int
    """When began what was wrong, ms since 1970."""
    raised_ms: int
    """When it was raised."""
    closed_ms: int | None
    """When it was closed; None while it is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a rule stands at a machine at a moment."""

    open_ms: int | None = None
    """When the call was raised that is open; None when none is."""
    closed_ms: int | None = None
    """When the last one was closed; None when there was none."""


def walk(
    signs: Signs, standing: Standing, *, after_ms: int, until_ms: int, quiet_ms: int
) -> Iterator[Raised | Closed]:
    """The calls that are raised and closed in (`after_ms`, `until_ms`].

    To walk to a moment and on from there comes to the same as to walk at once.

    Args:
        signs: What the rule finds up to `until_ms`.
        standing: How it stood at `after_ms`.
        after_ms: Up to here all has been judged, ms since 1970.
        until_ms: Up to here it is judged now.
        quiet_ms: How long after a call the next one is raised at the earliest, in milliseconds.
    """
    open_ms, closed_ms = standing.open_ms, standing.closed_ms
    while True:
        if open_ms is not None:
            closed_ms = closing(signs.clear, open_ms, until_ms)
            if closed_ms is None:
                return
            open_ms = None
            yield Closed(closed_ms)
        earliest_ms = after_ms + 1
        if closed_ms is not None:
            earliest_ms = max(earliest_ms, closed_ms + max(quiet_ms, 1))
        found = _first(signs.ready, earliest_ms, until_ms)
        if found is None:
            return
        open_ms, ready = found
        yield Raised(open_ms, ready.since_ms, ready.cause)


def closing(clear: Iterable[Clear], raised_ms: int, until_ms: int) -> int | None:
    """When a call was closed, as far as that can be said at a moment; None when it cannot."""
    for one in clear:
        if one.to_ms > raised_ms:
            return max(one.from_ms, raised_ms) if one.known_ms <= until_ms else None
    return None


def overlooked(
    signs: Signs, judged: Iterable[Span], *, from_ms: int, until_ms: int, quiet_ms: int
) -> list[tuple[Raised, int | None]]:
    """The calls that should have been raised in [`from_ms`, `until_ms`], as is known now, and were not.

    Args:
        signs: What the rule finds.
        judged: The calls of that time that there are, in order.
        from_ms: Beginning of the time, ms since 1970.
        until_ms: Up to here it was judged before.
        quiet_ms: How long after a call the next one is raised at the earliest, in milliseconds.

    Returns:
        Each with the moment at which it would have been closed by now; None when it would be open.
    """
    known = list(judged)
    found: list[tuple[Raised, int | None]] = []
    earliest_ms: float = from_ms
    for ready in signs.ready:
        at_ms: float = max(ready.from_ms, earliest_ms)
        for span in known:
            over_ms = inf if span.closed_ms is None else span.closed_ms + max(quiet_ms, 1)
            if min(span.since_ms, span.raised_ms) <= at_ms < over_ms:
                at_ms = over_ms
        if at_ms > min(ready.to_ms, until_ms):
            continue
        raised_ms = int(at_ms)
        closed_ms = closing(signs.clear, raised_ms, until_ms)
        over_ms = inf if closed_ms is None else closed_ms
        # What was called later on is the same stop, which now is known to have begun earlier.
        if any(span.raised_ms > raised_ms and span.since_ms < over_ms for span in known):
            continue
        found.append((Raised(raised_ms, ready.since_ms, ready.cause), closed_ms))
        if closed_ms is None:
            break
        earliest_ms = closed_ms + max(quiet_ms, 1)
    return found


def is_right(signs: Signs, raised_ms: int) -> bool:
    """Whether there was, as is known now, any reason for a call at the moment it was raised or since."""
    return any(one.to_ms >= raised_ms for one in signs.ready)


def _first(ready: Iterable[Ready], earliest_ms: int, until_ms: int) -> tuple[int, Ready] | None:
    for one in ready:
        at_ms = max(one.from_ms, earliest_ms)
        if at_ms <= min(one.to_ms, until_ms):
            return at_ms, one
    return None
