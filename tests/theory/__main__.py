"""Hold the simulator against theory: `python -m tests.theory`.

Without options, every result at the parameters it is printed with; `--write` puts that table into
docs/simulator.md. With `--sets N`, at N fresh sets of parameters each.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.theory.check import Check
from tests.theory.result import Result
from tests.theory.results import RESULTS

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"
BEGIN, END = "<!-- theory: python -m tests.theory --write -->", "<!-- end of theory -->"
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
    parser.add_argument("--write", action="store_true", help="put the table into docs/simulator.md")
    asked = parser.parse_args(arguments)
    results = [result for result in RESULTS if asked.only in (None, result.name)]
    rows = [f"| {' | '.join(COLUMNS)} |", f"|{' --- |' * len(COLUMNS)}"]
    print("\n".join(rows))
    wrong = 0
    for result, case in _cases(results, range(asked.first, asked.first + asked.sets)):
        for check in result.tried(case):
            wrong += not check.holds
            rows.append(_row(result, case, check))
            print(rows[-1], flush=True)
    if asked.write:
        text = PAGE.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text("\n".join([before + BEGIN, *rows, END + after]), encoding="utf-8")
    print(f"{len(rows) - 2} numbers, {wrong} of them not within four standard errors", file=sys.stderr)
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
