"""What every replication must keep, or its figures are worth nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose

from protocol.states import State
from simulator.phase import STATE_OF, Phase
from simulator.specs.machine import MachineSpec
from simulator.study.figures import of_machine
from simulator.study.tally import Tally
from simulator.study.witness import Count, Inside, Stock

OF_PEOPLE = (Phase.UNNOTICED, Phase.WAITING_FOR_PERSON, Phase.WALKING)
"""Down, or in setup where it is a setup that waits for its person."""


class ConservationError(RuntimeError):
    """Raised when the sums of a replication contradict each other; says of whom, and by how much.

    mill-1: its phases add up to 86400001 ms in a window of 86400000 ms
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocktaking:
    """All parts of the plant, counted at one moment."""

    machines: Mapping[str, Count]
    """What each machine has made."""
    buffers: Mapping[str, Stock]
    """What is in each buffer, by the machine that it feeds."""
    trains: Mapping[tuple[str, ...], Inside]
    """What is within machines that are coupled rigidly, or within a single one."""


def check(spec: MachineSpec, tally: Tally, *, window_ms: int) -> None:
    """Hold the sums of one machine against each other.

    Raises:
        ConservationError: They do not add up.
    """
    name = spec.name
    spent_ms = sum(tally.label_ms)
    if spent_ms != window_ms:
        raise ConservationError(f"{name}: its phases add up to {spent_ms} ms in a window of {window_ms} ms")
    for label, ms in zip(tally.labels, tally.label_ms, strict=True):
        if ms < 0:
            raise ConservationError(f"{name}: it spent {ms} ms in {label.phase}")
        allowed = (State.DOWN, State.SETUP) if label.phase in OF_PEOPLE else (STATE_OF[label.phase],)
        if label.state not in allowed:
            raise ConservationError(f"{name}: it was {label.state} while in {label.phase}")
    good = tally.parts - tally.rejects
    if not 0 <= good <= tally.parts:
        raise ConservationError(f"{name}: of {tally.parts} parts, {tally.rejects} were rejected")
    if spec.settings.makes_parts:
        _check_oee(spec, tally)


def _check_oee(spec: MachineSpec, tally: Tally) -> None:
    """OEE telescopes: what is not measured by time follows from parts and calendar alone."""
    figures = of_machine(tally, ideal_cycle_s=spec.settings.ideal_cycle_s)
    product = 1.0
    for key in ("utilization", "performance", "quality"):
        product *= figures[key,] or 0.0
    oee = figures["oee",] or 0.0
    if not isclose(product, oee, rel_tol=1e-9, abs_tol=1e-12):
        raise ConservationError(
            f"{spec.name}: utilization x performance x quality is {product!r}, "
            f"ideal cycle x good / window {oee!r}"
        )


def check_flow(specs: Mapping[str, MachineSpec], before: Stocktaking, after: Stocktaking) -> None:
    """Hold what went into each machine, line and buffer against what came out and what is still there.

    Raises:
        ConservationError: Parts appeared or vanished, or a counter fell.
    """
    for name, count in after.machines.items():
        parts = count.parts - before.machines[name].parts
        rejects = count.rejects - before.machines[name].rejects
        if not 0 <= rejects <= parts:
            raise ConservationError(f"{name}: its counters rose by {parts} parts and {rejects} rejects")
    for name, stock in after.buffers.items():
        first = before.buffers[name]
        came, went, more = stock.came - first.came, stock.went - first.went, stock.level - first.level
        if came - went != more:
            raise ConservationError(
                f"buffer before {name}: {came} parts came and {went} went, and it holds {more} more"
            )
        feed = specs[name].feed
        room = feed.buffer_parts if feed else 0
        if not 0 <= stock.level <= room:
            raise ConservationError(f"buffer before {name}: it holds {stock.level} parts, of at most {room}")
    for members in after.trains:
        _check_train(specs, members, before, after)


def _check_train(
    specs: Mapping[str, MachineSpec], members: tuple[str, ...], before: Stocktaking, after: Stocktaking
) -> None:
    if not all(specs[name].settings.makes_parts for name in members):
        return

    def risen(name: str) -> tuple[int, int]:
        first, last = before.machines[name], after.machines[name]
        return last.parts - first.parts, last.rejects - first.rejects

    who = " and ".join(members)
    good = [parts - rejects for parts, rejects in map(risen, members)]
    for place, name in enumerate(members[1:]):
        if risen(name)[0] != good[place]:
            raise ConservationError(
                f"{name}: it made {risen(name)[0]} parts of {good[place]} good ones of {members[place]}"
            )
    first, last = before.trains[members], after.trains[members]
    sinks = [
        name for name in after.buffers if (feed := specs[name].feed) is not None and feed.after == members[-1]
    ]
    if sinks:
        out = sum(after.buffers[name].came - before.buffers[name].came for name in sinks)
        more = last.finished - first.finished
        if good[-1] != out + more:
            raise ConservationError(
                f"{who}: {good[-1]} good parts were made, {out} passed on, and {more} more are kept"
            )
    if members[0] in after.buffers:
        taken = after.buffers[members[0]].went - before.buffers[members[0]].went
        more = last.begun - first.begun
        made = risen(members[0])[0]
        if taken != made + more:
            raise ConservationError(
                f"{who}: {taken} parts were taken, {made} made, and {more} more are begun"
            )
