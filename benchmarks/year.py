"""A history of many machines over many days, made with numpy from a seed and written in bulk."""

from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from sqlalchemy import event, insert

from dashboard.history import tables
from dashboard.history.store import Store
from protocol.messages import Birth, Signal, Threshold
from protocol.moments import from_ms

RUN = "year"
DAY_MS = 86_400_000
LINES = ("machining", "pressing", "moulding", "packing")
_STATES = ("running", "idle", "down", "setup", "unknown", "stopped")
_REPORTED = (0.50, 0.30, 0.10, 0.07, 0.03, 0.0)
"""How often each follows where a machine reports its state."""
_SENSED = (0.55, 0.0, 0.0, 0.0, 0.05, 0.40)
"""And where power tells it."""
_MEDIAN_S = np.array([180, 90, 300, 900, 60, 90])
"""How long it stays there as a rule, in seconds."""
_CAUSES = ("", "starved", "blocked", "jam", "tool change")

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of it."""

    machines: int = 100
    """Number of machines."""
    days: int = 365
    """Length of the history, in days."""
    seed: int = 20_260_101
    """Where its random numbers begin."""
    from_ms: int = 1_735_711_200_000
    """When it begins: 2025-01-01T06:00:00Z."""

    @property
    def to_ms(self) -> int:
        """When it ends."""
        return self.from_ms + self.days * DAY_MS


def make_year(file: Path, size: Size) -> int:
    """Write the history as an SQLite file; returns the number of its intervals."""
    store = Store(f"sqlite:///{file}")
    event.listen(store.engine, "connect", _hurry)
    store.engine.dispose()
    run = {"run": RUN, "epoch_ms": size.from_ms, "now_ms": size.to_ms, "begun_wall_ms": 0, "seed": None}
    count = 0
    try:
        with store.engine.begin() as connection:
            connection.execute(insert(tables.runs), run)
        for number in range(size.machines):
            random = np.random.default_rng((size.seed, number))
            machine, name = _machine(random, size, number), name_of(number)
            starts, codes = _intervals(random, size, sensed=_is_sensed(number))
            causes = np.array([0, 1, 3, 4, 0, 0])[codes] + (codes == 1) * random.integers(-1, 2, len(codes))
            at, parts, rejects = _counts(random, starts, codes, size.to_ms)
            count += len(starts)
            said = [_STATES[code] for code in codes.tolist()], [_CAUSES[cause] for cause in causes.tolist()]
            with store.engine.begin() as connection:
                connection.execute(insert(tables.machines), machine)
                # As text: binding row by row through SQLAlchemy costs many times what SQLite does.
                connection.exec_driver_sql(
                    "INSERT INTO intervals (run, machine, start_ms, state, cause) VALUES (?, ?, ?, ?, ?)",
                    list(zip(repeat(RUN), repeat(name), starts.tolist(), *said, strict=False)),
                )
                connection.exec_driver_sql(
                    "INSERT INTO counts (run, machine, at_ms, parts, rejects) VALUES (?, ?, ?, ?, ?)",
                    list(
                        zip(
                            repeat(RUN), repeat(name), at.tolist(), parts.tolist(), rejects.tolist(),
                            strict=False,
                        )
                    ),
                )  # fmt: skip
    finally:
        store.close()
    return count


def _hurry(connection: Any, _record: object) -> None:
    """Write as if nothing could go wrong: a file that is not finished is of no use anyway."""
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")


def name_of(number: int) -> str:
    """Name of a machine by its number."""
    return f"machine-{number + 1:03}"


def _is_sensed(number: int) -> bool:
    return number % 2 == 1


def _machine(random: np.random.Generator, size: Size, number: int) -> dict[str, object]:
    birth = Birth(
        at=from_ms(size.from_ms),
        kind="bench",
        run=RUN,
        simulated=True,
        states="sensed" if _is_sensed(number) else "reported",
        threshold=Threshold(signal="power_kw", above=6, below=4) if _is_sensed(number) else None,
        ideal_cycle_s=float(random.integers(30, 240)),
        signals={"power_kw": Signal(unit="kW", low=0, high=12)},
    )
    return {
        "run": RUN,
        "machine": name_of(number),
        "path": LINES[number % len(LINES)],
        "since_ms": size.from_ms,
        "known_until_ms": size.to_ms,
        "last_at_ms": size.to_ms,
        "birth": msgspec.json.encode(birth),
    }


def _intervals(random: np.random.Generator, size: Size, *, sensed: bool) -> tuple[Int64s, Int64s]:
    """Where each interval begins, and its state; no two alike side by side."""
    count = size.days * 600 + 100
    codes = random.choice(len(_STATES), count, p=_SENSED if sensed else _REPORTED)
    lengths = (_MEDIAN_S[codes] * 1_000 * random.lognormal(0.0, 1.0, count)).astype(np.int64) + 1
    starts = size.from_ms + np.cumsum(lengths) - lengths
    kept = starts < size.to_ms
    kept[1:] &= codes[1:] != codes[:-1]
    return starts[kept], codes[kept]


def _counts(
    random: np.random.Generator, starts: Int64s, codes: Int64s, to_ms: int
) -> tuple[Int64s, Int64s, Int64s]:
    """When the counters changed, and what they showed: a part every so much running time."""
    lengths = np.diff(starts, append=to_ms) * (codes == 0)
    ran = np.cumsum(lengths)
    cycle_ms = int(random.integers(40_000, 300_000))
    made = np.arange(cycle_ms, int(ran[-1]), cycle_ms)
    where = ran.searchsorted(made)
    at = starts[where] + made - (ran[where] - lengths[where])
    parts = np.arange(1, len(at) + 1)
    return at, parts, np.cumsum(random.random(len(at)) < 0.03)  # noqa: PLR2004 - three in a hundred
