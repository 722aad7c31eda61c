"""What a log kept by hand would have shown: short stops missed, times rounded, reasons guessed."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dashboard.gain.tally import Stretches


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a log is kept by hand; all three are assumptions."""

    logged_from_ms: int = 300_000
    """A stop shorter than this is not written down, in milliseconds."""
    rounded_to_ms: int = 300_000
    """Times are written to the nearest multiple of this, in milliseconds; 0 for as they are."""
    reason_share: float = 0.5
    """Share of the stops that are written down whose reason can be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A log of some machines."""

    stops: int
    """Stops there were, of any length."""
    stopped_ms: int
    """How long they lasted, in milliseconds."""
    logged: int
    """Those that were written down."""
    logged_ms: int
    """How long those lasted."""
    written_ms: int
    """How long they lasted according to the log."""
    reasoned: int
    """Those with a reason that can be used."""

    def __add__(self, other: "Logged") -> "Logged":
        return Logged(
            stops=self.stops + other.stops,
            stopped_ms=self.stopped_ms + other.stopped_ms,
            logged=self.logged + other.logged,
            logged_ms=self.logged_ms + other.logged_ms,
            written_ms=self.written_ms + other.written_ms,
            reasoned=self.reasoned + other.reasoned,
        )

    @property
    def missed(self) -> int:
        """Stops that nobody wrote down."""
        return self.stops - self.logged

    @property
    def missed_ms(self) -> int:
        """How long those lasted."""
        return self.stopped_ms - self.logged_ms

    def believed_ms(self, observed_ms: int) -> int:
        """What the log takes for running: all time but the stops that are in it."""
        return max(observed_ms - self.written_ms, 0)


NOTHING = Logged(stops=0, stopped_ms=0, logged=0, logged_ms=0, written_ms=0, reasoned=0)
"""The log of no machine."""


def logged(stretches: Stretches, habits: Habits) -> Logged:
    """The log of one machine.

        share of stops missed = 1 - e^(-t/m), of their time = 1 - (1 + t/m) e^(-t/m)

    is what comes of it where stops are exponential with mean m and written down from t on.
    """
    lengths = stretches.lengths_ms()
    kept = lengths[lengths >= habits.logged_from_ms]
    step = habits.rounded_to_ms
    written = (kept + step // 2) // step * step if step else kept
    return Logged(
        stops=len(lengths),
        stopped_ms=int(lengths.sum()),
        logged=len(kept),
        logged_ms=int(kept.sum()),
        written_ms=int(written.sum()),
        reasoned=int(np.floor(len(kept) * habits.reason_share + 0.5)),
    )


def together(logs: Iterable[Logged]) -> Logged:
    """The logs of several machines as one."""
    return sum(logs, start=NOTHING)
