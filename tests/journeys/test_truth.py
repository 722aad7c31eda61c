"""What the dashboard measured over MQTT against what the machines really did."""

import itertools
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from protocol.moments import from_text, to_text
from tests.broker.clients import wait_until
from tests.journeys.floor import ask, wait_for_page
from tests.journeys.started import StartedDemo

pytestmark = [pytest.mark.broker, pytest.mark.journey]

HOUR_MS = 3_600_000
PERIOD_MS = 1_000
LIVED_S = 60.0
WINDOWS = 12


class Plant:
    """A demo that has lived through its first eight hours, asked through its API."""

    def __init__(self, demo: StartedDemo) -> None:
        self.address = demo.address
        run = ask(self.address, "/api/runs")[0]
        self.from_ms = from_text(run["epoch"])
        self.to_ms = self.from_ms + 8 * HOUR_MS
        self.machines = {one["name"]: one for one in ask(self.address, "/api/machines") if one["simulated"]}

    def reporting(self, how: str) -> list[str]:
        """Names of the machines whose state is known that way."""
        return sorted(name for name, one in self.machines.items() if one["how"] == how)

    def ask(self, path: str, machine: str, source: str, from_ms: int, to_ms: int) -> dict[str, Any]:
        """What the API answers about one machine in a window."""
        query = {"machine": machine, "source": source, "from": to_text(from_ms), "to": to_text(to_ms)}
        answer: dict[str, Any] = ask(self.address, f"{path}?{urlencode(query)}")
        return answer

    def windows(self, machine: str) -> list[tuple[int, int]]:
        """Windows to the millisecond from a minute to all eight hours, the same at every run of the test."""
        choose = random.Random(machine)  # noqa: S311 - fixed windows, no secret
        found = [(self.from_ms, self.to_ms)]
        for _ in range(WINDOWS):
            length_ms = int(60_000 * 480 ** choose.random())
            begin = choose.randrange(self.from_ms, self.to_ms - length_ms + 1)
            found.append((begin, begin + length_ms))
        return found


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    demo = StartedDemo(tmp_path_factory.mktemp("demo"))
    wait_for_page(demo.address, LIVED_S)

    def lived() -> bool:
        runs = ask(demo.address, "/api/runs")
        return bool(runs) and from_text(runs[0]["now"]) - from_text(runs[0]["epoch"]) >= 8 * HOUR_MS

    wait_until(lived, LIVED_S)
    yield Plant(demo)
    demo.end()


def test_half_of_the_machines_report_and_half_are_retrofits(plant: Plant) -> None:
    assert len(plant.reporting("reported")) == len(plant.reporting("sensed")) >= 6


def test_machines_that_stamp_their_changes_are_measured_to_the_millisecond(plant: Plant) -> None:
    for machine in plant.reporting("reported"):
        measured, truth = (
            plant.ask("/api/intervals", machine, source, plant.from_ms, plant.to_ms)["intervals"]
            for source in ("measured", "truth")
        )

        assert len(measured) > 10
        assert measured == truth, machine


def test_every_bucket_and_every_part_of_a_reporting_machine_is_the_true_one_in_any_window(
    plant: Plant,
) -> None:
    for machine in plant.reporting("reported"):
        for from_ms, to_ms in plant.windows(machine):
            measured, truth = (
                plant.ask("/api/kpis", machine, source, from_ms, to_ms) for source in ("measured", "truth")
            )
            buckets = [name for name in measured if name.endswith("_s") or name in {"parts", "utilization"}]

            assert {name: measured[name] for name in buckets} == {name: truth[name] for name in buckets}


def test_the_utilization_of_a_retrofit_is_off_by_less_than_a_period_for_each_edge(plant: Plant) -> None:
    for machine in plant.reporting("sensed"):
        for from_ms, to_ms in plant.windows(machine):
            measured = plant.ask("/api/kpis", machine, "measured", from_ms, to_ms)
            truth = plant.ask("/api/kpis", machine, "truth", from_ms, to_ms)
            did = plant.ask("/api/intervals", machine, "truth", from_ms, to_ms)["intervals"]
            ran = [one["state"] == "running" for one in did]
            edges = sum(one != two for one, two in itertools.pairwise(ran))
            error = abs(measured["utilization"] - truth["utilization"])

            assert error <= (edges + 2) * PERIOD_MS / 1_000 / measured["observed_s"], (machine, from_ms)
            assert measured["utilization_low"] <= truth["utilization"] <= measured["utilization_high"]
            assert measured["uptime_low"] <= truth["uptime"] <= measured["uptime_high"]
            if to_ms - from_ms >= 8 * HOUR_MS:
                assert error <= 0.001


def test_planned_time_is_the_sum_of_all_states_in_every_window(plant: Plant) -> None:
    for machine in plant.machines:
        for from_ms, to_ms in plant.windows(machine):
            found = plant.ask("/api/kpis", machine, "measured", from_ms, to_ms)
            states = ("running", "idle", "down", "setup", "unknown")

            assert round(sum(found[f"{state}_s"] for state in states) * 1_000) == to_ms - from_ms
            assert round(found["planned_s"] * 1_000) == to_ms - from_ms
