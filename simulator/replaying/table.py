"""A table of readings read from a CSV file, by its column map."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from protocol.messages import MAX_SIGNALS, Signal
from protocol.readings import RESERVED, Float64s, Int64s
from simulator.replaying.columns import EXECUTION, Columns, SignalColumn
from simulator.replaying.recording import Recording, RecordingError

NOTHING = ["", "UNAVAILABLE", "NaN", "nan", "NULL", "null", "None"]
NOT_SIGNALS = frozenset({"program", "part_count"})
"""Columns of an MTConnect recording that hold numbers and measure nothing."""
UNITS = {
    "rpm": "rpm", "pct": "%", "mm_min": "mm/min", "mm_s": "mm/s", "c": "°C", "kw": "kW", "w": "W",
    "a": "A", "v": "V", "bar": "bar", "hz": "Hz", "kwh": "kWh", "mm": "mm", "s": "s", "nm": "Nm",
}  # fmt: skip
"""Units by the end of a signal's name."""
SEPARATORS = ";,\t|"
LATER_THAN_1973_MS = 100_000_000_000
"""A smaller number is a time in seconds since 1970, a larger one in milliseconds."""
NEARLY_ALL = 0.99
SHORTEST_MS, LONGEST_MS = 100, 86_400_000
_ZONE = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")


def load_recording(file: Path, columns: Columns = EXECUTION) -> Recording:
    """The recording in a CSV file, compressed or not.

    Raises:
        RecordingError: It cannot be read, or is not what the column map says; names file, row and value.
    """
    table = _table(file)
    for column in _named(columns):
        if column not in table.columns:
            raise RecordingError(
                f"{file}: no column {column!r}: there are {', '.join(map(str, table.columns))}"
            )
    if table.empty:
        raise RecordingError(f"{file}: no row")
    moments_ms = _moments_ms(file, table[columns.time], columns)
    # Of rows of one moment the last one counts.
    kept = np.append(np.diff(moments_ms) > 0, True)
    table, moments_ms = table[kept], moments_ms[kept]
    offsets_ms = moments_ms - moments_ms[0]
    steps_ms = np.diff(offsets_ms) if len(offsets_ms) > 1 else np.array([1_000])
    signals = _signals(file, table, columns)
    return Recording(
        offsets_ms=offsets_ms,
        length_ms=int(offsets_ms[-1]) + max(int(np.median(steps_ms)), 1),
        period_ms=_period_ms(steps_ms, columns),
        words=_words(file, table, columns),
        meanings={**columns.meanings, "": None},
        signals={signal.name: values for signal, values in signals},
        described={signal.name: _described(signal) for signal, _ in signals},
        parts=_counter(file, table, columns.parts),
        rejects=_counter(file, table, columns.rejects),
        ideal_cycle_s=columns.ideal_cycle_s,
    )


def _table(file: Path) -> pd.DataFrame:
    try:
        opened: Callable[..., object] = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt", encoding="utf-8-sig") as text:  # type: ignore[attr-defined]
            head = text.readline()
            separator = max(SEPARATORS, key=head.count)
            text.seek(0)
            return pd.read_csv(text, dtype=str, sep=separator, keep_default_na=False, na_values=NOTHING)
    except (OSError, ValueError, EOFError) as error:
        raise RecordingError(f"cannot read the recording {file}: {error}") from error


def _named(columns: Columns) -> list[str]:
    named = [columns.time, columns.state, columns.parts, columns.rejects]
    return [one for one in named if one is not None] + [one.column for one in columns.signals or ()]


def _moments_ms(file: Path, column: "pd.Series[str]", columns: Columns) -> Int64s:
    text = column.fillna("").str.strip()
    numbers = pd.to_numeric(text, errors="coerce")
    if columns.time_format is None and numbers.notna().all():
        seconds = numbers < LATER_THAN_1973_MS
        moments_ms = np.where(seconds, numbers * 1_000, numbers).round().astype(np.int64)
    else:
        moments_ms = _from_texts(file, text, columns)
    back = np.flatnonzero(np.diff(moments_ms) < 0)
    if len(back):
        row = int(back[0]) + 1
        raise RecordingError(
            f"{file}: row {row + 2}: time {text.iloc[row]!r} is before that of the row above: times must rise"
        )
    return moments_ms


