"""Values that come once a cycle, at its end, as Euromap 77 and OPC 40077 have them.

Without a period of its own such a value travels in a reading of its own, at the moment the cycle ends.
With one, the reading at each multiple of it holds the highest of the cycles that ended since the one before:
so a press of forty strokes a minute tells the peak of its tonnage without a reading for each stroke.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from protocol.states import State
from simulator.behaviour.diary import Diary
from simulator.sensing.chances import Chances
from simulator.sensing.look import Look
from simulator.sensing.noise import Noise
from simulator.sensing.physics import wear
from simulator.specs.sensor import Sensor
from simulator.streams import Float64s, Stream

Int64s = npt.NDArray[np.int64]


class Cycles:
    """The sensors of one machine that have a value for each cycle."""

    def __init__(
        self,
        sensors: Sequence[Sensor],
        stream: Callable[[str, str], Stream],
        chances: Mapping[str, Chances],
    ) -> None:
        """Put them together.

        Args:
            sensors: The sensors.
            stream: Where the numbers for a purpose of a signal come from.
            chances: What is wrong with a sensor, by its name, where something is.
        """
        self.sensors = tuple(sensors)
        self._noise = {
            sensor.name: Noise([stream("noise", sensor.name)], [sensor.noise])
            for sensor in sensors
            if sensor.noise
        }
        self._chances = chances

    def read(self, diary: Diary, states: Int64s, from_ms: int, to_ms: int) -> tuple[Int64s, list[Float64s]]:
        """When each cycle in (`from_ms`, `to_ms`] ended, and the value of every sensor for it."""
        first, at_ms = diary.ended_within(from_ms, to_ms)
        if not len(at_ms):
            return at_ms, [np.empty(0) for _ in self.sensors]
        look = Look(diary, states, at_ms, just_before=True)
        return at_ms, [self._values(sensor, look, first) for sensor in self.sensors]

    def _values(self, sensor: Sensor, look: Look, first: int) -> Float64s:
        count = len(look.at_ms)
        if sensor.of_cycle is None:
            values = np.full(count, sensor.levels[State.RUNNING])
        else:
            # The pace is what share of the cycle passes in a millisecond.
            values = sensor.of_cycle / (look.pace * 1000)
        if sensor.worn:
            values = values * (
                1 + sensor.worn.gain * wear(look.share(sensor.worn.component), sensor.worn.shape)
            )
        if sensor.name in self._noise:
            values = values * self._noise[sensor.name].factors(first, count)[0]
        if sensor.name in self._chances:
            numbers = np.arange(first, first + count, dtype=np.int64)
            values = self._chances[sensor.name].spoil(numbers, look.at_ms, values, _never)
        scale = 10.0**sensor.decimals
        rounded: Float64s = np.rint(values * scale) / scale
        return rounded


def highest(at_ms: Int64s, values: Float64s, ends_ms: Int64s, period_ms: int) -> Float64s:
    """The highest of the values of each period; NaN where there is none.

    Args:
        at_ms: When each value came, increasing; shape (n,).
        values: The values, NaN where one was lost; shape (n,).
        ends_ms: When each period ends, one period apart; shape (m,).
        period_ms: Length of a period, in milliseconds; a value at its end belongs to it.
    """
    found = np.full(len(ends_ms), np.nan)
    if len(ends_ms):
        place = np.searchsorted(ends_ms, at_ms)
        inside = (place < len(ends_ms)) & (at_ms > ends_ms[0] - period_ms)
        np.fmax.at(found, place[inside], values[inside])
    return found


def _never(number: int) -> tuple[int, float]:
    raise AssertionError(f"a value that comes once a cycle is never stuck: {number}")
