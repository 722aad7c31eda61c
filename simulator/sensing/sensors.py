"""What the sensors of a machine show, computed from the table of its intervals."""

from collections import deque
from collections.abc import Sequence
from math import exp

import numpy as np

from protocol.states import State
from simulator.behaviour.diary import Diary
from simulator.behaviour.life import Int64s, Label, Stretch
from simulator.specs.kind import Sensor
from simulator.streams import Float64s, Stream, normal

NOISE_BLOCK = 1024
"""Readings whose noise is drawn at once."""


class Sensors:
    """The sensors of one machine."""

    def __init__(
        self, sensors: Sequence[Sensor], labels: Sequence[Label], *, seed: int, machine: str
    ) -> None:
        self._sensors = tuple(sensors)
        self._levels = {
            sensor.name: np.array([sensor.levels[label.state] for label in labels]) for sensor in sensors
        }
        self._shapes = {
            sensor.name: np.array(sensor.shape, dtype=np.float64).T.copy()
            for sensor in sensors
            if sensor.shape
        }
        self._runs = np.array([label.state is State.RUNNING for label in labels])
        self._noise = {
            sensor.name: _Noise(Stream(seed, machine, f"noise.{sensor.name}"), sensor.noise)
            for sensor in sensors
            if sensor.noise
        }
        # A machine is switched on when its life begins: what follows slowly starts from its idle level.
        self._values = {sensor.name: sensor.levels[State.IDLE] for sensor in sensors if sensor.tau_ms}

    @property
    def lagged(self) -> tuple[str, ...]:
        """The signals that follow slowly, whose value at each interval's edge the diary keeps."""
        return tuple(self._values)

    def follow(self, stretch: Stretch) -> dict[str, Float64s]:
        """The value of each lagged signal at the beginning of each interval of the next stretch.

            value(t) = level + (value(start) - level) * exp(-(t - start) / tau)

        Carried from edge to edge of the intervals, so that no cut of the readings can change it.
        """
        durations = np.diff(stretch.start_ms, append=stretch.end_ms).tolist()
        values: dict[str, Float64s] = {}
        for sensor in self._sensors:
            if sensor.tau_ms:
                value = self._values[sensor.name]
                levels = self._levels[sensor.name][stretch.label].tolist()
                at_edges = []
                for level, duration_ms in zip(levels, durations, strict=True):
                    at_edges.append(value)
                    value = level + (value - level) * exp(-duration_ms / sensor.tau_ms)
                self._values[sensor.name] = value
                values[sensor.name] = np.array(at_edges)
        return values

    def read(self, diary: Diary, moments_ms: Int64s, first: int) -> dict[str, Float64s]:
        """What every sensor shows at some moments.

        Args:
            diary: What the machine has lived.
            moments_ms: The moments, one sampling period apart, within the diary.
            first: Number of the first moment in sampling periods since the run's epoch.
        """
        rows = diary.at(moments_ms)
        labels = diary.column("label")[rows]
        since_ms = moments_ms - diary.column("start_ms")[rows]
        position = diary.column("position")[rows] + since_ms * diary.column("pace")[rows]
        runs = self._runs[labels]
        readings: dict[str, Float64s] = {}
        for sensor in self._sensors:
            value: Float64s = self._levels[sensor.name][labels]
            if sensor.tau_ms:
                away = diary.column(sensor.name)[rows] - value
                value = value + away * np.exp(-since_ms / sensor.tau_ms)
            elif sensor.shape:
                at, share = self._shapes[sensor.name]
                value = np.where(runs, value * np.interp(position, at, share), value)
            if sensor.noise:
                value = value * self._noise[sensor.name].factors(first, len(moments_ms))
            readings[sensor.name] = np.round(value, sensor.decimals)
        return readings


class _Noise:
    """The noise of one sensor, by the number of the reading, so that any span can be computed alone."""

    def __init__(self, stream: Stream, share: float) -> None:
        self._stream = stream
        self._share = share
        self._blocks: deque[tuple[int, Float64s]] = deque(maxlen=2)

    def factors(self, first: int, count: int) -> Float64s:
        """What the values of `count` readings from number `first` on are multiplied with."""
        blocks = range(first // NOISE_BLOCK, (first + count - 1) // NOISE_BLOCK + 1) if count else ()
        begins = first - first // NOISE_BLOCK * NOISE_BLOCK
        drawn = [self._block(number) for number in blocks]
        joined = drawn[0] if len(drawn) == 1 else np.concatenate([np.empty(0), *drawn])
        return joined[begins : begins + count]

    def _block(self, number: int) -> Float64s:
        for known, factors in self._blocks:
            if known == number:
                return factors
        uniforms = self._stream.uniforms(number * NOISE_BLOCK, NOISE_BLOCK)
        factors = 1.0 + self._share * normal(uniforms)
        self._blocks.append((number, factors))
        return factors
