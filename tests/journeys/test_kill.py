"""A running demo measures the truth; whichever part is killed, the page comes back with the same numbers."""

from __future__ import annotations

import itertools
import os
import random
import signal
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from protocol.moments import from_text, to_text
from tests.broker.clients import wait_until
from tests.journeys.floor import ask, expect_change, expect_full, machines_of, wait_for_page
from tests.journeys.started import StartedDemo, answering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

pytestmark = [pytest.mark.broker, pytest.mark.browser, pytest.mark.journey]

HOUR_MS = 3_600_000
PERIOD_MS = 1_000
LIVED_S = 180.0
WINDOWS = 12
BACK_S = 90.0
BEFORE = timedelta(minutes=10)
"""Plant time between the end of the compared window and the kill, so that its edges are settled."""
HOW_A_PAGE_MISSES_ITS_SERVER = (
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "ERR_INCOMPLETE_CHUNKED_ENCODING",
    "ERR_EMPTY_RESPONSE",
    "status of 503",
)


class Measured:
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
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedDemo]:
    with answering(tmp_path_factory.mktemp("demo"), wait_s=LIVED_S) as started:
        yield started


@pytest.fixture(scope="module")
def lived(demo: StartedDemo) -> Measured:
    """The demo once it has lived through its first eight hours."""

    def has() -> bool:
        runs = ask(demo.address, "/api/runs")
        return bool(runs) and from_text(runs[0]["now"]) - from_text(runs[0]["epoch"]) >= 8 * HOUR_MS

    wait_until(has, LIVED_S)
    return Measured(demo)


def test_half_of_the_machines_report_and_half_are_retrofits(lived: Measured) -> None:
    assert len(lived.reporting("reported")) == len(lived.reporting("sensed")) >= 6


def test_machines_that_stamp_their_changes_are_measured_to_the_millisecond(lived: Measured) -> None:
    for machine in lived.reporting("reported"):
        measured, truth = (
            lived.ask("/api/intervals", machine, source, lived.from_ms, lived.to_ms)["intervals"]
            for source in ("measured", "truth")
        )

        assert len(measured) > 10
        assert measured == truth, machine


def test_every_bucket_and_every_part_of_a_reporting_machine_is_the_true_one_in_any_window(
    lived: Measured,
) -> None:
    for machine in lived.reporting("reported"):
        for from_ms, to_ms in lived.windows(machine):
            measured, truth = (
                lived.ask("/api/kpis", machine, source, from_ms, to_ms) for source in ("measured", "truth")
            )
            buckets = [name for name in measured if name.endswith("_s") or name in {"parts", "utilization"}]

            assert {name: measured[name] for name in buckets} == {name: truth[name] for name in buckets}


def test_the_utilization_of_a_retrofit_is_off_by_less_than_a_period_for_each_edge(lived: Measured) -> None:
    for machine in lived.reporting("sensed"):
        for from_ms, to_ms in lived.windows(machine):
            measured = lived.ask("/api/kpis", machine, "measured", from_ms, to_ms)
            truth = lived.ask("/api/kpis", machine, "truth", from_ms, to_ms)
            did = lived.ask("/api/intervals", machine, "truth", from_ms, to_ms)["intervals"]
            ran = [one["state"] == "running" for one in did]
            edges = sum(one != two for one, two in itertools.pairwise(ran))
            error = abs(measured["utilization"] - truth["utilization"])

            assert error <= (edges + 2) * PERIOD_MS / 1_000 / measured["observed_s"], (machine, from_ms)
            assert measured["utilization_low"] <= truth["utilization"] <= measured["utilization_high"]
            assert measured["uptime_low"] <= truth["uptime"] <= measured["uptime_high"]
            if to_ms - from_ms >= 8 * HOUR_MS:
                assert error <= 0.001


def test_planned_time_is_the_sum_of_all_states_in_every_window(lived: Measured) -> None:
    for machine in lived.machines:
        for from_ms, to_ms in lived.windows(machine):
            found = lived.ask("/api/kpis", machine, "measured", from_ms, to_ms)
            states = ("running", "idle", "down", "setup", "unknown")

            assert round(sum(found[f"{state}_s"] for state in states) * 1_000) == to_ms - from_ms
            assert round(found["planned_s"] * 1_000) == to_ms - from_ms


def numbers(demo: StartedDemo, window: dict[str, str]) -> dict[str, Any]:
    """Return what the API says of every machine in a window that lies in the past."""
    answer: dict[str, Any] = ask(demo.address, f"/api/kpis?{urlencode(window)}")["machines"]
    return answer


@pytest.mark.parametrize("part", ["broker", "ingest", "web", "simulator", "study", "mazak"])
def test_a_killed_part_comes_back_and_the_past_keeps_its_numbers(
    demo: StartedDemo, browser_page: Page, tolerated_page_errors: list[str], part: str
) -> None:
    tolerated_page_errors += HOW_A_PAGE_MISSES_ITS_SERVER
    browser_page.goto(demo.address)
    expect_full(browser_page, machines_of(), BACK_S)
    shift = ask(demo.address, "/api/kpis")
    end = datetime.fromisoformat(shift["to"]) - BEFORE
    window = {"from": (end - timedelta(hours=7)).isoformat(), "to": end.isoformat()}
    before, runs = numbers(demo, window), len(ask(demo.address, "/api/runs"))
    killed = demo.parts()[part]

    os.kill(killed, signal.SIGKILL)

    wait_until(lambda: demo.parts().get(part, killed) != killed)
    wait_for_page(demo.address, BACK_S)
    expect_full(browser_page, machines_of(), BACK_S)
    expect_change(browser_page, BACK_S)
    assert set(before) == machines_of()
    assert numbers(demo, window) == before
    assert len(ask(demo.address, "/api/runs")) == runs
    assert any(said.startswith(f"{part} ended by itself (signal 9)") for said in demo.said)
