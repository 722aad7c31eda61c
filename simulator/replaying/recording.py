"""The recording of a real machine: its rows by the second, and what its control's words mean.

The control's `execution` (MTConnect) becomes a state:

- ACTIVE is running: a program is executing.
- READY, STOPPED, FEED_HOLD, WAIT, OPTIONAL_STOP, PROGRAM_STOPPED, PROGRAM_COMPLETED and
  PROGRAM_OPTIONAL_STOP are idle: able to run, and waiting for a person or a command.
- INTERRUPTED is down: stopped from outside, and a person has to act before it goes on.
- UNAVAILABLE is no reading: the control said nothing, and silence is unknown.

The recorded control reports no faults, so a fault shows as INTERRUPTED or STOPPED. The counter of
parts stays at 0 in the recording, so no parts are sent.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from protocol.messages import Signal
from protocol.readings import Batch, Change, Float64s, Int64s
from protocol.states import State

PERIOD_MS = 1_000
NORMAL_SHARES = (0.005, 0.995)
"""A normal range is what all but the lowest and the highest half per cent of the running values show."""
ANCHOR_MS = 1_735_689_600_000
"""2025-01-01: the recording begins here, and again at each of its ends, before and after."""

STATES = {
    "ACTIVE": State.RUNNING,
    "READY": State.IDLE,
    "STOPPED": State.IDLE,
    "FEED_HOLD": State.IDLE,
    "OPTIONAL_STOP": State.IDLE,
    "PROGRAM_STOPPED": State.IDLE,
    "PROGRAM_COMPLETED": State.IDLE,
    "PROGRAM_OPTIONAL_STOP": State.IDLE,
    "WAIT": State.IDLE,
    "INTERRUPTED": State.DOWN,
}
UNITS = {"rpm": "rpm", "pct": "%", "mm_min": "mm/min", "c": "°C"}
"""Units by the end of a column's name."""
NOT_SIGNALS = frozenset({"time", "execution", "program", "part_count"})


class RecordingError(ValueError):
    """Raised when a recording cannot be read; says which file and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording, one row a second, that repeats end to end."""

    execution: npt.NDArray[np.str_]
    """The control's word in each row, `""` where it said nothing; shape (n,)."""
    signals: dict[str, Float64s]
    """Values by signal, each of shape (n,); NaN where there was none."""

    @property
    def rows(self) -> int:
        """Number of rows, which is its length in seconds."""
        return len(self.execution)

    def births_signals(self) -> dict[str, Signal]:
        """The signals as a birth describes them: unit by name, normal range while running."""
        cutting = np.isin(self.execution, [word for word, state in STATES.items() if state is State.RUNNING])
        return {name: _signal(name, values[cutting]) for name, values in self.signals.items()}

    def batches(self, from_ms: int, to_ms: int) -> list[Batch]:
        """What the machine says of (`from_ms`, `to_ms`]: a batch for each stretch without silence.

        A control's batch speaks for all of its span, so none may reach across a silence. The same plant
        time always shows the same row, so that a repeat changes nothing.
        """
        first = from_ms // PERIOD_MS + 1
        moments_ms: Int64s = np.arange(first, to_ms // PERIOD_MS + 1, dtype=np.int64) * PERIOD_MS
        moments_ms = moments_ms[moments_ms > from_ms]
        rows = (moments_ms - ANCHOR_MS) // PERIOD_MS % self.rows
        spoken = np.flatnonzero(self.execution[rows] != "")
        stretches = np.split(spoken, np.flatnonzero(np.diff(spoken) > 1) + 1)
        return [self._batch(moments_ms[stretch], rows[stretch]) for stretch in stretches if len(stretch)]

    def _batch(self, moments_ms: Int64s, rows: Int64s) -> Batch:
        words = self.execution[rows]
        at_ms = int(moments_ms[0])
        offsets_ms = moments_ms - at_ms
        turns = np.flatnonzero(words[1:] != words[:-1]) + 1
        return Batch(
            at_ms=at_ms,
            offsets_ms=offsets_ms,
            signals={name: values[rows] for name, values in self.signals.items()},
            state=STATES[str(words[0])],
            cause=_cause(str(words[0])),
            changes=tuple(
                Change(
                    offset_ms=int(offsets_ms[turn]),
                    state=STATES[str(words[turn])],
                    cause=_cause(str(words[turn])),
                )
                for turn in turns
            ),
        )


def load_recording(file: Path) -> Recording:
    """The recording in a CSV file, compressed or not.

    Raises:
        RecordingError: It cannot be read, has no `time` or `execution`, is not one row a second, or
            holds a word that no control of MTConnect says.
    """
    try:
        table = pd.read_csv(file, dtype=str, na_values=["UNAVAILABLE"])
    except (OSError, ValueError, EOFError) as error:
        raise RecordingError(f"cannot read the recording {file}: {error}") from error
    missing = {"time", "execution"} - set(table.columns)
    if missing:
        raise RecordingError(f"{file}: no column {', '.join(sorted(missing))}")
    if table.empty:
        raise RecordingError(f"{file}: no row")
    steps = pd.to_datetime(table["time"], utc=True).diff().dropna().dt.total_seconds()
    if not (steps == PERIOD_MS / 1_000).all():
        raise RecordingError(f"{file}: the rows are not one second apart")
    execution = table["execution"].fillna("").to_numpy(dtype=np.str_)
    unheard = set(execution.tolist()) - {"", *STATES}
    if unheard:
        raise RecordingError(
            f"{file}: execution {min(unheard)!r} is unknown: allowed are UNAVAILABLE, {', '.join(STATES)}"
        )
    return Recording(
        execution=execution,
        signals={
            str(name): pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64)
            for name in table.columns
            if name not in NOT_SIGNALS
        },
    )


def _cause(word: str) -> str:
    return "" if STATES[word] is State.RUNNING else word.lower().replace("_", " ")


def _signal(name: str, running: Float64s) -> Signal:
    end = next((end for end in UNITS if name.endswith(f"_{end}")), "")
    title = name.removesuffix(f"_{end}").replace("spindle2", "second spindle").replace("_", " ")
    unit = UNITS.get(end, "")
    seen = running[~np.isnan(running)]
    if name == "tool" or not seen.size:
        return Signal(unit=unit, title=title)
    low, high = (float(np.quantile(seen, share)) for share in NORMAL_SHARES)
    return (
        Signal(unit=unit, title=title, low=low, high=high) if low < high else Signal(unit=unit, title=title)
    )
