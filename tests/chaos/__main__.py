"""`make chaos`: every part killed twenty times, at moments that the seed decides, and a table of it."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chaos.comparison import compare
from tests.chaos.kills import planned
from tests.chaos.plant import HOUR_MS, parts_of
from tests.history.running import RunningPostgresql

if TYPE_CHECKING:
    from tests.chaos.kills import Killed

WINDOWS = 20


def main(arguments: list[str] | None = None) -> int:
    """Kill, compare, and return the exit code: 1 when anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the plant and of the moments (default: 1)")
    parser.add_argument("--each", type=int, default=20, help="kills of each part (default: 20)")
    parser.add_argument(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="what keeps the history; a server is killed, too (default: sqlite)",
    )
    parser.add_argument(
        "--workers", type=int, default=1, help="ingest processes that divide the machines (default: 1)"
    )
    parser.add_argument("--keep", type=Path, default=None, help="folder to leave histories and logs in")
    asked = parser.parse_args(arguments)
    server = RunningPostgresql() if asked.database == "postgresql" else None
    try:
        if server is not None:
            server.start()
        with tempfile.TemporaryDirectory() as folder:
            return _chaos(asked.keep or Path(folder), asked.seed, asked.each, server, asked.workers)
    finally:
        if server is not None:
            server.stop()


def _chaos(folder: Path, seed: int, each: int, server: RunningPostgresql | None, workers: int) -> int:
    begun_s = time.monotonic()
    parts = parts_of(workers, served=server is not None)
    kills = planned(seed, each, parts)
    killed: list[Killed] = []

    def say(one: Killed) -> None:
        killed.append(one)
        back = "the next came first" if one.back_s is None else f"back after {one.back_s:5.2f} s"
        print(f"{len(killed):3d}  {one.kill.part:<10} at {one.at_ms / HOUR_MS:7.3f} h   {back}", flush=True)

    found = compare(folder, seed=seed, kills=kills, say=say, windows=WINDOWS, server=server, workers=workers)
    times = Counter(one.kill.part for one in killed)
    print(f"\nseed {seed}, {len(killed)} kills, {time.monotonic() - begun_s:.0f} s\n")
    print("part        kills   longest until the history went on")
    for part in parts:
        waits = [one.back_s for one in killed if one.kill.part == part and one.back_s is not None]
        print(f"{part:<10} {times[part]:6d}   {max(waits, default=0.0):6.2f} s")
    print(f"\n{found.hours} plant hours, with kills and without:")
    for table, rows in found.rows.items():
        print(f"{table:<22} {rows:9,d} rows")
    print(f"{'KPIs':<22} {found.windows:9,d} answers for every machine")
    print(f"\n{found.different or 'No difference.'}")
    return 1 if found.different else 0


if __name__ == "__main__":
    sys.exit(main())
