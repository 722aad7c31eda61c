"""`make chaos`: every kind of fault befalls every part, at moments that a seed decides, and a table of it."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chaos.comparison import compare
from tests.chaos.faults import KINDS, planned
from tests.chaos.journey import Befallen
from tests.chaos.needs import lacking
from tests.chaos.plant import DATABASE, HOUR_MS, parts_of, place_of
from tests.chaos.surroundings import Surroundings
from tests.chaos.table import in_a_line, report
from tests.history.running import RunningPostgresql

if TYPE_CHECKING:
    from tests.chaos.comparison import Comparison

WINDOWS = 20
SPEED = "240"
"""Plant seconds a second while faults come; the undisturbed run hurries."""
EACH = {"sqlite": 5, "postgresql": 2}
"""Faults of each kind and part: the server is there for itself and for several workers."""


def main(arguments: list[str] | None = None) -> int:
    """Let faults come, compare, and return the exit code: 1 when anything differs or went unsaid."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the plant and of the faults (default: 1)")
    parser.add_argument("--each", type=int, default=None, help="faults of each kind and part")
    parser.add_argument(
        "--database",
        choices=("sqlite", "postgresql", "both"),
        default="both",
        help="what keeps the history; a server is a part, too (default: one after the other)",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=2,
        help="ingest processes that divide the machines on a server (default: 2)",
    )
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="of faults (default: all)")
    parser.add_argument("--parts", nargs="+", default=None, help="that faults befall (default: all)")
    parser.add_argument("--speed", default=SPEED, help=f"of the plant while faults come (default: {SPEED})")
    parser.add_argument("--keep", type=Path, default=None, help="folder to leave histories and logs in")
    asked = parser.parse_args(arguments)
    if why := lacking():
        print(why, file=sys.stderr)
        return 2
    begun_s = time.monotonic()
    befallen: list[Befallen] = []
    databases = ("sqlite", "postgresql") if asked.database == "both" else (asked.database,)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        found = [_chaos((asked.keep or Path(folder)) / one, one, asked, befallen) for one in databases]
    print(report(befallen, found, seed=asked.seed, took_s=time.monotonic() - begun_s))
    well = all(one.is_well for one in found) and not any(one.unsaid for one in befallen)
    return 0 if well else 1


def _chaos(folder: Path, database: str, asked: argparse.Namespace, befallen: list[Befallen]) -> Comparison:
    served = database == "postgresql"
    workers = asked.workers if served else 1
    folder.mkdir(parents=True, exist_ok=True)
    # A server runs as a user of its own, who has to reach its disk.
    for one in (folder, folder.parent):
        one.chmod(0o755)
    processes = parts_of(workers, served=served)
    every = processes if served else (*processes, DATABASE)
    parts = [part for part in every if asked.parts is None or part in asked.parts]

    def say(one: Befallen) -> None:
        befallen.append(one)
        print(f"{len(befallen):3d}  {database:<10}  {in_a_line(one, HOUR_MS)}", flush=True)

    with ExitStack() as stack:
        around = stack.enter_context(Surroundings(folder / "disturbed", processes, served=served))
        server = None
        if served:
            disk = around.disks[DATABASE].folder
            server = RunningPostgresql(disk=disk, place=place_of(DATABASE, around))
            stack.callback(server.stop)
            server.start()
        return compare(
            folder,
            seed=asked.seed,
            episodes=planned(
                asked.seed,
                asked.each or EACH[database],
                parts,
                # What the page says of the others it has said by then.
                told=(DATABASE,) if served else parts,
                kinds=asked.kinds,
                served=served,
            ),
            say=say,
            windows=WINDOWS,
            server=server,
            workers=workers,
            around=around,
            speed=asked.speed,
            farewell=True,
        )


if __name__ == "__main__":
    sys.exit(main())
