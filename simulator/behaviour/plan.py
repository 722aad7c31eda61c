"""A plan: the cycles up to the next foreseen interruption, and what came of them when it is cut."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from simulator.behaviour.clock import Wear
from simulator.behaviour.cycles import PLANNED
from simulator.behaviour.stretch import CYCLE, HANDLING, Bools, Int64s, Stretch

COUNTS = np.arange(1.0, PLANNED + 1)
"""The counts of the cycles of a plan."""
ONE_CYCLE, ONE_HANDLING, HANDLING_AND_CYCLE = (
    np.array([CYCLE]),
    np.array([HANDLING]),
    np.array([HANDLING, CYCLE]),
)


class Progress(NamedTuple):
    """How far a plan had come."""

    cycles: int
    """Cycles done."""
    ran_ms: int
    """Running time since its beginning."""
    done_ms: int
    """How much of the cycle under way is done."""
    rest_ms: int
    """How much of the handling under way is left."""


class Plan(NamedTuple):
    """Cycles to come, the first of which may be under way, with the handling between them.

    A tuple, as `Progress` is: there is one for each stop of a year.
    """

    start_ms: int
    """When it begins."""
    end_ms: int
    """When it ends: with a cycle, or in the middle of one."""
    rest_ms: int
    """Handling that is left over before the first cycle."""
    done_ms: int
    """How much of the first cycle is done before."""
    cycles: int
    """So many cycles begin or go on, the one under way at the end included: k."""
    lengths: Int64s
    """Whole length of each of them; shape (k,) or longer."""
    handling: Int64s | None
    """Handling after each of them; None for none."""
    cycle_end_ms: Int64s
    """When each cycle that it completes ends; shape (n,), n = k or k - 1."""
    ran_ms: Int64s
    """Running time from the beginning to the end of each of those; shape (n,)."""

    @property
    def begin_ms(self) -> Int64s:
        """When each cycle begins or goes on; shape (k,)."""
        begin_ms = np.empty(self.cycles, dtype=np.int64)
        begin_ms[:1] = self.start_ms + self.rest_ms
        if self.cycles > 1:
            begin_ms[1:] = self.cycle_end_ms[: self.cycles - 1]
            if self.handling is not None:
                begin_ms[1:] += self.handling[: self.cycles - 1]
        return begin_ms

    def progress(self, at_ms: int) -> Progress:
        """How far it has come at a moment within it; a cycle that ends then is done."""
        cycles = len(self.cycle_end_ms)
        # Most plans are carried out to the end.
        if cycles and self.cycle_end_ms[-1] > at_ms:
            cycles = int(self.cycle_end_ms.searchsorted(at_ms, side="right"))
        if not cycles:
            begun_ms = self.start_ms + self.rest_ms
            if at_ms < begun_ms:
                return Progress(cycles=0, ran_ms=0, done_ms=self.done_ms, rest_ms=begun_ms - at_ms)
            ran_ms = at_ms - begun_ms
            return Progress(cycles=0, ran_ms=ran_ms, done_ms=self.done_ms + ran_ms, rest_ms=0)
        ran_ms = int(self.ran_ms[cycles - 1])
        after_ms = at_ms - int(self.cycle_end_ms[cycles - 1])
        handling_ms = 0 if self.handling is None else int(self.handling[cycles - 1])
        if after_ms < handling_ms or not after_ms:
            return Progress(cycles=cycles, ran_ms=ran_ms, done_ms=0, rest_ms=handling_ms - after_ms)
        done_ms = after_ms - handling_ms
        return Progress(cycles=cycles, ran_ms=ran_ms + done_ms, done_ms=done_ms, rest_ms=0)


def plan(
    *,
    start_ms: int,
    rest_ms: int,
    done_ms: int,
    lengths: Int64s,
    handling: Int64s | None,
    ran: Int64s,
    ran_ms: int,
) -> Plan:
    """The plan of so many whole cycles, and of what more is run within so much running time.

    Args:
        start_ms: When it begins.
        rest_ms: Handling that is left over.
        done_ms: How much of the first cycle is done.
        lengths: Whole length of each cycle to come; at least one more than are complete, if more is run.
        handling: Handling after each of them; None for none.
        ran: Running time up to the end of each cycle that is completed.
        ran_ms: Running time in all.
    """
    complete = len(ran)
    more_ms = ran_ms - (int(ran[-1]) if complete else 0)
    cycle_end_ms = ran + (start_ms + rest_ms)
    if handling is not None and complete > 1:
        cycle_end_ms[1:] += handling[: complete - 1].cumsum()
    end_ms = int(cycle_end_ms[-1]) if complete else start_ms + rest_ms
    if more_ms:
        end_ms += more_ms
        if handling is not None and complete:
            end_ms += int(handling[complete - 1])
    return Plan(
        start_ms,
        end_ms,
        rest_ms,
        done_ms,
        complete + (1 if more_ms else 0),
        lengths,
        handling,
        cycle_end_ms,
        ran,
    )


class Written:
    """A plan as it is written into the diary of a machine.

    Args:
        made: The plan.
        wears: The wear of each component when it begins.
        part_ms: When each part is made.
        rejected: Whether it is rejected.
    """

    __slots__ = ("_made", "_wears", "end_ms", "part_ms", "rejected", "start_ms")

    def __init__(self, made: Plan, wears: Mapping[str, Wear], part_ms: Int64s, rejected: Bools) -> None:
        self.start_ms = made.start_ms
        self.end_ms = made.end_ms
        self.part_ms = part_ms
        self.rejected = rejected
        self._made = made
        self._wears = wears

    def stretch(self) -> Stretch:
        """All of it."""
        return stretch_of(self._made, self._wears, self.part_ms, self.rejected)

    def labels(self) -> tuple[Int64s, Int64s]:
        """When each label in it begins, and its number."""
        return labels_of(self._made)


def labels_of(made: Plan) -> tuple[Int64s, Int64s]:
    """When each label of a plan begins, and its number; cycles without handling between them are one."""
    if made.handling is not None:
        return _intervals(made, made.begin_ms)
    begun_ms = made.start_ms + made.rest_ms
    if not made.rest_ms:
        return np.array([begun_ms]), ONE_CYCLE
    if not made.cycles:
        return np.array([made.start_ms]), ONE_HANDLING
    return np.array([made.start_ms, begun_ms]), HANDLING_AND_CYCLE


def _intervals(made: Plan, begin_ms: Int64s) -> tuple[Int64s, Int64s]:
    """When each interval of a plan begins, and the number of its label."""
    count = made.cycles
    first = 1 if made.rest_ms else 0
    step = 1 if made.handling is None else 2
    size = first + max(step * count - (step - 1), 0)
    start_ms = np.empty(size, dtype=np.int64)
    label = np.full(size, CYCLE, dtype=np.int64)
    if first:
        start_ms[0] = made.start_ms
        label[0] = HANDLING
    start_ms[first::step] = begin_ms
    if step > 1 and count > 1:
        start_ms[first + 1 :: 2] = made.cycle_end_ms[: count - 1]
        label[first + 1 :: 2] = HANDLING
    return start_ms, label


def stretch_of(made: Plan, wears: Mapping[str, Wear], part_ms: Int64s, rejected: Bools) -> Stretch:
    """The intervals of a plan: handling left over, cycles, and the handling between them.

    Args:
        made: The plan.
        wears: The wear of each component when it begins.
        part_ms: When each part is made.
        rejected: Whether it is rejected.
    """
    count = made.cycles
    first = 1 if made.rest_ms else 0
    step = 1 if made.handling is None else 2
    start_ms, label = _intervals(made, made.begin_ms)
    size = len(start_ms)
    floats = np.zeros((3, size))
    position, pace, cycles = floats[0], floats[1], floats[2]
    ran_ms = np.zeros(size, dtype=np.int64)
    begun = made.done_ms / int(made.lengths[0]) if count else 0.0
    if first:
        position[0] = 1.0
        cycles[0] = begun
    if count:
        np.divide(1.0, made.lengths[:count], out=pace[first::step])
        position[first] = begun
        cycles[first] = begun
    if count > 1:
        done = made.ran_ms[: count - 1]
        counts = COUNTS[: count - 1]
        ran_ms[first + step :: step] = done
        cycles[first + step :: step] = counts
        if step > 1:
            position[first + 1 :: 2] = 1.0
            ran_ms[first + 1 :: 2] = done
            cycles[first + 1 :: 2] = counts
    along = {symptom: wear.along(start_ms, ran_ms, cycles, pace) for symptom, wear in wears.items()}
    return Stretch(
        start_ms=start_ms,
        end_ms=made.end_ms,
        label=label,
        position=position,
        pace=pace,
        part_ms=part_ms,
        rejected=rejected,
        worn={symptom: worn for symptom, (worn, _) in along.items()},
        wearing={symptom: slope for symptom, (_, slope) in along.items()},
    )
