"""The sensors of many machines with the same settings, read at one moment in one set of columns.

A machine that is read once a second costs the same few steps of NumPy for one reading as for a
thousand, so at slow speeds a fleet would spend its time on steps and not on values. Here the steps
are taken once for all machines; the values are those that each machine's own panel gives.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from simulator.behaviour.diary import Diary
from simulator.behaviour.stretch import Labels
from simulator.sensing.look import Look
from simulator.sensing.panel import Panel
from simulator.specs.flaws import NONE
from simulator.specs.sensor import Sensor
from simulator.streams import Bundle, Float64s, Stream, normal

Int64s = npt.NDArray[np.int64]
NEVER_MS = -(1 << 62)


class Bank:
    """Some machines whose sensors have the same settings.

    Args:
        sensors: The sensors, all of one period and without imperfections.
        period_ms: Time from one reading to the next.
        epoch_ms: From when on readings are numbered, ms since 1970.
        seed: Seed of the plant.
    """

    def __init__(self, sensors: Sequence[Sensor], *, period_ms: int, epoch_ms: int, seed: int) -> None:
        self.sensors = tuple(sensors)
        self.names = tuple(sensor.name for sensor in sensors)
        """Names of the signals, in the order of the values."""
        self.period_ms = period_ms
        self._epoch_ms = epoch_ms
        self._seed = seed
        self._members: list[_Member] = []
        self._states = np.empty(0, dtype=np.int64)
        self._starts_ms = np.empty(0, dtype=np.int64)
        self._columns: dict[str, Float64s] = {}
        self._panel: Panel | None = None

    @staticmethod
    def takes(sensors: Sequence[Sensor], period_ms: int) -> bool:
        """Whether these can be read in a bank: all at every reading, and nothing wrong by chance."""
        return all(one.period_ms == period_ms and not one.by_cycle and one.flaws == NONE for one in sensors)

    def add(self, machine: str, diary: Diary, labels: Labels) -> int:
        """Take in a machine; its place among the columns."""
        self._members.append(_Member(machine, diary, labels))
        self._panel = None
        return len(self._members) - 1

    def remove(self, place: int) -> None:
        """Let a machine go; those behind it move up."""
        del self._members[place]
        self._panel = None

    def offsets_ms(self, from_ms: int, to_ms: int) -> Int64s:
        """When they are read in (`from_ms`, `to_ms`], in ms after its beginning."""
        first, last = self._numbers(from_ms, to_ms)
        return self._epoch_ms - from_ms + np.arange(first, last + 1, dtype=np.int64) * self.period_ms

    def read(self, from_ms: int, to_ms: int) -> Float64s:
        """What all of them show in (`from_ms`, `to_ms`], as it is sent.

        Returns:
            The values; shape (machines, sensors, readings).
        """
        first, last = self._numbers(from_ms, to_ms)
        if self._panel is None:
            self._panel = self._new_panel()
        shown = [self._read_one(self._panel, number) for number in range(first, last + 1)]
        if not shown:
            return np.empty((len(self._members), len(self.names), 0))
        return np.stack(shown, axis=2)

    def _numbers(self, from_ms: int, to_ms: int) -> tuple[int, int]:
        return (
            (from_ms - self._epoch_ms) // self.period_ms + 1,
            (to_ms - self._epoch_ms) // self.period_ms,
        )

    def _read_one(self, panel: Panel, number: int) -> Float64s:
        at_ms = self._epoch_ms + number * self.period_ms
        for place, member in enumerate(self._members):
            if not member.holds(at_ms):
                self._put(place, member.look_up(at_ms))
        numbers = np.full(len(self._members), number, dtype=np.int64)
        return panel.read(numbers, partial(_look, self._states, self._starts_ms, self._columns, at_ms)).T

    def _put(self, place: int, row: Mapping[str, float]) -> None:
        self._states[place] = self._members[place].state
        self._starts_ms[place] = row["start_ms"]
        for name, column in self._columns.items():
            column[place] = row[name]

    def _new_panel(self) -> Panel:
        count = len(self._members)
        self._states = np.zeros(count, dtype=np.int64)
        self._starts_ms = np.zeros(count, dtype=np.int64)
        columns = self._members[0].diary.names if self._members else ()
        self._columns = {name: np.zeros(count) for name in columns if name not in {"start_ms", "label"}}
        for member in self._members:
            member.forget()
        return Panel(self.sensors, self._noise, {})

    def _noise(self, noisy: Sequence[Sensor]) -> "_Noise":
        return _Noise(noisy, [member.machine for member in self._members], self._seed)


class _Member:
    """One machine of a bank, and for how long its row among the columns is true."""

    def __init__(self, machine: str, diary: Diary, labels: Labels) -> None:
        self.machine = machine
        self.diary = diary
        self.state = 0
        self._labels = labels
        self.forget()

    def holds(self, at_ms: int) -> bool:
        """Whether nothing has begun between the moment of the row and another one."""
        return self._since_ms <= at_ms < self._until_ms and self._written == self.diary.written

    def look_up(self, at_ms: int) -> Mapping[str, float]:
        """What the diary says of a moment."""
        row, self._since_ms, self._until_ms = self.diary.around(at_ms)
        self._written = self.diary.written
        self.state = int(self._labels.states[int(row["label"])])
        return row

    def forget(self) -> None:
        """Have it looked up at the next reading."""
        self._since_ms, self._until_ms, self._written = NEVER_MS, NEVER_MS, -1


class _Look(Look):
    """What many machines are doing at one moment."""

    def __init__(
        self, states: Int64s, starts_ms: Int64s, columns: Mapping[str, Float64s], at_ms: int
    ) -> None:
        self.at_ms = np.full(len(states), at_ms, dtype=np.int64)
        self.states = states
        self.since_ms = at_ms - starts_ms
        self._columns = columns

    def begun(self, column: str) -> Float64s:
        return self._columns[column]


class _Noise:
    """The noise of the sensors of many machines at one reading."""

    def __init__(self, sensors: Sequence[Sensor], machines: Sequence[str], seed: int) -> None:
        self._bundle = Bundle(
            [Stream(seed, machine, f"noise.{sensor.name}") for sensor in sensors for machine in machines]
        )
        self._shares = np.array([sensor.noise for sensor in sensors])[:, np.newaxis, np.newaxis]
        self._shape = (len(sensors), len(machines), 4)
        self._four = -1
        self._factors: Float64s = np.empty(self._shape)

    def factors(self, first: int, count: int) -> Float64s:
        """What the values of reading number `first` of all of them are multiplied with."""
        four, place = divmod(first, 4)
        if four != self._four:
            drawn: Float64s = normal(self._bundle.uniforms(four).ravel()).reshape(self._shape)
            drawn *= self._shares
            drawn += 1.0
            self._four, self._factors = four, drawn
        return self._factors[:, :count, place]


def _look(
    states: Int64s, starts_ms: Int64s, columns: Mapping[str, Float64s], at_ms: int, _numbers: Int64s
) -> Look:
    return _Look(states, starts_ms, columns, at_ms)
