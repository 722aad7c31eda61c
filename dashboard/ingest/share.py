"""Which machines a worker has where several divide them: whole lines, by what their names come to.

A line stays in one piece because its machines wait for each other: whoever calls for people has to see
whether a machine stands because the one before it does.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from protocol.topics import MACHINE_KINDS, MAX_LOCATION_LEVELS

MEASURING = "office"
"""Name under which the measuring side answers the plant's ticks."""
PROVING = "proof"
"""Name under which the side that keeps the truth answers them."""
OURS = frozenset({"_plant", "_call", "_office", "_truth"})
"""First levels below the root under which no machine speaks."""
MOST_WORKERS = 64


class ShareError(ValueError):
    """Raised when a worker cannot be told from its setting; says what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The lines of one of several workers, or of the only one.

    The first one leads: what there is once in a plant (its runs, what is assumed of it, what pages are
    told of it as a whole) is its own. The truth, which is half as much work, is the second's.
    """

    number: int = 1
    """Which one it is, from 1."""
    count: int = 1
    """How many there are."""

    @classmethod
    def of(cls, text: str) -> "Share":
        """The share of a worker that is called `2/3`, the second of three.

        Raises:
            ShareError: It is called otherwise.
        """
        number, _, count = text.partition("/")
        named = number.isascii() and number.isdigit() and count.isascii() and count.isdigit()
        if not named or not 1 <= int(number) <= int(count) <= MOST_WORKERS:
            raise ShareError(
                f"worker {text[:20]!r}: allowed is K/N, the K-th of N workers, N up to {MOST_WORKERS}"
            )
        return cls(number=int(number), count=int(count))

    @property
    def leads(self) -> bool:
        """Whether what there is once in a plant is its own."""
        return self.number == 1

    @property
    def proves(self) -> bool:
        """Whether it keeps the truth."""
        return self.number == min(2, self.count)

    @property
    def alone(self) -> bool:
        """Whether there is no other."""
        return self.count == 1

    @property
    def roles(self) -> tuple[str, ...]:
        """The sides of the office that it is."""
        return (MEASURING, PROVING) if self.proves else (MEASURING,)

    def name(self, role: str = MEASURING) -> str:
        """Under which name it answers the plant's ticks as a side of the office.

        How many there are is part of it: with more or fewer, other machines are behind it, and what was
        committed under another name says nothing of them.
        """
        return role if self.alone or role == PROVING else f"{role}-{self.number}-of-{self.count}"

    @property
    def everybody(self) -> tuple[str, ...]:
        """The names that the plant waits for: those of all sides of all workers."""
        first = Share(count=self.count)
        return (first.name(), PROVING, *self.others)

    @property
    def others(self) -> tuple[str, ...]:
        """The names of all workers but the first."""
        each = range(2, self.count + 1)
        return tuple(Share(number=number, count=self.count).name() for number in each)

    def has(self, path: str) -> bool:
        """Whether the machines at a location are its own."""
        return self.alone or _place(path, self.count) == self.number

    def has_topic(self, topic: str) -> bool:
        """Whether what is said on a topic is its own: all that is said of a line, and nothing of others'.

        What the plant and the office say to each other is for every worker; what nobody knows is the first's.
        """
        _, *levels = topic.split("/")
        if self.alone or (levels and levels[0] in OURS):
            return True
        *location, _, kind = ["", "", *levels]
        if kind in MACHINE_KINDS and 0 <= len(levels) - 2 <= MAX_LOCATION_LEVELS:
            return self.has("/".join(location[2:]))
        return self.leads


@lru_cache(maxsize=1 << 14)
def _place(path: str, count: int) -> int:
    # Not `hash`, which differs from process to process.
    digest = hashlib.blake2b(path.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % count + 1
