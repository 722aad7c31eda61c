"""Which loss cost most, and within it which cause: by time or by number of stops."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dashboard.losses.bookings import Bookings
from dashboard.losses.waterfall import US, Fall
from dashboard.losses.words import NOT_TOLD, STEPS

By = Literal["time", "count"]
UNSTOPPED = ("speed", "rejects", "startup")
"""Losses of a machine that runs: they have time, and no stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One loss, or one cause within it."""

    key: str
    """The loss's key, or the words of the cause or reason."""
    word: str
    """How the page calls it."""
    us: int
    """Its time, in microseconds."""
    stops: int
    """Its stops."""
    share: float | None
    """Its part of the whole, 0 to 1, by what the Pareto goes by; None of nothing."""
    cumulative: float | None
    """Its part and that of all before it."""
    causes: tuple["Bar", ...] = ()
    """The second level, most costly first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pareto:
    """The losses of a window, most costly first."""

    by: By
    """What it goes by."""
    us: int
    """All lost time, in microseconds; the losses sum to it exactly."""
    stops: int
    """All stops; the losses sum to it."""
    losses: tuple[Bar, ...]
    """The first level."""


def pareto(stops: Bookings, by: By, running: Iterable[Fall] = ()) -> Pareto:
    """The losses by their causes, or their reasons where a person or a rule gave one.

    A stop is counted once, in the window in which it begins, under the loss and cause that it goes by;
    its time is booked piece by piece, so each loss here has the time that the waterfall says.

    Args:
        stops: What the stops of the window are booked under.
        by: Whether the costliest is what took most time, or what came most often.
        running: The rows of the waterfall, for reduced speed and rejects. Negative ones, which only a
            wrong ideal cycle makes, are no loss.
    """
    sums: dict[tuple[str, str], list[int]] = {}

    def book(loss: str, cause: str, us: int, count: int) -> None:
        entry = sums.setdefault((loss, cause), [0, 0])
        entry[0] += us
        entry[1] += count

    for (_, loss, words), ms, count in stops:
        book(loss, words, ms * US, count)
    for row in running:
        if row.key in UNSTOPPED and row.us > 0:
            book(row.key, NOT_TOLD, row.us, 0)
    rank = 0 if by == "time" else 1
    losses: dict[str, list[tuple[str, int, int]]] = {}
    for (loss, cause), (us, count) in sums.items():
        losses.setdefault(loss, []).append((cause, us, count))
    whole = [sum(entry[0] for entry in sums.values()), sum(entry[1] for entry in sums.values())]
    first = [
        (loss, STEPS[loss].word, sum(us for _, us, _ in causes), sum(count for _, _, count in causes))
        for loss, causes in losses.items()
    ]
    return Pareto(
        by=by,
        us=whole[0],
        stops=whole[1],
        losses=_bars(
            first,
            rank,
            {
                loss: _bars([(cause, cause, us, count) for cause, us, count in causes], rank, {})
                for loss, causes in losses.items()
            },
        ),
    )


def _bars(
    rows: list[tuple[str, str, int, int]], rank: int, causes: dict[str, tuple[Bar, ...]]
) -> tuple[Bar, ...]:
    """Most costly first; of equals the one that comes first in the alphabet, so that the order is one."""
    ordered = sorted(
        rows, key=lambda row: (*((-row[2], -row[3]) if rank == 0 else (-row[3], -row[2])), row[1])
    )
    whole = sum((row[2], row[3])[rank] for row in rows)
    bars: list[Bar] = []
    reached = 0
    for key, word, us, stops in ordered:
        mine = (us, stops)[rank]
        reached += mine
        bars.append(
            Bar(
                key=key,
                word=word,
                us=us,
                stops=stops,
                share=mine / whole if whole else None,
                cumulative=reached / whole if whole else None,
                causes=causes.get(key, ()),
            )
        )
    return tuple(bars)
