"""The plants of theory: machines with nothing but what a result is about, and their replications."""

from collections.abc import Iterable, Sequence
from typing import Any
from zlib import crc32

from simulator.specs.kind import kind_of
from simulator.specs.machine import Feed, MachineSpec, laid_over
from simulator.specs.people import People
from simulator.study.figures import Figures
from simulator.study.replication import HOUR_MS, Plan
from simulator.study.study import study
from tests.theory.times import Time

REPLICATIONS = 30
"""Their seeds are 0, 1, 2 and so on."""
PLAIN: dict[str, Any] = {
    "title": "machine of theory",
    "cycle_s": 3600,
    "cycle_cv": 0,
    "speed_loss": 0,
    "fresh": True,
    "signals": {
        "power_kw": {"title": "power", "unit": "kW", "running": 10, "idle": 2},
        "vibration_mm_s": {"title": "vibration", "unit": "mm/s", "running": 1, "idle": 0},
        "temperature_c": {"title": "temperature", "unit": "°C", "running": 60, "idle": 20},
    },
}
"""A machine that would run for ever."""


def own_name(case: object, number: int = 0) -> str:
    """A machine's name that no other set of parameters has.

    A name keys the random numbers, so sets with machines of the same name would share their luck.
    """
    return f"m-{crc32(repr(case).encode()):08x}-{number}"


def machine(name: str, *, feed: Feed | None = None, **settings: Any) -> MachineSpec:
    """A machine with some settings of its own."""
    kind = kind_of("theory", laid_over(PLAIN, settings), source=f"{name}.toml")
    return MachineSpec(
        name=name, location=("theory",), kind="theory", settings=kind, controller=True, text="", feed=feed
    )


def failure(up: Time, down: Time, **more: Any) -> dict[str, Any]:
    """A sort of failure: how long it takes to come, in running time, and how long it is mended, by nobody.

    Args:
        up: From the end of one to the next.
        down: How long it lasts.
        more: Further keys of a stop, `clock` say.
    """
    return {
        "phase": "repair",
        "every_h": up.mean,
        "life": up.law,
        **{"weibull": {"shape": up.shape}, "lognormal": {"life_cv": up.cv}}.get(up.law, {}),
        "mean_s": down.mean * 3600,
        "length": down.law,
        **{"weibull": {"length_shape": down.shape}, "lognormal": {"cv": down.cv}}.get(down.law, {}),
        "person": False,
        "causes": {"broken": 1},
        **more,
    }


def replications(
    machines: Iterable[MachineSpec],
    *,
    hours: float,
    warm_up_hours: float,
    count: int = REPLICATIONS,
    at_hours: Sequence[float] = (),
    people: People | None = None,
) -> list[Figures]:
    """The figures of each replication, from the seeds 0, 1, 2 and so on."""
    plan = Plan(
        machines=tuple(machines),
        people=people,
        warm_up_ms=round(warm_up_hours * HOUR_MS),
        length_ms=round(hours * HOUR_MS),
        at_ms=tuple(round(hour * HOUR_MS) for hour in at_hours),
    )
    return study(plan, range(count))


def column(results: Sequence[Figures], *key: str) -> list[float]:
    """One figure in each replication."""
    values = [figures[key] for figures in results]
    return [value for value in values if value is not None]
