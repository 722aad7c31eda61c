"""What earlier versions left opens in this one: `python -m tests.upgrades`, or `make upgrades`.

With `--store NAME` the version that lies in a folder lives for two plant hours, and what it leaves is
kept for every later one: CONTRIBUTING.md says when.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.broker.running import PROJECT
from tests.history.running import RunningPostgresql
from tests.upgrades.stored import VERSIONS, all_stored
from tests.upgrades.storing import store
from tests.upgrades.trial import COLUMNS, tried


def main(arguments: list[str] | None = None) -> int:
    """Try every stored version, or store one, and return the exit code: 1 when anything differs."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.upgrades",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--store", metavar="NAME", help="what the version is called that is to be stored")
    parser.add_argument(
        "--source", type=Path, default=PROJECT, metavar="DIR", help="where it lies (default: here)"
    )
    parser.add_argument("--only", metavar="NAME", help="try one version alone")
    asked = parser.parse_args(arguments)
    if asked.store:
        store(asked.store, asked.source.resolve(), VERSIONS)
        for file in sorted((VERSIONS / asked.store).iterdir()):
            print(f"{file.stat().st_size:9,d}  {file.relative_to(PROJECT)}")
        return 0
    return _try_all(asked.only)


def _try_all(only: str | None) -> int:
    server = RunningPostgresql()
    server.start()
    wrong: list[str] = []
    try:
        print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
        for version in all_stored():
            if only in (None, version.name):
                with tempfile.TemporaryDirectory() as folder:
                    trial = tried(version, Path(folder), server)
                print("\n".join([f"| {' | '.join(trial.row)} |", *trial.wrong]), flush=True)
                wrong += trial.wrong
    finally:
        server.stop()
    print(f"{len(wrong)} differences." if wrong else "No difference.")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