def _from_texts(file: Path, text: "pd.Series[str]", columns: Columns) -> Int64s:
    read = pd.to_datetime(text, format=columns.time_format or "ISO8601", errors="coerce", utc=True)
    wrong = np.flatnonzero(read.isna())
    if len(wrong):
        row = int(wrong[0])
        allowed = columns.time_format or "ISO 8601, or seconds or ms since 1970, or a --time-format"
        raise RecordingError(f"{file}: row {row + 2}: time {text.iloc[row]!r} is not allowed: {allowed}")
    if not text.str.contains(_ZONE).any():
        try:
            read = read.dt.tz_localize(None).dt.tz_localize(columns.zone, ambiguous="infer")
        except ValueError as error:
            raise RecordingError(
                f"{file}: times without a zone are not unique in {columns.zone}: {error}"
            ) from error
    moments_ms: Int64s = np.asarray(read.dt.as_unit("ms").astype("int64"), dtype=np.int64)
    return moments_ms


def _period_ms(steps_ms: Int64s, columns: Columns) -> int:
    if columns.period_s is not None:
        return round(columns.period_s * 1_000)
    usual_ms = int(np.quantile(steps_ms, NEARLY_ALL, method="higher"))
    return min(max(usual_ms, SHORTEST_MS), LONGEST_MS)


def _words(file: Path, table: pd.DataFrame, columns: Columns) -> npt.NDArray[np.str_] | None:
    if columns.state is None:
        return None
    words = table[columns.state].fillna("").str.strip().to_numpy(dtype=np.str_)
    unheard = sorted(set(words.tolist()) - {"", *columns.meanings})
    if unheard:
        allowed = ", ".join(columns.meanings)
        raise RecordingError(f"{file}: {columns.state} {unheard[0]!r} is unknown: allowed are {allowed}")
    return words


def _signals(file: Path, table: pd.DataFrame, columns: Columns) -> list[tuple[SignalColumn, Float64s]]:
    if columns.signals is None:
        taken = {columns.time, columns.state, columns.parts, columns.rejects, *NOT_SIGNALS, *RESERVED}
        others = [str(name) for name in table.columns if name not in taken and str(name).isidentifier()]
        found = [(SignalColumn(name=name, column=name), _numbers(table[name])) for name in others]
        signals = [(signal, values) for signal, values in found if not np.isnan(values).all()]
    else:
        signals = []
        for signal in columns.signals:
            values = _numbers(table[signal.column])
            if np.isnan(values).all():
                raise RecordingError(
                    f"{file}: column {signal.column!r} holds no number: {signal.name} needs some"
                )
            signals.append((signal, values * signal.factor + signal.offset))
    if len(signals) > MAX_SIGNALS:
        raise RecordingError(
            f"{file}: {len(signals)} signals are too many: allowed are {MAX_SIGNALS}, chosen by --map"
        )
    return signals


def _numbers(column: "pd.Series[str]") -> Float64s:
    text = column.str.strip()
    if text.str.contains(r",.*\.").any():
        text = text.str.replace(",", "", regex=False)  # 1,234.5
    elif text.str.contains(",", regex=False).any():
        # 1.234,5 as many tables in Europe have it, and 0,5.
        text = text.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    return pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64)


def _counter(file: Path, table: pd.DataFrame, column: str | None) -> Int64s | None:
    """What a counter has counted since the first row; where it falls, it began again."""
    if column is None:
        return None
    values = pd.Series(_numbers(table[column])).ffill().fillna(0).to_numpy(dtype=np.float64)
    if not np.isfinite(values).all() or (values < 0).any() or not np.array_equal(values, np.rint(values)):
        raise RecordingError(f"{file}: column {column!r} is no counter: allowed are whole numbers from 0 on")
    steps = np.diff(values, prepend=values[:1])
    steps = np.where(steps < 0, values, steps)
    return np.cumsum(steps).astype(np.int64)


def _described(signal: SignalColumn) -> Signal:
    ends = [end for end in UNITS if signal.name.endswith(f"_{end}")]
    end = max(ends, key=len, default="")
    title = signal.name.removesuffix(f"_{end}").replace("spindle2", "second spindle").replace("_", " ")
    return Signal(unit=signal.unit or UNITS.get(end, ""), title=signal.title or title)
