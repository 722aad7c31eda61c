"""What every replication must keep, or its figures are worth nothing."""

from math import isclose

from simulator.phase import STATE_OF
from simulator.specs.machine import MachineSpec
from simulator.study.figures import of_machine
from simulator.study.tally import Tally


class ConservationError(RuntimeError):
    """Raised when the sums of a replication contradict each other; says of whom, and by how much.

    mill-1: its phases add up to 86400001 ms in a window of 86400000 ms
    """


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
        if label.state is not STATE_OF[label.phase]:
            raise ConservationError(f"{name}: it was {label.state} while in {label.phase}")
    good = tally.parts - tally.rejects
    if not 0 <= good <= tally.parts:
        raise ConservationError(f"{name}: of {tally.parts} parts, {tally.rejects} were rejected")
    if not spec.settings.makes_parts:
        return
    figures = of_machine(tally, ideal_cycle_s=spec.settings.ideal_cycle_s)
    factors = [figures[key,] for key in ("utilization", "performance", "quality")]
    oee = figures["oee",]
    product = 1.0
    for factor in factors:
        product *= factor if factor is not None else 0.0
    if not isclose(product, oee or 0.0, rel_tol=1e-9, abs_tol=1e-12):
        raise ConservationError(
            f"{name}: utilization x performance x quality is {product!r}, ideal cycle x good / window {oee!r}"
        )
