"""Answers as CSV (RFC 4180): a header, times in UTC, commas, CRLF, UTF-8.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula and runs it. Names and
causes come from outside, so such text gets an apostrophe in front, which spreadsheets hide. Numbers stay.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Response

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How text begins that a spreadsheet would run."""


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    r"""The rows as CSV; what is undefined is an empty cell.

    >>> csv_text(["state", "cause", "parts"], [{"state": "down", "cause": "=1+1", "parts": None}])
    "state,cause,parts\r\ndown,'=1+1,\r\n"
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def csv_answer(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Response:
    """The rows as a file to be saved.

    Args:
        name: What the file is called, without its ending; names from outside are made plain.
        columns: The header.
        rows: A mapping with a value for each column.
    """
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", name)
    return Response(
        csv_text(columns, rows),
        content_type="text/csv; charset=utf-8; header=present",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{plain}.csv"',
        },
    )
