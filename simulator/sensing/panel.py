"""The sensors of a machine that are read at the same moments: one matrix of values, a row for each sensor."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from protocol.states import State
from simulator.sensing.chances import Chances
from simulator.sensing.look import Look
from simulator.sensing.noise import Factors
from simulator.sensing.physics import first_order, growth, swing, wear
from simulator.specs.sensor import STATES, Quotient, Sensor
from simulator.streams import Float64s

Int64s = npt.NDArray[np.int64]


class Panel:
    """Some sensors of one machine that are read at the same moments."""

    def __init__(
        self,
        sensors: Sequence[Sensor],
        noise: Callable[[Sequence[Sensor]], Factors],
        chances: Mapping[str, Chances],
    ) -> None:
        """Put them together.

        Args:
            sensors: The sensors.
            noise: Makes the noise of some of them.
            chances: What is wrong with a sensor, by its name, where something is.
        """
        self.names = tuple(sensor.name for sensor in sensors)
        """Their names, in the order of the rows."""
        self._levels = np.array([[sensor.levels[state] for state in STATES] for sensor in sensors])
        self._scales = np.array([[10.0**sensor.decimals] for sensor in sensors])
        self._shapes = {
            row: np.array(sensor.shape, dtype=np.float64).T.copy()
            for row, sensor in enumerate(sensors)
            if sensor.shape
        }
        self._laws = [
            (row, sensor)
            for row, sensor in enumerate(sensors)
            if sensor.tau_ms or sensor.shape or sensor.components or sensor.ambient or sensor.column
        ]
        places = {sensor.name: row for row, sensor in enumerate(sensors)}
        self._quotients = [
            (row, sensor.quotient, places[sensor.quotient.of], places[sensor.quotient.by])
            for row, sensor in enumerate(sensors)
            if sensor.quotient
        ]
        noisy = [row for row, sensor in enumerate(sensors) if sensor.noise]
        self._noisy: slice | list[int] = slice(None) if len(noisy) == len(sensors) else noisy
        self._noise = noise([sensors[row] for row in noisy]) if noisy else None
        self._chances = [(row, chances[name]) for row, name in enumerate(self.names) if name in chances]

    def read(self, numbers: Int64s, look: Callable[[Int64s], Look]) -> Float64s:
        """What every sensor shows at the readings of some numbers.

        Args:
            numbers: Numbers of the readings, one after the other; shape (n,).
            look: What the machine does at the readings of some numbers.

        Returns:
            The values, as they are sent; shape (sensors, n).
        """
        seen = look(numbers)
        values = self.measure(numbers, seen)
        for row, chance in self._chances:
            values[row] = chance.spoil(numbers, seen.at_ms, values[row], self.alone(row, look))
        return self.rounded(values)

    def rounded(self, values: Float64s) -> Float64s:
        """Values as they are sent, in place; shape (sensors, n)."""
        values *= self._scales
        np.rint(values, out=values)
        values /= self._scales
        return values

    def alone(self, row: int, look: Callable[[Int64s], Look]) -> Callable[[int], tuple[int, float]]:
        """When a sensor is read at the reading of a number, and what it would show if nothing were wrong."""

        def measured(number: int) -> tuple[int, float]:
            numbers = np.array([number], dtype=np.int64)
            seen = look(numbers)
            return int(seen.at_ms[0]), float(self.measure(numbers, seen)[row, 0])

        return measured

    def measure(self, numbers: Int64s, look: Look) -> Float64s:
        """What they would show if nothing were wrong with them."""
        values: Float64s = self._levels.take(look.states, axis=1)
        for row, sensor in self._laws:
            values[row] = self._by_law(row, sensor, look, values[row])
        for row, quotient, above, below in self._quotients:
            values[row] = _quotient(quotient, values[above], values[below])
        if self._noise is not None and len(numbers):
            values[self._noisy] *= self._noise.factors(int(numbers[0]), len(numbers))
        return values

    def _by_law(self, row: int, sensor: Sensor, look: Look, level: Float64s) -> Float64s:
        if sensor.column:
            return look.moving(sensor.column)
        value = level
        if sensor.tau_ms:
            value = first_order(level, look.begun(sensor.name), look.since_ms, tau_ms=sensor.tau_ms)
        elif sensor.shape:
            at, share = self._shapes[row]
            value = np.where(look.running, value * np.interp(look.position, at, share), value)
        if sensor.worn:
            worn = 1 + sensor.worn.gain * wear(look.share(sensor.worn.component), sensor.worn.shape)
            value = np.where(look.running, value * worn, value)
        if sensor.growth:
            share = look.share(sensor.growth.component)
            # For most of a life nothing grows, and what is multiplied with 1 is the same.
            if len(share) and share.max() > sensor.growth.begins:
                grown = growth(share, sensor.growth, level=sensor.levels[State.RUNNING])
                value = np.where(look.running, value * grown, value)
        if sensor.ambient:
            value = value + swing(look.at_ms, sensor.ambient, tau_ms=sensor.tau_ms)
        return value


def _quotient(law: Quotient, above: Float64s, below: Float64s) -> Float64s:
    enough = below > law.least
    values: Float64s = np.where(enough, law.times * (above - law.less) / np.where(enough, below, 1.0), 0.0)
    return values
