"""A table from a CSV file: moments and numbers, or a sentence that says which cell is wrong."""

import csv
import gzip
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from protocol.readings import Float64s

SEPARATORS = ",;\t"
NOTHING = frozenset({"", "nan", "null", "none", "na", "n/a", "-"})
"""A cell with one of these says nothing, which is allowed."""
LABELS = frozenset({"anomaly", "anomalies", "changepoint", "is_anomaly", "label", "labels", "outlier"})
"""Columns that say what is to be found are no readings: they are taken only if they are asked for."""
MILLISECONDS_FROM = 1e11
"""A number from here on is milliseconds since 1970, in seconds it would be the year 5138."""


class TableError(ValueError):
    """Raised when a file cannot be read; names file, line, column and value, and says what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of numbers, in the order of the file."""

    columns: tuple[str, ...]
    """Names of the columns of numbers."""
    moments: tuple[str, ...]
    """When each row was read, as the file says it."""
    at_ms: tuple[int, ...]
    """The same, ms since 1970."""
    rows: Float64s
    """The numbers, NaN where there is none; shape (rows, columns)."""


def read_table(file: Path, time: str, values: Sequence[str] = ()) -> Table:
    """The table in a file, `.csv` or `.csv.gz`, separated by commas, semicolons or tabs.

    Args:
        file: The file; its first line has the names of the columns.
        time: The column that says when: ISO 8601, or a number of seconds or milliseconds.
        values: The columns of numbers; without them all that begin with a number and are no label.

    Raises:
        TableError: It cannot be read, or what is asked for is not in it.
    """
    lines = _lines(file)
    number, header = next(lines, (0, []))
    if not header:
        raise TableError(
            f"{file}: is empty: allowed is a first line with the names of the columns, then rows"
        )
    for name in (time, *values):
        if name not in header:
            raise TableError(f"{file}: has no column {name!r}: allowed are {', '.join(map(repr, header))}")
    told = list(lines)
    for number, cells in told:
        if len(cells) != len(header):
            raise TableError(
                f"{file}: line {number}: has {len(cells)} cells: "
                f"allowed are {len(header)}, as in the first line"
            )
    if not told:
        raise TableError(f"{file}: has no row below the names of the columns: at least one is needed")
    place = header.index(time)
    names = tuple(dict.fromkeys(values)) or _numeric(header, told, place)
    if not names:
        raise TableError(f"{file}: has no column of numbers beside {time!r}: at least one is needed")
    places = [header.index(name) for name in names]
    return Table(
        columns=names,
        moments=tuple(cells[place] for _, cells in told),
        at_ms=tuple(_moment(file, line, time, cells[place]) for line, cells in told),
        rows=np.array(
            [
                [_number(file, line, name, cells[k]) for name, k in zip(names, places, strict=True)]
                for line, cells in told
            ]
        ),
    )


def _lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and cells of all lines that are not empty."""
    try:
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt", encoding="utf-8-sig", newline="") as text:
            first = text.readline()
            separator = max(SEPARATORS, key=first.count)
            yield 1, [cell.strip() for cell in next(csv.reader([first], delimiter=separator), [])]
            reader = csv.reader(text, delimiter=separator)
            for cells in reader:
                if cells:
                    yield reader.line_num + 1, [cell.strip() for cell in cells]
    except (OSError, EOFError) as error:
        raise TableError(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{file}: is no text in UTF-8 with cells: {error}") from None


def _numeric(header: list[str], told: list[tuple[int, list[str]]], time: int) -> tuple[str, ...]:
    found = []
    for place, name in enumerate(header):
        if place == time or name.lower() in LABELS:
            continue
        first = next((cells[place] for _, cells in told if cells[place].lower() not in NOTHING), "")
        if _float(first) is not None:
            found.append(name)
    return tuple(found)


def _number(file: Path, line: int, column: str, cell: str) -> float:
    if cell.lower() in NOTHING:
        return math.nan
    value = _float(cell)
    if value is None:
        raise TableError(
            f"{file}: line {line}: column {column!r}: {cell!r} is no number: "
            "allowed are numbers such as 3.2 or 1e-3, and nothing at all"
        )
    return value


def _float(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None


def _moment(file: Path, line: int, column: str, cell: str) -> int:
    value = _float(cell)
    if value is not None:
        return round(value if abs(value) >= MILLISECONDS_FROM else value * 1_000)
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise TableError(
            f"{file}: line {line}: column {column!r}: {cell!r} is no time: allowed are ISO 8601, "
            "2026-01-05 06:00:00 or 2026-01-05T06:00:00Z, and numbers of seconds or milliseconds"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1_000)
