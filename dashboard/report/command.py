"""`python -m dashboard report`: writes the report of a shift, or of any stretch of time."""

import argparse
import sys
from pathlib import Path

from dashboard.history.lost import LossBook
from dashboard.history.reader import Reader
from dashboard.history.rows import RunRow
from dashboard.kpi.basis import Basis, basis_of
from dashboard.losses.reasons import Reasons
from dashboard.report.contents import contents_of
from dashboard.report.page import page_of
from dashboard.report.window import ReportError, Window, latest_window, shift_window, span_window
from protocol.moments import EARLIEST_MS, LATEST_MS, from_text

MOMENT = "RFC 3339 with a zone, 2026-01-31T06:00:00Z"


def main(args: argparse.Namespace) -> int:
    """Write the report that the arguments ask for; returns the exit code.

    Raises:
        ReportError: There is nothing of what was asked for.
    """
    reader = Reader(args.history)
    try:
        basis = basis_of(args)
        run = run_of(reader, args.run)
        window = window_of(basis, run, shift=args.shift, begin=args.begin, end=args.end)
        book = LossBook(reader=reader, basis=basis, reasons=Reasons.read(args.reasons))
        page = page_of(contents_of(book, run, window, args.line))
    finally:
        reader.close()
    if args.out == Path("-"):
        sys.stdout.write(page)
    else:
        args.out.write_bytes(page.encode())
    return 0


def run_of(reader: Reader, wanted: str | None) -> RunRow:
    """The run that is named, else the newest.

    Raises:
        ReportError: There is none.
    """
    run = reader.run(wanted)
    if run is None:
        allowed = ", ".join(one.run for one in reader.runs()) or "none: the history is empty"
        raise ReportError("run", wanted, allowed)
    return run


def window_of(basis: Basis, run: RunRow, *, shift: str | None, begin: str | None, end: str | None) -> Window:
    """The stretch of time that is asked for; without any, the newest shift that is over.

    Raises:
        ReportError: It is no stretch of time, or has not begun.
    """
    if shift is not None and (begin is not None or end is not None):
        raise ReportError("shift", shift, "a shift, or from and to")
    if shift is not None:
        return shift_window(basis.calendar.site, shift, run.now_ms)
    if begin is None and end is None:
        return latest_window(basis.calendar.site, run.now_ms)
    from_ms = run.epoch_ms if begin is None else _moment("from", begin)
    return span_window(from_ms, run.now_ms if end is None else _moment("to", end), run.now_ms)


def _moment(parameter: str, text: str) -> int:
    try:
        # A plus sign that was not written as %2B arrives as a blank.
        at_ms = int(text) if text.isdigit() and text.isascii() else from_text(text.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise ReportError(parameter, text, MOMENT) from error
    if not EARLIEST_MS <= at_ms <= LATEST_MS:
        raise ReportError(parameter, text, f"{MOMENT}, between 2000 and 2100")
    return at_ms
