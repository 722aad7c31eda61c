"""A15: what follows slowly; without chance, so to the digit that is sent."""

from dataclasses import dataclass

from simulator.plant import Plant
from simulator.study.replication import EPOCH_MS, HOUR_MS
from tests.theory.check import Check
from tests.theory.formulas import first_order
from tests.theory.plants import failure, machine
from tests.theory.result import Draw, Result
from tests.theory.times import fixed

DECIMALS = 6
ROUNDING = 0.5 * 10**-DECIMALS + 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Warm:
    """A motor that is switched on, and gets warm."""

    ambient: float
    """Temperature at first, and while it stands, in °C."""
    final: float
    """Where it would end while it runs."""
    tau: float
    """Time constant, in hours."""
    up: float
    """For so long it runs, in hours; then it stands."""
    down: float
    """For so long it stands; then it runs again."""


def warming(case: Warm) -> list[Check]:
    """A15: temperature while it runs, stands, and runs again, each time from where it was."""
    signal = {"running": case.final, "idle": case.ambient, "tau_s": case.tau * 3600, "decimals": DECIMALS}
    spec = machine(
        "m",
        period_ms=60_000,
        cycle_s=86_400,
        signals={"temperature_c": signal},
        stops={"stand": failure(fixed(case.up), fixed(case.down))},
    )
    plant = Plant(1, EPOCH_MS, "theory")
    plant.add(spec, EPOCH_MS)
    to_ms = EPOCH_MS + round((case.up + case.down + case.up) * HOUR_MS)
    plant.advance(to_ms)
    batch = plant.batch("m", EPOCH_MS, to_ms)
    assert batch is not None
    hot = first_order(case.ambient, case.final, case.tau, case.up)
    cool = first_order(hot, case.ambient, case.tau, case.down)

    def expected(after: float) -> float:
        if after < case.up:
            return first_order(case.ambient, case.final, case.tau, after)
        if after < case.up + case.down:
            return first_order(hot, case.ambient, case.tau, after - case.up)
        return first_order(cool, case.final, case.tau, after - case.up - case.down)

    shown = zip((batch.offsets_ms / HOUR_MS).tolist(), batch.signals["temperature_c"].tolist(), strict=True)
    checks = [
        Check(
            what=f"°C after {after:.2f} h", theory=expected(after), simulated=value, error=0, within=ROUNDING
        )
        for after, value in shown
    ]
    # That after one time constant, and of all readings the farthest away.
    first = checks[round(min(case.tau, case.up) * 60) - 1]
    return [first, max(checks, key=lambda one: abs(one.simulated - one.theory))]


def _warm(draw: Draw) -> Warm:
    ambient = draw.number(10, 40)
    minute = 1 / 60
    return Warm(
        ambient=ambient,
        final=ambient + draw.number(5, 100),
        tau=draw.number(0.05, 5),
        up=draw.whole(10, 400) * minute,
        down=draw.whole(10, 400) * minute,
    )


RESULTS = (
    Result(
        name="A15",
        title="first-order thermal",
        printed=(Warm(ambient=40, final=120, tau=3, up=9, down=3),),
        drawn=_warm,
        tried=warming,
    ),
)
