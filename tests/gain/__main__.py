"""Try the laws of the gain at full numbers: `python -m tests.gain`, which is what `make gain` runs.

At 200 pairs for each law, and theory at its printed failures: some twenty minutes of one core.
With --write what came of it, and what the plant of the demo gains, is put into docs/gain.md.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

from demo.study.paper import as_table
from demo.study.study import findings_of, pairs_of
from tests.gain.laws import longer_rounds_on_average, longer_rounds_one_by_one, office_away_for_an_hour
from tests.gain.plants import shipped
from tests.gain.theory import CASES

PAIRS = 200
PAGE = Path(__file__).parents[2] / "docs" / "gain.md"


def main(arguments: list[str] | None = None) -> int:
    """Try, print a line for each number, and return 1 if one of them is not as it must be."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.gain",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pairs", type=int, default=PAIRS, metavar="N", help=f"pairs (default: {PAIRS})")
    cores = os.cpu_count() or 1
    parser.add_argument("--workers", type=int, default=cores, metavar="N", help="processes (default: cores)")
    parser.add_argument("--write", action="store_true", help="put what came of it into docs/gain.md")
    asked = parser.parse_args(arguments)
    lines, wrong = _tried(range(asked.pairs), asked.workers)
    if asked.write:
        plan = shipped(8)
        seeds = range(1, asked.pairs + 1)
        table = as_table(plan, findings_of(list(pairs_of(plan, seeds, workers=asked.workers))))
        text = PAGE.read_text(encoding="utf-8")
        text = _with(text, "study", table)
        PAGE.write_text(_with(text, "laws", "\n".join(lines) + "\n"), encoding="utf-8")
    print(f"{wrong} of the numbers are not as they must be", file=sys.stderr)
    return 1 if wrong else 0


def _tried(seeds: Sequence[int], workers: int) -> tuple[list[str], int]:
    """A line for each number, and how many of them are not as they must be."""
    laws: dict[str, Callable[[], Sequence[object]]] = {
        "seed by seed, calls heard at once": lambda: longer_rounds_one_by_one(seeds, workers=workers),
        "seed by seed, people who react as in the demo": lambda: longer_rounds_one_by_one(
            seeds, at_once=False, workers=workers
        ),
        "the demo, longer rounds on average": lambda: longer_rounds_on_average(seeds, workers=workers),
        "the demo, an hour without an office": lambda: office_away_for_an_hour(seeds, workers=workers),
        "theory": lambda: [check for case in CASES for check in case.tried()],
    }
    lines: list[str] = []
    wrong = 0
    for title, tried in laws.items():
        begun_s = monotonic()
        found = tried()
        wrong += sum(not getattr(one, "holds", False) for one in found)
        mine = [f"== {title}", *map(str, found)]
        print("\n".join(mine), flush=True)
        print(f"   {monotonic() - begun_s:.0f} s", file=sys.stderr, flush=True)
        lines += mine
    return lines, wrong


def _with(text: str, block: str, inside: str) -> str:
    """A page with another inside of one of its blocks."""
    begin, end = f"<!-- {block}: python -m tests.gain --write -->", f"<!-- end of {block} -->"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n```text\n{inside}```\n{end}{after}"


if __name__ == "__main__":
    sys.exit(main())
