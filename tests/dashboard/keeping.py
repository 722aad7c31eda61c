"""A keeper of states, an office around it, and what tests give to them."""

from collections.abc import Sequence

from dashboard.intervals import Intervals, Splice, Timeline
from dashboard.states.keeper import MARGIN_MS, Keeper
from dashboard.states.knowledge import Knowledge, lasting_at_least
from protocol.messages import Threshold
from protocol.readings import Batch

PERIOD_MS = 10
LEVELS = Threshold(signal="power_kw", above=6.0, below=3.0)
REPORTED = Knowledge.reported(PERIOD_MS)
SENSED = Knowledge.sensed(LEVELS, PERIOD_MS)
LEARNING = Knowledge.learning(PERIOD_MS)
LASTING = lasting_at_least(SENSED, 25)
SHORTLY = lasting_at_least(SENSED, 12)

Told = tuple[int, Batch]


def apply(keeper: Keeper, told: Told) -> Splice | None:
    """Give a batch with its moment to a keeper."""
    return keeper.apply(told[1], told[0])


def span(told: Told) -> tuple[int, int]:
    """First and last moment that a batch tells of."""
    at_ms, batch = told
    moments = [at_ms, *(at_ms + batch.offsets_ms).tolist()]
    moments += [at_ms + one.offset_ms for one in batch.changes]
    return min(moments), max(moments)


def office(
    told: Sequence[Told], knowledge: Knowledge, margin_ms: int = MARGIN_MS, restart_at: int = -1
) -> tuple[Timeline, Keeper]:
    """What an office keeps that gets batches in this order, and asks wider where it must."""
    line, keeper = Timeline(), Keeper(knowledge)
    kept: list[Told] = []
    for place, (at_ms, batch) in enumerate(told):
        if place == restart_at and keeper.last_at_ms is not None:
            state, cause, _ = line.state_at(line.known_until_ms - 1)
            last_at_ms = line.known_until_ms - knowledge.period_ms
            keeper = Keeper(knowledge, last_at_ms, state, cause, keeper.pending)
        splice = keeper.apply(batch, at_ms)
        margin = margin_ms
        while splice is None or not splice.settled:
            splice = late(keeper, line, kept, (at_ms, batch), margin)
            margin *= 2
        line.splice(splice)
        kept.append((at_ms, batch))
    return line, keeper


def late(keeper: Keeper, line: Timeline, kept: list[Told], told: Told, margin_ms: int) -> Splice:
    begin, end = span(told)
    near = [one for one in kept if span(one)[1] >= begin - margin_ms and span(one)[0] <= end + margin_ms]
    return keeper.rederive(near, [told], line.state_at, margin_ms)


def whole(line: Timeline) -> Intervals:
    return line.window(line.from_ms, line.known_until_ms)
