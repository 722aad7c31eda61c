"""What the sensors of a machine show, computed from the table of its intervals."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby
from math import exp

import numpy as np

from protocol.states import State
from simulator.behaviour.diary import Diary
from simulator.behaviour.stretch import Int64s, Labels, Stretch
from simulator.sensing.chances import Chances, Imperfection, What
from simulator.sensing.cycles import Cycles, highest
from simulator.sensing.look import Look
from simulator.sensing.noise import Noise
from simulator.sensing.panel import Panel
from simulator.specs.flaws import NONE
from simulator.specs.kind import Kind
from simulator.specs.sensor import STATES, Sensor
from simulator.streams import Float64s, Stream

FAR_MS = 1 << 62
"""After all moments, in ms since 1970."""


class Sensors:
    """The sensors of one machine.

    Readings are taken at whole multiples of the machine's period since the run's epoch. A sensor with a
    longer period is silent (NaN) in the readings between its own, which are numbered for themselves.
    """

    def __init__(
        self,
        sensors: Sequence[Sensor],
        labels: Labels,
        kind: Kind,
        *,
        seed: int,
        machine: str,
        epoch_ms: int,
        added_ms: int,
    ) -> None:
        """Put them up.

        Args:
            sensors: Those of its kind that the machine has.
            labels: What the numbers of labels in its diary stand for.
            kind: The kind.
            seed: Seed of the plant.
            machine: Name of the machine, which keys its random numbers.
            epoch_ms: From when on periods count, ms since 1970.
            added_ms: When the machine was put up, ms since 1970.
        """
        self._sensors = tuple(sensors)
        self._labels = labels
        self._epoch_ms = epoch_ms
        self._added_ms = added_ms
        self._period_ms = kind.period_ms
        self._cycle_ms = kind.cycle_s * 1000
        self._seed = seed
        self._machine = machine
        self._lagged = tuple(sensor for sensor in sensors if sensor.tau_ms)
        self._levels = {
            sensor.name: np.array([sensor.levels[state] for state in STATES]) for sensor in self._lagged
        }
        self._chances = {sensor.name: self._chances_of(sensor) for sensor in sensors if sensor.flaws != NONE}
        read = sorted((sensor for sensor in sensors if not sensor.by_cycle), key=lambda one: one.period_ms)
        self._panels = {
            period_ms: Panel(list(together), self._noise, self._chances)
            for period_ms, together in groupby(read, key=lambda one: one.period_ms)
        }
        self._places = {
            name: (period_ms, row)
            for period_ms, panel in self._panels.items()
            for row, name in enumerate(panel.names)
        }
        by_cycle = [sensor for sensor in sensors if sensor.by_cycle]
        self._cycles = Cycles(by_cycle, self._stream, self._chances) if by_cycle else None
        self._well_ms = 0, 0
        """From when until when nothing is known to be wrong with them by chance, ms since 1970."""
        self._cycle_periods_ms = sorted({sensor.period_ms for sensor in by_cycle} - {0})
        self._at_ends = any(not sensor.period_ms for sensor in by_cycle)

    @property
    def lagged(self) -> tuple[str, ...]:
        """The signals that follow slowly, whose value at each interval's edge the diary keeps."""
        return tuple(sensor.name for sensor in self._lagged)

    @property
    def memory_ms(self) -> int:
        """How far back they ask the diary, in milliseconds before what is read."""
        stuck = [one.flaws.stuck.length_ms + 2 * one.period_ms for one in self._sensors if one.flaws.stuck]
        return max([*stuck, *(one.period_ms for one in self._sensors if one.by_cycle)], default=0)

    def fresh(self) -> dict[str, float]:
        """The value of each lagged signal when the machine is put up: switched on just then, so at idle."""
        return {sensor.name: sensor.levels[State.IDLE] for sensor in self._lagged}

    def after(self, row: Mapping[str, float], elapsed_ms: int) -> dict[str, float]:
        """The value of each lagged signal so long after the beginning of an interval.

        value(t) = level + (value(start) - level) * exp(-(t - start) / tau)
        """
        state = int(self._labels.states[int(row["label"])])
        values: dict[str, float] = {}
        for sensor in self._lagged:
            level = float(self._levels[sensor.name][state])
            away = row[sensor.name] - level
            values[sensor.name] = level + away * exp(-elapsed_ms / (sensor.tau_ms or 1.0))
        return values

    def follow(self, stretch: Stretch, values: Mapping[str, float]) -> dict[str, Float64s]:
        """The value of each lagged signal at the beginning of each interval of a stretch.

        Carried from edge to edge of the intervals, so that no cut of the readings can change it.

        Args:
            stretch: The intervals.
            values: The value of each when the first of them begins.
        """
        durations = np.diff(stretch.start_ms, append=stretch.end_ms).tolist()
        states = self._labels.states[stretch.label]
        edges: dict[str, Float64s] = {}
        for sensor in self._lagged:
            value = values[sensor.name]
            levels = self._levels[sensor.name][states].tolist()
            at_edges = []
            for level, duration_ms in zip(levels, durations, strict=True):
                at_edges.append(value)
                value = level + (value - level) * exp(-duration_ms / (sensor.tau_ms or 1.0))
            edges[sensor.name] = np.array(at_edges)
        return edges

    def read(self, diary: Diary, from_ms: int, to_ms: int) -> tuple[Int64s, dict[str, Float64s]]:
        """When they are read in (`from_ms`, `to_ms`], and what each shows then; NaN where it shows nothing.

        Args:
            diary: What the machine has lived, up to `to_ms` and from `memory_ms` before `from_ms` on.
            from_ms: Beginning of the span, ms since 1970.
            to_ms: End of the span, ms since 1970.
        """
        numbers = self._numbers(from_ms, to_ms, self._period_ms)
        at_ms = self._epoch_ms + numbers * self._period_ms
        columns: dict[str, Float64s] = {}
        for period_ms, panel in self._panels.items():
            every = period_ms // self._period_ms
            own = numbers if every == 1 else self._numbers(from_ms, to_ms, period_ms)
            shown = panel.read(own, partial(self._look, diary, period_ms))
            if every != 1:
                shown = _spread(shown, own * every - self._first(from_ms, self._period_ms), len(at_ms))
            columns |= zip(panel.names, shown, strict=True)
        if self._cycles is not None:
            own_ms, told = self._by_cycle(self._cycles, diary, from_ms, to_ms)
            if len(own_ms):
                read_ms, at_ms = at_ms, np.union1d(at_ms, own_ms)
                places = np.searchsorted(at_ms, read_ms)
                columns = {name: _spread(column, places, len(at_ms)) for name, column in columns.items()}
            columns |= {
                name: _spread(values, np.searchsorted(at_ms, moments_ms), len(at_ms))
                for name, (moments_ms, values) in told.items()
            }
        return at_ms, {sensor.name: columns[sensor.name] for sensor in self._sensors}

    def spoiled(self, name: str, diary: Diary, numbers: Int64s, values: Float64s) -> Float64s:
        """What a sensor shows at its readings of some numbers, if it would show these values else."""
        if self._chances[name].spares(int(numbers[0]), int(numbers[-1]) + 1):
            return values
        period_ms, row = self._places[name]
        look = partial(self._look, diary, period_ms)
        at_ms = self._epoch_ms + numbers * period_ms
        return self._chances[name].spoil(numbers, at_ms, values, self._panels[period_ms].alone(row, look))

    def have_moments(self, diary: Diary, from_ms: int, to_ms: int) -> bool:
        """Whether cycles bring readings at moments of their own in (`from_ms`, `to_ms`]."""
        return self._at_ends and len(diary.ended_within(from_ms, to_ms)[1]) > 0

    def highest(self, diary: Diary, from_ms: int, to_ms: int) -> dict[str, tuple[Int64s, Float64s]]:
        """The signals of which the highest value of a period's cycles is told in (`from_ms`, `to_ms`].

        Returns:
            When each is told, ms since 1970, and its values, NaN where no cycle ended.
        """
        if self._cycles is None or not any(
            self._numbered(from_ms, to_ms, period_ms) for period_ms in self._cycle_periods_ms
        ):
            return {}
        told = self._by_cycle(self._cycles, diary, from_ms, to_ms)[1]
        return {sensor.name: told[sensor.name] for sensor in self._cycles.sensors if sensor.period_ms}

    def imperfections(self, diary: Diary, from_ms: int, to_ms: int) -> list[Imperfection]:
        """What was wrong with them by chance at any moment in (`from_ms`, `to_ms`], in order.

        What began before the span, or goes on after it, is told with its own beginning and end.
        """
        well_from_ms, well_until_ms = self._well_ms
        if well_from_ms <= from_ms and to_ms < well_until_ms:
            return []
        found = [
            Imperfection(signal=sensor.name, what=what, begin_ms=begin_ms, end_ms=end_ms)
            for sensor in self._sensors
            if sensor.name in self._chances
            for what, begin_ms, end_ms in self._wrong(sensor, diary, from_ms, to_ms)
        ]
        if not found:
            self._well_ms = from_ms, self._well_until_ms(from_ms, to_ms)
        return sorted(found, key=lambda one: (one.begin_ms, one.signal, one.what))

    def _well_until_ms(self, from_ms: int, to_ms: int) -> int:
        """Up to when nothing is wrong with them if nothing is in a span; its beginning where nobody knows."""
        until_ms = FAR_MS
        for sensor in self._sensors:
            chances = self._chances.get(sensor.name)
            if chances is None:
                continue
            if sensor.by_cycle:
                return from_ms
            # Where none of its readings lies within, something may be under way until the next.
            numbers = self._numbered(from_ms, to_ms, sensor.period_ms)
            calm = chances.calm(numbers.start, max(numbers.stop, numbers.start + 1))
            if calm is None:
                return from_ms
            until_ms = min(until_ms, self._epoch_ms + calm * sensor.period_ms)
        return until_ms

    def _wrong(self, sensor: Sensor, diary: Diary, from_ms: int, to_ms: int) -> list[tuple[What, int, int]]:
        """What was wrong with one sensor, since when and until when."""
        chances = self._chances[sensor.name]
        if sensor.by_cycle:
            first, ends_ms = diary.ended_within(from_ms, to_ms)
            return [
                (what, at_ms, at_ms)
                for what, begin, end in chances.within(first, first + len(ends_ms))
                for at_ms in ends_ms[max(begin - first, 0) : end - first].tolist()
            ]
        numbers = self._numbered(from_ms, to_ms, sensor.period_ms)
        if not numbers:
            return []
        return [
            (what, self._epoch_ms + begin * sensor.period_ms, self._epoch_ms + end * sensor.period_ms)
            for what, begin, end in chances.within(numbers.start, numbers.stop)
        ]

    def _by_cycle(
        self, cycles: Cycles, diary: Diary, from_ms: int, to_ms: int
    ) -> tuple[Int64s, dict[str, tuple[Int64s, Float64s]]]:
        """The moments of readings that cycles have of their own, and moments and values of each signal."""
        longest_ms = max(sensor.period_ms for sensor in cycles.sensors)
        since_ms = max(from_ms - longest_ms, self._added_ms)
        ends_ms, values = cycles.read(diary, self._labels.states, since_ms, to_ms)
        events = int(np.searchsorted(ends_ms, from_ms, side="right"))
        told: dict[str, tuple[Int64s, Float64s]] = {}
        own_ms = np.empty(0, dtype=np.int64)
        for sensor, column in zip(cycles.sensors, values, strict=True):
            if sensor.period_ms:
                numbers = self._numbers(from_ms, to_ms, sensor.period_ms)
                periods_ms = self._epoch_ms + numbers * sensor.period_ms
                told[sensor.name] = periods_ms, highest(ends_ms, column, periods_ms, sensor.period_ms)
            else:
                own_ms = ends_ms[events:]
                told[sensor.name] = own_ms, column[events:]
        return own_ms, told

    def _numbered(self, from_ms: int, to_ms: int, period_ms: int) -> range:
        """The numbers of the readings in (`from_ms`, `to_ms`] at a period."""
        return range(self._first(from_ms, period_ms), (to_ms - self._epoch_ms) // period_ms + 1)

    def _numbers(self, from_ms: int, to_ms: int, period_ms: int) -> Int64s:
        """The same as a column."""
        numbers = self._numbered(from_ms, to_ms, period_ms)
        return np.arange(numbers.start, numbers.stop, dtype=np.int64)

    def _first(self, from_ms: int, period_ms: int) -> int:
        """The number of the first reading after a moment at a period."""
        return (from_ms - self._epoch_ms) // period_ms + 1

    def _look(self, diary: Diary, period_ms: int, numbers: Int64s) -> Look:
        return Look(diary, self._labels.states, self._epoch_ms + numbers * period_ms)

    def _noise(self, sensors: Sequence[Sensor]) -> Noise:
        streams = [self._stream("noise", sensor.name) for sensor in sensors]
        return Noise(streams, [sensor.noise for sensor in sensors])

    def _stream(self, purpose: str, signal: str) -> Stream:
        return Stream(self._seed, self._machine, f"{purpose}.{signal}")

    def _chances_of(self, sensor: Sensor) -> Chances:
        born = 0 if sensor.by_cycle else -((self._epoch_ms - self._added_ms) // sensor.period_ms)
        return Chances(
            sensor.flaws,
            lambda purpose: self._stream(purpose, sensor.name),
            step_ms=self._cycle_ms if sensor.by_cycle else sensor.period_ms,
            born=born,
            born_ms=self._added_ms,
        )


def _spread(shown: Float64s, places: Int64s, count: int) -> Float64s:
    """Values at their places among so many readings, NaN at the others; by the last axis."""
    spread = np.full((*shown.shape[:-1], count), np.nan)
    spread[..., places] = shown
    return spread
