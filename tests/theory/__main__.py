"""Hold the simulator against theory: `python -m tests.theory`.

Without options, every result at the parameters it is printed with, as the table of docs/simulator.md.
With `--sets N`, at N fresh sets of parameters each.
"""

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from tests.theory.check import Check
from tests.theory.result import Result
from tests.theory.results import RESULTS

COLUMNS = ("result", "at", "what", "theory", "simulated", "standard error", "apart")


def main(arguments: list[str] | None = None) -> int:
    """Try, print a line for each number, and return 1 if one of them does not hold."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.theory",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--sets", type=int, default=0, metavar="N", help="fresh sets of parameters for each result"
    )
    parser.add_argument(
        "--first", type=int, default=1000, metavar="N", help="number of the first set (default: 1000)"
    )
    parser.add_argument("--only", metavar="NAME", help="one result, such as A5")
    asked = parser.parse_args(arguments)
    results = [result for result in RESULTS if asked.only in (None, result.name)]
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
    wrong = 0
    tried = 0
    for result, case in _cases(results, range(asked.first, asked.first + asked.sets)):
        for check in result.tried(case):
            tried += 1
            wrong += not check.holds
            print(_row(result, case, check), flush=True)
    print(f"{tried} numbers, {wrong} of them not within four standard errors", file=sys.stderr)
    return 1 if wrong else 0


def _cases(results: list[Result[Any]], numbers: range) -> Iterator[tuple[Result[Any], Any]]:
    for result in results:
        for case in result.printed if not numbers else map(result.other, numbers):
            yield result, case


def _row(result: Result[Any], case: Any, check: Check) -> str:
    apart = f"{check.away:+.1f}" if check.error else "exact" if check.holds else "wrong"
    numbers = f"{check.theory:.6f} | {check.simulated:.6f} | {check.error:.6f} | {apart}"
    return f"| {result.name} | {result.said(case)} | {check.what} | {numbers} |"


if __name__ == "__main__":
    sys.exit(main())
