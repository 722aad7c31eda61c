"""Try the laws of the gain at full numbers: `python -m tests.gain`, a quarter of an hour on two cores.

At 200 pairs for each, and theory with its printed failures; `make gain` runs it.
"""

import argparse
import os
import sys
from time import monotonic

from tests.gain.laws import longer_rounds_on_average, longer_rounds_one_by_one, office_away_for_an_hour
from tests.gain.theory import CASES

PAIRS = 200


def main(arguments: list[str] | None = None) -> int:
    """Try, print a line for each number, and return 1 if one of them does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.gain", description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS, metavar="N", help=f"pairs (default: {PAIRS})")
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes (default: one a core)",
    )
    asked = parser.parse_args(arguments)
    seeds, workers = range(asked.pairs), asked.workers
    wrong = 0
    for title, tried in (
        ("seed by seed, calls heard at once", lambda: longer_rounds_one_by_one(seeds, workers=workers)),
        (
            "seed by seed, reactions as in the demo",
            lambda: longer_rounds_one_by_one(seeds, at_once=False, workers=workers),
        ),
        ("longer rounds on average", lambda: longer_rounds_on_average(seeds, workers=workers)),
        ("an hour without an office", lambda: office_away_for_an_hour(seeds, workers=workers)),
        ("theory", lambda: [check for case in CASES for check in case.tried()]),
    ):
        begun_s = monotonic()
        print(f"== {title}", flush=True)
        for found in tried():
            print(found, flush=True)
            wrong += not found.holds
        print(f"   {monotonic() - begun_s:.0f} s", flush=True)
    print(f"{wrong} of the numbers are not as they must be", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
