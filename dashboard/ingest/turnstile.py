"""How much of each device of one's own is heard, so that one that runs wild neither drowns nor fills others.

A device that nobody configured speaks on `<root>/<name>/readings`, with the guest's password, or below
`devices/`; whoever else speaks holds a credential of the plant's own side, and waits for the office by
itself. What a device says beyond its allowance is acknowledged, counted and left out, before it costs the
office more than a look at its topic.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from time import monotonic

from dashboard.ingest.machine import MachineRecord
from dashboard.ingest.refused import RefusedMessages
from protocol.topics import BATCH

DEVICES = "devices/"
READINGS = "readings"
LEVELS = 3
"""Of the topic of a machine outside every line."""
SETTLED_S = 5.0
"""For so long after the first look, before all births are known, nobody is left out for saying much."""
UNSETTLED_BYTES = 64 << 20
"""Of all together until then: what waits to be looked at is held in memory."""
MAX_SENDERS = 1_000
"""So many allowances are kept; the one that was used least lately begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So much at once, and so much a second after that."""

    burst: int
    """At once: what gathers while a device has no network."""
    per_s: float
    """A second."""


MESSAGES, BYTES = Rate(burst=2_000, per_s=10), Rate(burst=4 << 20, per_s=1 << 10)
"""Of one machine that the office knows: ten readings a second, and a kibibyte, which is 90 MB a day."""
NEW_MESSAGES, NEW_BYTES = Rate(burst=200, per_s=5), Rate(burst=4 << 20, per_s=1 << 10)
"""Of all together that it does not know yet: whoever makes up names gets no more by that."""


class Bucket:
    """What is left of an allowance.

    Args:
        rate: The allowance.
        now_s: The moment.
    """

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._rate = rate
        self._left: float = rate.burst
        self._at_s = now_s

    def has(self, much: float, now_s: float) -> bool:
        """Whether so much is left, or all of it is, for what is more than a burst."""
        self._left = min(self._rate.burst, self._left + (now_s - self._at_s) * self._rate.per_s)
        self._at_s = now_s
        return self._left >= min(much, self._rate.burst)

    def take(self, much: float) -> None:
        """Take so much of it."""
        self._left -= much


class Allowance:
    """Messages and bytes of one sender."""

    def __init__(self, messages: Rate, size: Rate, now_s: float) -> None:
        self._messages, self._bytes = Bucket(messages, now_s), Bucket(size, now_s)

    def admits(self, size: int, now_s: float) -> bool:
        """Whether one more message of that size may come; it is counted if so."""
        if not (self._messages.has(1, now_s) and self._bytes.has(size, now_s)):
            return False
        self._messages.take(1)
        self._bytes.take(size)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What was left out of a sender since it was last told."""

    topic: str
    """The topic of the last of it."""
    messages: int
    """How many."""
    is_new: bool
    """Whether the office does not know the machine."""

    def sentence(self) -> str:
        """Why, for the page."""
        of, rate, size = ("machines that are new", NEW_MESSAGES, NEW_BYTES) if self.is_new else (
            "a machine without a birth", MESSAGES, BYTES,
        )  # fmt: skip
        return (
            f"{self.messages:,} more messages were left out: allowed of {of} are {rate.per_s:g} a second and "
            f"{size.per_s / 1024:g} KiB, after {rate.burst:,.0f} and {size.burst / (1 << 20):g} MiB at once"
        )


class Turnstile:
    """Lets through so much of each sender.

    Args:
        root: First level of the plant's topics.
        clock: Seconds that only grow.
    """

    def __init__(self, root: str, clock: Callable[[], float] = monotonic) -> None:
        self._root = f"{root}/"
        self._clock = clock
        self._lock = threading.Lock()
        self._begins_s: float | None = None
        self._born: Collection[str] = frozenset()
        self._known: Collection[str] = frozenset()
        self._allowances: OrderedDict[str, Allowance] = OrderedDict()
        self._unsettled = Bucket(Rate(burst=UNSETTLED_BYTES, per_s=0), clock())
        self._new = Allowance(NEW_MESSAGES, NEW_BYTES, clock())
        self._left_out: dict[str, LeftOut] = {}

    def look(self, shown: Mapping[str, MachineRecord], refused: RefusedMessages, wall_ms: int) -> None:
        """See whom the office knows by now, and have it count what was left out."""
        born = {name for name, record in shown.items() if record.birth is not None}
        alone = {name for name in born if not shown[name].path}
        self.know(born=alone, known=shown.keys() - born)
        for one in self.take_left_out():
            refused.add(one.topic, b"", one.sentence(), wall_ms=wall_ms, count=one.messages)

    def know(self, *, born: Collection[str], known: Collection[str]) -> None:
        """Hear whom the office knows.

        Args:
            born: Machines outside every line that have told a birth.
            known: Those of any place that have not.
        """
        self._begins_s = self._begins_s or self._clock() + SETTLED_S
        self._born, self._known = born, known

    def admits(self, topic: str, size: int) -> bool:
        """Whether a message may be taken in, which is counted if so."""
        sender = self._sender(topic)
        if sender is None:
            return True
        now_s = self._clock()
        with self._lock:
            unsettled = self._begins_s is None or now_s < self._begins_s
            if unsettled and self._unsettled.has(size, now_s):
                self._unsettled.take(size)
                return True
            is_new = sender not in self._known and not sender.startswith(DEVICES)
            allowance = self._new if is_new else self._allowance(sender, now_s)
            if allowance.admits(size, now_s):
                return True
            # Of those that are new, one sentence for all: names that are made up are no news.
            key = "" if is_new else sender
            before = self._left_out.get(key)
            count = 1 if before is None else before.messages + 1
            self._left_out[key] = LeftOut(topic=topic, messages=count, is_new=is_new)
            return False

    def take_left_out(self) -> list[LeftOut]:
        """What was left out and has not been taken before, by sender."""
        with self._lock:
            taken, self._left_out = self._left_out, {}
        return list(taken.values())

    def _sender(self, topic: str) -> str | None:
        """Whose allowance counts; None for what has none."""
        if topic.startswith(DEVICES):
            return "/".join(topic.split("/", 2)[:2])
        if not topic.startswith(self._root):
            return None
        levels = topic.split("/", LEVELS)
        # A guest may speak for no gateway.
        if len(levels) != LEVELS or levels[2] != READINGS or levels[1] == BATCH:
            return None
        return None if levels[1] in self._born else levels[1]

    def _allowance(self, sender: str, now_s: float) -> Allowance:
        kept = self._allowances.get(sender)
        if kept is None:
            kept = self._allowances[sender] = Allowance(MESSAGES, BYTES, now_s)
            if len(self._allowances) > MAX_SENDERS:
                self._allowances.popitem(last=False)
        self._allowances.move_to_end(sender)
        return kept
