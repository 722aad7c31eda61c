"""The days of a machine: cycles, waits, setups, jams and breakdowns, one stretch after the other."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from simulator.behaviour.stretch import CYCLE, HANDLING, Int64s, Stretch
from simulator.phase import BETWEEN_CYCLES
from simulator.specs.kind import Kind, Length, Stop
from simulator.streams import BLOCK, Draws, Float64s, Stream, exponential, lognormal, weibull


def live(kind: Kind, *, seed: int, machine: str, start_ms: int) -> Iterator[Stretch]:
    """The life of a machine from a moment on, for ever.

    The cycles between two stops are lived in bulk. Every stop's clock runs in running time or in
    parts, and begins somewhere in its first stretch: the machine was there before the moment.

    Args:
        kind: Its settings.
        seed: Seed of the plant.
        machine: Its name, which keys its random numbers.
        start_ms: When it begins, ms since 1970.

    Yields:
        Stretches, each beginning where the last one ended.
    """
    cycles = _Cycles(kind, seed, machine)
    clocks: list[_Clock] = []
    label = HANDLING + 1
    for stop in kind.stops:
        clocks.append(_Clock(stop, seed, machine, label))
        label += len(stop.causes)
    now_ms = start_ms
    part = 0  # the count of the cycle under way
    done_ms = int(cycles.lengths(0)[0] * cycles.begun)  # how much of it is done
    while True:
        # Never beyond the block, so that every number is drawn in the same company however long it lasts.
        first = part % BLOCK
        lengths = cycles.lengths(part // BLOCK)[first:]
        ends = np.cumsum(lengths) - done_ms  # in running time from now on
        due, clock = min(
            ((clock.due_ms(ends, done_ms), clock) for clock in clocks),
            key=lambda pair: pair[0],
            default=(int(ends[-1]), None),
        )
        if due > ends[-1]:
            due, clock = int(ends[-1]), None
        complete = int(np.searchsorted(ends, due, side="right"))
        between = clock is not None and clock.stop.phase in BETWEEN_CYCLES
        stretch = cycles.stretch(now_ms, part, done_ms, complete, due, waits_at_end=not between)
        if stretch is not None:
            yield stretch
            now_ms = stretch.end_ms
        for other in clocks:
            other.ran(due, complete)
        part += complete
        done_ms = due - int(ends[complete - 1]) if complete else done_ms + due
        if clock is not None:
            length_ms, label = clock.strike()
            yield _pause(now_ms, length_ms, label, position=done_ms / int(cycles.length(part)))
            now_ms += length_ms


class _Cycles:
    """The cycles of a machine, and the handling after each."""

    def __init__(self, kind: Kind, seed: int, machine: str) -> None:
        self._length = Draws(Stream(seed, machine, "cycle"), partial(_lengths, kind.cycle))
        self._handling = (
            Draws(Stream(seed, machine, "handling"), partial(_lengths, kind.handling))
            if kind.handling
            else None
        )
        self._scrap = Draws(Stream(seed, machine, "scrap"), lambda uniforms: uniforms)
        self._share = kind.scrap
        self._makes_parts = kind.makes_parts
        self.begun: float = float(Stream(seed, machine, "begun.cycle").uniforms(0, 1)[0])

    def lengths(self, block: int) -> Int64s:
        """The lengths of a block of cycles, in milliseconds."""
        return self._length.block(block).astype(np.int64)

    def length(self, part: int) -> int:
        """The length of one cycle, in milliseconds."""
        return int(self._length[part])

    def stretch(
        self, now_ms: int, part: int, done_ms: int, complete: int, running_ms: int, *, waits_at_end: bool
    ) -> Stretch | None:
        """So many complete cycles, each with its handling, and the beginning of the next one.

        Args:
            now_ms: When it begins.
            part: Count of the first cycle.
            done_ms: How much of the first cycle was done before.
            complete: How many cycles end within.
            running_ms: Running time in all.
            waits_at_end: Whether the handling after the last complete cycle belongs to it; no, when a
                stop between cycles takes its place.
        """
        block, first = divmod(part, BLOCK)
        begun = slice(first, first + complete + 1)
        whole = self.lengths(block)[begun]
        work = whole.copy()
        position = np.zeros(len(work))
        if len(work):
            work[0] -= done_ms
            position[0] = done_ms / int(whole[0])
        if len(work) > complete:
            work[complete] = running_ms - int(work[:complete].sum())
        handling = np.zeros(len(work), dtype=np.int64)
        if self._handling is not None:
            handling[:complete] = self._handling.block(block)[first : first + complete].astype(np.int64)
            if complete and not waits_at_end:
                handling[complete - 1] = 0
        edges = np.empty(2 * len(work) + 1, dtype=np.int64)
        edges[0] = now_ms
        edges[1::2] = work
        edges[2::2] = handling
        edges = np.cumsum(edges)
        kept = np.flatnonzero(np.diff(edges))
        if not len(kept):
            return None
        starts = np.empty(2 * len(work))
        starts[0::2] = position
        starts[1::2] = 1.0
        paces = np.zeros(2 * len(work))
        paces[0::2] = 1.0 / whole
        labels = np.empty(2 * len(work), dtype=np.int64)
        labels[0::2] = CYCLE
        labels[1::2] = HANDLING
        made = complete if self._makes_parts else 0
        return Stretch(
            start_ms=edges[kept],
            end_ms=int(edges[-1]),
            label=labels[kept],
            position=starts[kept],
            pace=paces[kept],
            part_ms=edges[1 : 2 * made : 2],
            rejected=self._scrap.block(block)[first : first + made] < self._share,
        )


class _Clock:
    """When a sort of stop comes next. The k-th stop draws the same whatever happened before."""

    def __init__(self, stop: Stop, seed: int, machine: str, label: int) -> None:
        def draws(purpose: str) -> Stream:
            return Stream(seed, machine, f"{stop.name}.{purpose}")

        self.stop = stop
        self._label = label
        self._k = 0
        self._life = Draws(draws("life"), partial(_life, stop))
        self._length = Draws(draws("length"), partial(_lengths, stop.length))
        self._cause = Draws(draws("cause"), lambda uniforms: uniforms)
        weights = np.cumsum([weight for _, weight in stop.causes])
        self._shares = weights / weights[-1]
        begun = 1 - float(draws("begun").uniforms(0, 1)[0])
        self._left = max(1, int(self._life[0] * begun))  # running milliseconds, or parts

    def due_ms(self, ends: Int64s, done_ms: int) -> int:
        """The running time from now to the stop; more than the last of the cycles' ends if it comes later."""
        if self.stop.every_parts is not None:
            if self._left <= 0 and done_ms == 0:
                return 0
            cycle = max(self._left, 1) - 1
        elif self.stop.phase in BETWEEN_CYCLES:
            cycle = int(np.searchsorted(ends, self._left, side="left"))
        else:
            return self._left
        return int(ends[cycle]) if cycle < len(ends) else int(ends[-1]) + 1

    def ran(self, running_ms: int, parts: int) -> None:
        """Count what was run since."""
        self._left -= running_ms if self.stop.every_parts is None else parts

    def strike(self) -> tuple[int, int]:
        """Length in milliseconds and label of the stop that is due, and the clock wound up again."""
        length_ms = int(self._length[self._k])
        cause = int(np.searchsorted(self._shares, self._cause[self._k], side="right"))
        self._k += 1
        self._left = int(self._life[self._k])
        return length_ms, self._label + cause


def _life(stop: Stop, uniforms: Float64s) -> Float64s:
    if stop.every_parts is not None:
        fewest, most = stop.every_parts
        return np.floor(fewest + uniforms * (most - fewest + 1))
    mean = stop.every_ms or 0.0
    lives = (
        exponential(uniforms, mean=mean)
        if stop.shape == 1
        else weibull(uniforms, mean=mean, shape=stop.shape)
    )
    return np.maximum(np.rint(lives), 1.0)


def _lengths(length: Length, uniforms: Float64s) -> Float64s:
    lengths = lognormal(uniforms, median=length.median_ms, sigma=length.sigma)
    return np.maximum(np.rint(lengths), 1.0)


def _pause(start_ms: int, length_ms: int, label: int, *, position: float) -> Stretch:
    return Stretch(
        start_ms=np.array([start_ms], dtype=np.int64),
        end_ms=start_ms + length_ms,
        label=np.array([label], dtype=np.int64),
        position=np.array([position]),
        pace=np.zeros(1),
        part_ms=np.empty(0, dtype=np.int64),
        rejected=np.empty(0, dtype=np.bool_),
    )
