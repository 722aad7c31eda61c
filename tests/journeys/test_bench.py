"""The calibration bench through a real broker and the real dashboard: the answers are known beforehand."""

import itertools
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from protocol.messages import Birth
from protocol.moments import to_ms, to_text
from simulator.__main__ import main
from simulator.specs.calibration import load_bench
from simulator.specs.machine import birth_of
from tests.chaos.plant import EPOCH_MS, HOUR_MS, MACHINES, Plant
from tests.journeys.floor import ask, wait_for_page

pytestmark = [pytest.mark.broker, pytest.mark.journey]

HOURS = 3
BENCH = {spec.name: spec for spec in load_bench()}
STAMPED = [name for name, spec in BENCH.items() if spec.controller]
RETROFITS = [name for name, spec in BENCH.items() if not spec.controller]
PER_HOUR = "_per_h"


class Bench:
    """A plant in which the bench has stood for some whole hours."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        connection = ["--broker", plant.broker.url, "--credentials", str(plant.broker.credentials)]
        plant.reach(1)
        assert main(["command", "bench", "on", *connection]) == 0
        plant.wait_for(lambda: set(BENCH) <= {one["name"] for one in ask(plant.address, "/api/machines")})
        begun_ms = plant.committed_ms() + EPOCH_MS
        self.from_ms = -(-begun_ms // HOUR_MS) * HOUR_MS
        plant.reach(self.from_ms + HOURS * HOUR_MS + 60_000 - EPOCH_MS)

    def kpis(self, machine: str, from_ms: int, to_ms_: int, source: str = "measured") -> dict[str, Any]:
        """What the API says of a machine in a window."""
        window = {"machine": machine, "from": to_text(from_ms), "to": to_text(to_ms_), "source": source}
        answer: dict[str, Any] = ask(self._plant.address, f"/api/kpis?{urlencode(window)}")
        return answer

    def windows(self) -> list[tuple[int, int]]:
        """Each whole hour, and all of them."""
        hours = [self.from_ms + hour * HOUR_MS for hour in range(HOURS + 1)]
        return [*itertools.pairwise(hours), (hours[0], hours[-1])]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("bench")
    machines = folder / "machines"
    machines.mkdir()
    # One stands beside the bench: of the others it is known elsewhere, and of twins as well.
    shutil.copy(MACHINES / "mill-1.toml", machines)
    with Plant(folder / "plant", seed=1, inputs=False, machines=machines, twin=False) as plant:
        wait_for_page(plant.address, 30)
        yield Bench(plant)


def found(kpis: dict[str, Any], key: str, hours: float) -> float | None:
    """The KPI of this key; one that ends in `_per_h` is a count divided by the hours."""
    if key.endswith(PER_HOUR):
        return float(kpis[key.removesuffix(PER_HOUR)] / hours)
    value: float | None = kpis[key]
    return value


@pytest.mark.parametrize("machine", STAMPED)
def test_a_machine_that_stamps_its_states_meets_its_known_answer_to_the_digit(
    bench: Bench, machine: str
) -> None:
    answer = BENCH[machine].settings.answer
    for from_ms, to_ms_ in bench.windows():
        hours = (to_ms_ - from_ms) / HOUR_MS
        kpis = bench.kpis(machine, from_ms, to_ms_)

        assert {key: found(kpis, key, hours) for key in answer} == answer


@pytest.mark.parametrize("machine", RETROFITS)
def test_a_retrofit_meets_its_known_answer_within_a_sampling_period_for_each_edge(
    bench: Bench, machine: str
) -> None:
    spec = BENCH[machine]
    stops_per_h = load_answers(spec.kind)["stops_per_h"]
    for from_ms, to_ms_ in bench.windows():
        hours = (to_ms_ - from_ms) / HOUR_MS
        kpis = bench.kpis(machine, from_ms, to_ms_)
        edges = 2 * stops_per_h * hours + 2
        bound = edges * spec.settings.period_ms / (to_ms_ - from_ms)

        assert kpis["coverage"] == spec.settings.answer["coverage"]
        assert abs(kpis["utilization"] - spec.settings.answer["utilization"]) <= bound
        assert kpis["utilization_low"] <= spec.settings.answer["utilization"] <= kpis["utilization_high"]


@pytest.mark.parametrize("machine", sorted(BENCH))
def test_the_truth_of_the_bench_is_its_answer(bench: Bench, machine: str) -> None:
    answer = load_answers(BENCH[machine].kind)
    for from_ms, to_ms_ in bench.windows():
        kpis = bench.kpis(machine, from_ms, to_ms_, "truth")

        assert kpis["utilization"] == answer["utilization"]
        assert kpis["uptime"] == answer["uptime"]


def load_answers(kind: str) -> dict[str, float]:
    """The answers of the machine that has the same kind and stamps its states."""
    spec = next(one for one in BENCH.values() if one.kind == kind and one.controller)
    return dict(spec.settings.answer)


def test_the_answer_travels_in_the_birth() -> None:
    birth: Birth = birth_of(BENCH["slow"], at_ms=EPOCH_MS, run="r")

    assert to_ms(birth.at) == EPOCH_MS
    assert birth.answer == BENCH["slow"].settings.answer
    assert birth.answer["performance"] == 0.5
