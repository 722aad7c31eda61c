"""A plan: the cycles up to the next foreseen interruption, and what came of them when it is cut."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.behaviour.clock import Wear
from simulator.behaviour.cycles import PLANNED
from simulator.behaviour.stretch import CYCLE, HANDLING, Bools, Int64s, Stretch

COUNTS = np.arange(1.0, PLANNED + 1)
"""The counts of the cycles of a plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a plan had come."""

    cycles: int
    """Cycles done."""
    ran_ms: int
    """Running time since its beginning."""
    done_ms: int
    """How much of the cycle under way is done."""
    rest_ms: int
    """How much of the handling under way is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Cycles to come, the first of which may be under way, with the handling between them."""

    start_ms: int
    """When it begins."""
    end_ms: int
    """When it ends: with a cycle, or in the middle of one."""
    rest_ms: int
    """Handling that is left over before the first cycle."""
    done_ms: int
    """How much of the first cycle is done before."""
    lengths: Int64s
    """Whole length of each cycle, the one under way at the end included; shape (k,)."""
    handling: Int64s | None
    """Handling after each of them; None for none."""
    begin_ms: Int64s
    """When each cycle begins or goes on; shape (k,)."""
    cycle_end_ms: Int64s
    """When each cycle that it completes ends; shape (n,), n = k or k - 1."""
    ran_ms: Int64s
    """Running time from the beginning to the end of each of those; shape (n,)."""

    def progress(self, at_ms: int) -> Progress:
        """How far it has come at a moment within it; a cycle that ends then is done."""
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
    count = complete + (1 if more_ms else 0)
    begin_ms = np.empty(count, dtype=np.int64)
    cycle_end_ms = ran + (start_ms + rest_ms)
    if count:
        begin_ms[0] = start_ms + rest_ms
    if handling is None:
        begin_ms[1:] = cycle_end_ms[: count - 1]
    elif count > 1:
        cycle_end_ms[1:] += handling[: complete - 1].cumsum()
        begin_ms[1:] = cycle_end_ms[: count - 1] + handling[: count - 1]
    if more_ms:
        end_ms = int(begin_ms[-1]) + more_ms
    elif complete:
        end_ms = int(cycle_end_ms[-1])
    else:
        end_ms = start_ms + rest_ms
    return Plan(
        start_ms=start_ms,
        end_ms=end_ms,
        rest_ms=rest_ms,
        done_ms=done_ms,
        lengths=lengths[:count],
        handling=None if handling is None else handling[:count],
        begin_ms=begin_ms,
        cycle_end_ms=cycle_end_ms,
        ran_ms=ran,
    )


def stretch_of(made: Plan, wears: Mapping[str, Wear], part_ms: Int64s, rejected: Bools) -> Stretch:
    """The intervals of a plan: handling left over, cycles, and the handling between them.

    Args:
        made: The plan.
        wears: The wear of each component when it begins.
        part_ms: When each part is made.
        rejected: Whether it is rejected.
    """
    count = len(made.begin_ms)
    first = 1 if made.rest_ms else 0
    step = 1 if made.handling is None else 2
    size = first + max(step * count - (step - 1), 0)
    start_ms = np.empty(size, dtype=np.int64)
    label = np.empty(size, dtype=np.int64)
    floats = np.zeros((3, size))
    position, pace, cycles = floats[0], floats[1], floats[2]
    ran_ms = np.zeros(size, dtype=np.int64)
    label[first::step] = CYCLE
    begun = made.done_ms / int(made.lengths[0]) if count else 0.0
    if first:
        start_ms[0] = made.start_ms
        label[0] = HANDLING
        position[0] = 1.0
        cycles[0] = begun
    if count:
        start_ms[first::step] = made.begin_ms
        np.divide(1.0, made.lengths, out=pace[first::step])
        position[first] = begun
        cycles[first] = begun
    if count > 1:
        done = made.ran_ms[: count - 1]
        counts = COUNTS[: count - 1]
        ran_ms[first + step :: step] = done
        cycles[first + step :: step] = counts
        if step > 1:
            start_ms[first + 1 :: 2] = made.cycle_end_ms[: count - 1]
            label[first + 1 :: 2] = HANDLING
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
