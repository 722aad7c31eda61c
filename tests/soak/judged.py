"""Which series of a soak are held against what, and why so."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tests.soak.questions import KINDS
from tests.soak.samples import PROGRAMS
from tests.soak.slope import Floats, Slope, rate_of, slope_of

DAY_H = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One series, and what it may grow by."""

    name: str
    """What it is, with the part it is of."""
    unit: str
    """Its unit."""
    values: Callable[[Mapping[str, Floats]], Floats]
    """It, from the columns of the samples."""
    least: float = 0.0
    """It may grow by so much in the time that is judged, in its unit."""
    share: float = 0.0
    """Or by this share of its level, if that is more."""
    a_day: float = 0.0
    """And by so much a plant day, by design."""
    why: str = ""
    """The reason for that."""

    def bound(self, slope: Slope) -> float:
        """What it may grow by in the time that is judged."""
        return max(self.least, self.share * abs(slope.level)) + self.a_day * slope.span


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One series with its verdict."""

    held: Held
    """What it was held against."""
    slope: Slope
    """How it grows, by the plant day."""

    @property
    def holds(self) -> bool:
        """Whether its growth is within noise, or what it is by design."""
        return self.slope.within(self.held.bound(self.slope))


def _column(name: str) -> Callable[[Mapping[str, Floats]], Floats]:
    return lambda columns: columns.get(name, np.full(len(columns["plant_h"]), np.nan))


def _a_plant_hour(name: str) -> Callable[[Mapping[str, Floats]], Floats]:
    return lambda columns: rate_of(columns["plant_h"], columns[name], over=1.0)


def _a_plant_day(name: str) -> Callable[[Mapping[str, Floats]], Floats]:
    return lambda columns: DAY_H * rate_of(columns["plant_h"], columns[name], over=DAY_H)


MEMORY_A_DAY = {
    # What each keeps for every day that is kept, in MB.
    "web": (5.0, "sums, stops and named losses of the days kept, which any window is answered from"),
    "simulator": (0.8, "the input log of the run, which lives it again"),
}
"""What a program's memory may grow by a plant day by design, and what for."""


def held() -> Iterator[Held]:
    """Every series that is judged."""
    for part in PROGRAMS:
        a_day, why = MEMORY_A_DAY.get(part, (0.0, ""))
        # Resident, and not its share of what it has in common with others (PSS): that grows when any other
        # process of the computer that has the same libraries ends.
        yield Held(
            name=f"{part}: memory", unit="MB", values=_column(f"{part}_rss_mb"), least=2.0, share=0.02,
            a_day=a_day, why=why,
        )  # fmt: skip
        yield Held(name=f"{part}: descriptors", unit="", values=_column(f"{part}_files"), least=0.5)
        yield Held(name=f"{part}: threads", unit="", values=_column(f"{part}_threads"), least=0.5)
        if part not in {"study", "demo"}:
            yield Held(
                name=f"{part}: CPU a plant hour", unit="s", values=_a_plant_hour(f"{part}_cpu_s"), share=0.1
            )
    # Of two days: a machine with a fault of its link speaks six times as often.
    yield Held(name="messages kept", unit="", values=_column("messages_kept"), share=0.06)
    yield Held(
        name="history", unit="MB", values=_column("db_used_mb"), a_day=20.0,
        why="intervals, counts, calls and truth for good; minutes of signals for 90 days",
    )  # fmt: skip
    yield Held(name="history: growth a plant day", unit="MB", values=_a_plant_day("db_used_mb"), share=0.05)
    yield Held(name="write-ahead log", unit="MB", values=_column("wal_mb"), least=1.0)
    yield Held(name="broker's store", unit="MB", values=_column("broker_store_mb"), least=0.05, share=0.1)
    yield Held(
        name="simulator's files", unit="MB", values=_column("input_log_mb"), a_day=0.3,
        why="every input of the run, for good",
    )  # fmt: skip
    yield Held(name="logs", unit="MB", values=_column("logs_mb"), a_day=0.5, why="what the parts say")
    yield Held(name="sent to told to pages", unit="ms", values=_column("told_ms"), least=5.0, share=0.1)
    yield Held(name="the same, 95 %", unit="ms", values=_column("told_95_ms"), least=10.0, share=0.2)
    for kind in dict.fromkeys(KINDS):
        yield Held(name=f"/api/{kind}", unit="ms", values=_column(f"{kind}_ms"), least=3.0, share=0.2)


def judge(columns: Mapping[str, Floats]) -> list[Judged]:
    """Every series of which there is enough, with its verdict."""
    days = columns["plant_h"] / DAY_H
    found = []
    for one in held():
        slope = slope_of(days, one.values(columns))
        if slope is not None:
            found.append(Judged(held=one, slope=slope))
    return found
