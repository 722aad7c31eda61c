"""A plan: the cycles up to the next foreseen interruption, and what came of them when it is cut."""

from dataclasses import dataclass

import numpy as np

from simulator.behaviour.stretch import CYCLE, HANDLING, Int64s
from simulator.streams import Float64s


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
        cycles = int(np.searchsorted(self.cycle_end_ms, at_ms, side="right"))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The intervals of a plan."""

    start_ms: Int64s
    """When each begins; shape (n,)."""
    label: Int64s
    """Cycle or handling; shape (n,)."""
    position: Float64s
    """Where in its cycle each begins; shape (n,)."""
    pace: Float64s
    """Share of a cycle in a millisecond; shape (n,)."""
    ran_ms: Int64s
    """Running time from the plan's beginning to each; shape (n,)."""
    cycles: Float64s
    """Cycles done from the plan's beginning to each, with the part done before; shape (n,)."""


def plan(
    *,
    start_ms: int,
    rest_ms: int,
    done_ms: int,
    lengths: Int64s,
    handling: Int64s | None,
    complete: int,
    ran_ms: int,
) -> Plan:
    """The plan of so many whole cycles, and of what more is run within so much running time.

    Args:
        start_ms: When it begins.
        rest_ms: Handling that is left over.
        done_ms: How much of the first cycle is done.
        lengths: Whole length of each cycle to come; at least one more than are complete, if more is run.
        handling: Handling after each of them; None for none.
        complete: How many cycles are completed.
        ran_ms: Running time in all.
    """
    ends = np.cumsum(lengths[: complete + 1])
    ends -= done_ms
    ran = ends[:complete]
    more_ms = ran_ms - (int(ran[-1]) if complete else 0)
    count = complete + (1 if more_ms else 0)
    begin_ms = np.empty(count, dtype=np.int64)
    cycle_end_ms = ran + (start_ms + rest_ms)
    if handling is not None and complete:
        before = np.cumsum(handling[: max(count - 1, 0)])
        cycle_end_ms[1:] += before[: complete - 1]
        if count:
            begin_ms[0] = start_ms + rest_ms
            begin_ms[1:] = cycle_end_ms[: count - 1] + handling[: count - 1]
    elif count:
        begin_ms[0] = start_ms + rest_ms
        begin_ms[1:] = cycle_end_ms[: count - 1]
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


def rows_of(made: Plan) -> Rows:
    """The intervals of a plan: handling left over, cycles, and the handling between them."""
    count = len(made.begin_ms)
    first = 1 if made.rest_ms else 0
    step = 1 if made.handling is None else 2
    size = first + max(step * count - (step - 1), 0)
    start_ms = np.empty(size, dtype=np.int64)
    label = np.full(size, CYCLE, dtype=np.int64)
    position = np.zeros(size)
    pace = np.zeros(size)
    ran_ms = np.zeros(size, dtype=np.int64)
    cycles = np.zeros(size)
    begun = made.done_ms / int(made.lengths[0]) if count else 0.0
    if first:
        start_ms[0] = made.start_ms
        label[0] = HANDLING
        position[0] = 1.0
        cycles[0] = begun
    if count:
        start_ms[first::step] = made.begin_ms
        pace[first::step] = 1.0 / made.lengths
        position[first] = begun
        done = made.ran_ms[: count - 1]
        ran_ms[first + step :: step] = done
        cycles[first] = begun
        cycles[first + step :: step] = np.arange(1, count)
        if step > 1:
            start_ms[first + 1 :: 2] = made.cycle_end_ms[: count - 1]
            label[first + 1 :: 2] = HANDLING
            position[first + 1 :: 2] = 1.0
            ran_ms[first + 1 :: 2] = done
            cycles[first + 1 :: 2] = np.arange(1, count)
    return Rows(start_ms=start_ms, label=label, position=position, pace=pace, ran_ms=ran_ms, cycles=cycles)
