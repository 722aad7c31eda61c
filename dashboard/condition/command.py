"""`python -m dashboard score`: how surprising each row of a CSV file is."""

import argparse
import csv
import sys
from pathlib import Path

from dashboard.condition.detector import Detector
from dashboard.condition.table import read_table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes to a parser."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a table, .csv or .csv.gz")
    parser.add_argument("--time", metavar="COLUMN", required=True, help="the column that says when")
    parser.add_argument(
        "--value",
        metavar="COLUMN",
        nargs="+",
        action="extend",
        default=[],
        help="columns of numbers that are judged together; without it all there are, labels left out",
    )


def main(args: argparse.Namespace) -> int:
    """Print time, score and flag of each row as CSV; returns the exit code.

    Raises:
        TableError: The file cannot be read.
    """
    table = read_table(args.file, args.time, args.value)
    detector = Detector(len(table.columns))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    try:
        writer.writerow(("time", "score", "flag"))
        for moment, at_ms, row in zip(table.moments, table.at_ms, table.rows, strict=True):
            score, flag = detector.judge(at_ms, row)
            writer.writerow((moment, f"{score:.6f}", int(flag)))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has seen enough. What is still to be written goes nowhere.
        sys.stdout = None
    return 0
