"""What a machine is doing at some moments: the columns from which its sensors are computed."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from protocol.states import State
from simulator.behaviour.diary import Diary
from simulator.specs.sensor import STATES
from simulator.streams import Float64s

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
RUNNING = STATES.index(State.RUNNING)


class Look:
    """A look into the diary of a machine at n moments."""

    def __init__(self, diary: Diary, states: Int64s, at_ms: Int64s, *, just_before: bool = False) -> None:
        """Look.

        Args:
            diary: What the machine has lived.
            states: The place in `STATES` of the state of each label.
            at_ms: The moments, ms since 1970; shape (n,).
            just_before: Whether to see what ends at each moment, in place of what begins there.
        """
        self.at_ms = at_ms
        self._diary = diary
        self._shares: dict[str, Float64s] = {}
        self._rows = diary.at(at_ms - 1 if just_before else at_ms)
        self.states: Int64s = states[diary.column("label")[self._rows]]
        """The place in `STATES` of the state at each moment."""
        self.since_ms: Int64s = at_ms - diary.column("start_ms")[self._rows]
        """Time since the interval began, in milliseconds."""

    @cached_property
    def running(self) -> Bools:
        """Whether it runs."""
        running: Bools = self.states == RUNNING
        return running

    @cached_property
    def pace(self) -> Float64s:
        """By how much of a cycle the position rises in a millisecond."""
        return self.begun("pace")

    @cached_property
    def position(self) -> Float64s:
        """Where in its cycle it is, from 0 to 1."""
        return self.begun("position") + self.since_ms * self.pace

    def begun(self, column: str) -> Float64s:
        """What a column of the diary says of the beginning of the interval."""
        values: Float64s = self._diary.column(column)[self._rows]
        return values

    def moving(self, column: str) -> Float64s:
        """What moves in straight lines, such as `pressure_bar`, by its column and `pressure_bar_per_ms`."""
        values: Float64s = np.maximum(
            self.begun(column) + self.since_ms * self.begun(f"{column}_per_ms"), 0.0
        )
        return values

    def share(self, component: str) -> Float64s:
        """The share of a component's life that is used, from 0 to 1."""
        share = self._shares.get(component)
        if share is None:
            used = self.begun(f"worn.{component}") + self.since_ms * self.begun(f"wearing.{component}")
            share = self._shares[component] = np.minimum(used, 1.0)
        return share
