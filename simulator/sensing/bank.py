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
from simulator.sensing.sensors import Sensors
from simulator.specs.flaws import NONE
from simulator.specs.sensor import Sensor
from simulator.streams import Bundle, Float64s, Stream, normal

Int64s = npt.NDArray[np.int64]
NEVER_MS = -(1 << 62)


class Bank:
    """Some machines whose sensors of one period have the same settings.

    Args:
        sensors: The sensors, none of them with values by the cycle.
        period_ms: Time from one reading of them to the next.
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
        self._flawed = [row for row, sensor in enumerate(sensors) if sensor.flaws != NONE]
        self._members: list[_Member] = []
        self._states = np.empty(0, dtype=np.int64)
        self._starts_ms = np.empty(0, dtype=np.int64)
        self._columns: dict[str, Float64s] = {}
        self._panel: Panel | None = None

    def add(self, machine: str, diary: Diary, labels: Labels, sensors: Sensors) -> None:
        """Take in a machine."""
        self._members.append(_Member(machine, diary, labels, sensors))
        self._panel = None

    def remove(self, place: int) -> None:
        """Let the machine at a place go; those behind it move up."""
        del self._members[place]
        self._panel = None

    def numbers(self, from_ms: int, to_ms: int) -> range:
        """The numbers of the readings in (`from_ms`, `to_ms`]."""
        first = (from_ms - self._epoch_ms) // self.period_ms + 1
        return range(first, (to_ms - self._epoch_ms) // self.period_ms + 1)

    def read(self, numbers: range) -> Float64s:
        """What all of them show at the readings of some numbers, as it is sent.

        Returns:
            The values; shape (machines, sensors, readings).
        """
        if self._panel is None:
            self._panel = self._new_panel()
        panel = self._panel
        shown = np.stack([self._measured(panel, number) for number in numbers], axis=2)
        if self._flawed:
            self._spoil(shown, np.array(numbers, dtype=np.int64))
        return np.ascontiguousarray(panel.rounded(shown.reshape(len(self.names), -1)).reshape(shown.shape)
                                    .transpose(1, 0, 2))  # fmt: skip

    def _measured(self, panel: Panel, number: int) -> Float64s:
        at_ms = self._epoch_ms + number * self.period_ms
        for place, member in enumerate(self._members):
            if not member.holds(at_ms):
                self._put(place, member.look_up(at_ms))
        numbers = np.full(len(self._members), number, dtype=np.int64)
        return panel.measure(numbers, _Look(self._states, self._starts_ms, self._columns, at_ms))

    def _spoil(self, shown: Float64s, numbers: Int64s) -> None:
        for place, member in enumerate(self._members):
            for row in self._flawed:
                shown[row, place] = member.sensors.spoiled(
                    self.names[row], member.diary, numbers, shown[row, place]
                )

    def _put(self, place: int, row: Mapping[str, float]) -> None:
        self._states[place] = self._members[place].state
        self._starts_ms[place] = row["start_ms"]
        for name, column in self._columns.items():
            column[place] = row[name]

    def _new_panel(self) -> Panel:
        count = len(self._members)
        self._states = np.zeros(count, dtype=np.int64)
        self._starts_ms = np.zeros(count, dtype=np.int64)
        # Sensors of another period, which not all of them have, keep columns of their own.
        shared = set.intersection(*(set(member.diary.names) for member in self._members))
        self._columns = {name: np.zeros(count) for name in sorted(shared - {"start_ms", "label"})}
        for member in self._members:
            member.forget()
        machines = [member.machine for member in self._members]
        return Panel(self.sensors, partial(_Noise, machines=machines, seed=self._seed), {})


class _Member:
    """One machine of a bank, and for how long its row among the columns is true."""

    def __init__(self, machine: str, diary: Diary, labels: Labels, sensors: Sensors) -> None:
        self.machine = machine
        self.diary = diary
        self.sensors = sensors
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
        self._shares = {}
        self._columns = columns

    def begun(self, column: str) -> Float64s:
        return self._columns[column]


class _Noise:
    """The noise of the sensors of many machines at one reading."""

    def __init__(self, sensors: Sequence[Sensor], *, machines: Sequence[str], seed: int) -> None:
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
