"""A14: a compressor that loads and unloads under a constant demand; without chance, so to the millisecond."""

from dataclasses import dataclass

import numpy as np

from simulator.plant import Plant
from simulator.specs.kind import kind_of
from simulator.specs.machine import MachineSpec
from simulator.study.replication import EPOCH_MS
from tests.theory.check import Check
from tests.theory.formulas import mean_power, receiver
from tests.theory.plants import PLAIN, machine
from tests.theory.result import Draw, Result

CYCLES = 200
FULL_KW, UNLOADED = 30.0, 0.25
PERIOD_MS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A receiver that a compressor fills, and that machines and leaks empty."""

    volume_m3: float
    """Its volume."""
    band_bar: float
    """From loading to unloading."""
    flow: float
    """Free air delivered while loaded, in m3/min."""
    demand: float
    """Free air drawn, in m3/min."""
    leak: float
    """How much of that is lost in leaks, in m3/min."""


def filled(case: Filled) -> list[Check]:
    """A14: how long it loads and unloads, which share of its time it is loaded, and what that draws."""
    theory = receiver(
        volume_m3=case.volume_m3,
        band_bar=case.band_bar,
        atmosphere_bar=1.013,
        flow=case.flow,
        demand=case.demand,
    )
    cycle_s = theory.load_s + theory.unload_s
    to_ms = EPOCH_MS + round(CYCLES * cycle_s * 1000)
    plant = Plant(1, EPOCH_MS, "theory")
    plant.add(machine("user", air_m3_min=round(case.demand - case.leak, 6)), EPOCH_MS)
    plant.add(_compressor(case), EPOCH_MS)
    plant.advance(to_ms + 1)
    diary = plant.machine("compressor").diary
    starts = diary.column("start_ms")
    loaded = diary.column("label") == 0
    # The first and the last interval may be cut.
    lengths = np.diff(starts)[1:]
    load_s, unload_s = (lengths[loaded[1:-1] == state] / 1000 for state in (True, False))
    batch = plant.batch("compressor", EPOCH_MS, to_ms)
    assert batch is not None
    # A turn comes with the next whole millisecond, and what the pressure overshoots has to be made good.
    late_load = 0.001 * (1 + case.demand / (case.flow - case.demand))
    late_unload = 0.001 * (1 + (case.flow - case.demand) / case.demand)
    late = late_load + late_unload
    share = float(load_s.sum() / (load_s.mean() + unload_s.mean()) / len(load_s))
    return [
        _exact("loaded, s", theory.load_s, float(load_s.mean()), late_load),
        _exact("unloaded, s", theory.unload_s, float(unload_s.mean()), late_unload),
        _exact("longest load, s", theory.load_s, float(load_s.max()), 0.001 + late_load),
        _exact("loaded share", theory.loaded, share, late / cycle_s),
        _exact(
            "cycles a minute",
            theory.cycles_a_minute,
            60 / float(load_s.mean() + unload_s.mean()),
            late * 60 / cycle_s**2,
        ),
        _exact(
            "mean power, kW",
            mean_power(theory.loaded, full_kw=FULL_KW, unloaded_share=UNLOADED),
            float(batch.signals["power_kw"].mean()),
            FULL_KW * (2 * PERIOD_MS / 1000 / cycle_s + 1 / CYCLES),
        ),
    ]


def _exact(what: str, theory: float, simulated: float, within: float) -> Check:
    return Check(what=what, theory=theory, simulated=simulated, error=0, within=within)


def _compressor(case: Filled) -> MachineSpec:
    settings = {key: value for key, value in PLAIN.items() if key != "cycle_s"} | {
        "period_ms": PERIOD_MS,
        "receiver": {
            "volume_m3": case.volume_m3,
            "low_bar": 7.0,
            "high_bar": 7.0 + case.band_bar,
            "delivery_m3_min": case.flow,
            "leak_m3_min": case.leak,
        },
    }
    settings["signals"] = PLAIN["signals"] | {
        "power_kw": {"title": "power", "unit": "kW", "running": FULL_KW, "idle": FULL_KW * UNLOADED}
    }
    return MachineSpec(
        name="compressor",
        location=("theory",),
        kind="theory",
        settings=kind_of("theory", settings, source="compressor.toml"),
        controller=True,
        text="",
    )


def _filled(draw: Draw) -> Filled:
    flow = draw.number(1, 20)
    demand = draw.number(0.15 * flow, 0.85 * flow)
    return Filled(
        volume_m3=draw.number(0.3, 5),
        band_bar=draw.number(0.3, 1.5),
        flow=flow,
        demand=demand,
        leak=draw.number(0.05 * demand, 0.5 * demand),
    )


RESULTS = (
    Result(
        name="A14",
        title="receiver of a compressor",
        printed=(Filled(volume_m3=1, band_bar=0.7, flow=5, demand=3, leak=1),),
        drawn=_filled,
        tried=filled,
    ),
)
