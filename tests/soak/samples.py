"""What is measured every few seconds, and the file in which it is kept: a row for each time, as CSV."""

import csv
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rest_programs import cpu_s, family
from tests.soak.slope import Floats

PROGRAMS = ("simulator", "broker", "ingest", "web", "recording", "study", "demo")
EACH = ("pss_mb", "rss_mb", "files", "threads", "cpu_s")
"""Of each program: memory shared and not, open descriptors, threads, CPU so far."""
MB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What one part of the demo takes, with all processes that it has started."""

    pids: tuple[int, ...]
    """Its processes."""
    values: dict[str, float]
    """Each of `EACH`."""


def programs(pid: int) -> dict[str, Program]:
    """What every part of the demo takes just now."""
    found: dict[str, Program] = {}
    try:
        below = list(family(pid))
    except OSError:
        return {}  # one of them has just ended: the next sample has them again
    for one, name in below:
        part = name if name in PROGRAMS else "demo"
        try:
            values = _of(one)
        except OSError:
            continue  # it has just ended
        known = found.get(part, Program(pids=(), values=dict.fromkeys(EACH, 0.0)))
        found[part] = Program(
            pids=(*known.pids, one), values={key: known.values[key] + values[key] for key in EACH}
        )
    return found


def _of(pid: int) -> dict[str, float]:
    folder = Path(f"/proc/{pid}")
    memory = {}
    for line in (folder / "smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        key, _, rest = line.partition(":")
        memory[key] = int(rest.split()[0]) / 1024
    return {
        "pss_mb": memory["Pss"],
        "rss_mb": memory["Rss"],
        "files": float(sum(1 for _ in (folder / "fd").iterdir())),
        "threads": float(sum(1 for _ in (folder / "task").iterdir())),
        "cpu_s": cpu_s(pid),
    }


class Kept:
    """What the history keeps, as a reader of its file sees it.

    Args:
        state: Folder of the demo.
    """

    def __init__(self, state: Path) -> None:
        self._state = state
        self._file = state / "history.db"
        self._commit = 0

    def run(self) -> tuple[str, int]:
        """The run that is on, and its epoch, ms since 1970."""
        ((run, epoch_ms),) = self._rows(
            "SELECT run, epoch_ms FROM runs WHERE run NOT LIKE '%-twin' AND run <> '' "
            "ORDER BY begun_wall_ms DESC LIMIT 1"
        )
        return str(run), int(epoch_ms)

    def committed_ms(self, run: str) -> int:
        """Plant time up to which the history has everything."""
        ((at_ms,),) = self._rows("SELECT min(committed_ms) FROM watermarks WHERE run = ?", run)
        return int(at_ms or 0)

    def sample(self, run: str) -> dict[str, float]:
        """Sizes, rows and counts."""
        counts = {
            "messages": "SELECT sum(messages) FROM taken WHERE run LIKE ? || '%'",
            "readings": "SELECT sum(readings) FROM taken WHERE run LIKE ? || '%'",
            "calls": "SELECT count(*) FROM calls WHERE run LIKE ? || '%'",
            "unattended": "SELECT count(*) FROM unattended WHERE run LIKE ? || '%'",
            "faults": "SELECT count(*) FROM truth_faults WHERE run LIKE ? || '%'",
            "messages_kept": "SELECT count(*) FROM readings WHERE run LIKE ? || '%'",
        }
        with self._open() as history:
            found = {
                name: float(history.execute(asked, (run,)).fetchone()[0] or 0)
                for name, asked in counts.items()
            }
            pages, free, size = (
                history.execute(f"PRAGMA {one}").fetchone()[0]
                for one in ("page_count", "freelist_count", "page_size")
            )
        found["db_used_mb"] = (pages - free) * size / MB
        found["db_free_mb"] = free * size / MB
        found["db_file_mb"] = _size(self._file)
        found["wal_mb"] = _size(self._file.with_name("history.db-wal"))
        found["broker_store_mb"] = _size(self._state / "broker" / "mosquitto.db")
        found["input_log_mb"] = sum(_size(one) for one in (self._state / "simulator").glob("*"))
        found["logs_mb"] = sum(_size(one) for one in (self._state / "log").glob("*"))
        return found

    def told_ms(self) -> list[float]:
        """Milliseconds from sent to told to pages, of each commit since the last time."""
        rows = self._rows(
            "SELECT number, sent_wall_ms, told_wall_ms FROM commits WHERE number > ? ORDER BY number",
            self._commit,
        )
        # The newest ones may not be told yet.
        while rows and rows[-1][2] is None:
            rows.pop()
        if rows:
            self._commit = int(rows[-1][0])
        return [float(told - sent) for _, sent, told in rows if sent is not None and told is not None]

    def _rows(self, text: str, *values: object) -> list[tuple[Any, ...]]:
        with self._open() as history:
            return history.execute(text, values).fetchall()

    def _open(self) -> "closing[sqlite3.Connection]":
        return closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=10))


def _size(file: Path) -> float:
    try:
        return file.stat().st_size / MB
    except OSError:
        return 0.0


def spread(name: str, values: Sequence[float]) -> dict[str, float]:
    """Median, what 95 % stay within, and the longest, in milliseconds; nothing of none."""
    if not values:
        return {}
    ordered = sorted(values)
    return {
        f"{name}_ms": float(np.median(ordered)),
        f"{name}_95_ms": ordered[int(len(ordered) * 0.95)],
        f"{name}_most_ms": ordered[-1],
    }


class Samples:
    """The file: every row is on the disk at once, so that a soak that is broken off is read as well.

    Args:
        file: The file; made anew.
        columns: What a row may have.
    """

    def __init__(self, file: Path, columns: Sequence[str]) -> None:
        self._file, self._columns = file, columns
        self._begun_s = time.monotonic()
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerow(["time_s", *columns])

    def add(self, row: Mapping[str, float]) -> None:
        """Add a row; what is not known stays empty."""
        unknown = row.keys() - set(self._columns)
        assert not unknown, unknown
        cells = [
            f"{row[one]:.6g}" if abs(row[one]) < 1e5 else f"{row[one]:.0f}"
            for one in self._columns
            if one in row
        ]
        values = iter(cells)
        with self._file.open("a", encoding="utf-8", newline="") as out:
            csv.writer(out).writerow(
                [
                    f"{time.monotonic() - self._begun_s:.2f}",
                    *(next(values) if one in row else "" for one in self._columns),
                ]
            )


def read(file: Path) -> dict[str, Floats]:
    """The columns of a file of samples; what is not known is not a number."""
    with file.open(encoding="utf-8", newline="") as text:
        head, *rows = csv.reader(text)
    # The last row of a soak that was broken off may be half a row.
    whole = [row for row in rows if len(row) == len(head)]
    return {
        name: np.array([float(row[place]) if row[place] else np.nan for row in whole], np.float64)
        for place, name in enumerate(head)
    }
