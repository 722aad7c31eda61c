"""What time it is in the plant and in its twin, as both tell it."""

from datetime import UTC, datetime

from msgspec.structs import replace

from protocol.messages import Clock
from protocol.moments import from_ms
from protocol.twin import twin_run
from simulator.histories.run import Run
from simulator.telling.pace import Pace

Clocks = tuple[Clock, Clock | None]
"""The clock of the plant, and that of its twin; None where it has none."""


def clocks_of(
    run: Run,
    pace: Pace,
    *,
    attended: bool,
    has_twin: bool,
    kept_for_ms: int,
    stops: bool = False,
    lost_ms: int = 0,
) -> Clocks:
    """What the clocks show at the position of a run.

    Args:
        run: The run.
        pace: How its time goes by.
        attended: Whether an office looks after the plant.
        has_twin: Whether it has a twin.
        kept_for_ms: Plant time for which readings are kept for an office that is away.
        stops: Whether time goes on no more.
        lost_ms: Machine time whose readings are kept no longer for an office that was away.
    """
    position_ms = run.position_ms
    clock = Clock(
        run=run.id,
        epoch=from_ms(run.epoch_ms),
        at=from_ms(position_ms),
        wall=datetime.now(UTC),
        speed=0.0 if stops else pace.speed(position_ms),
        achieved=round(pace.achieved(), 1),
        catching_up_to=from_ms(pace.catch_up_to_ms) if pace.catching_up(position_ms) else None,
        attended=attended,
        seed=run.head.seed,
        lost_ms=lost_ms,
        kept_for_ms=kept_for_ms,
    )
    return clock, replace(clock, run=twin_run(clock.run)) if has_twin else None
