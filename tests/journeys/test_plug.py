"""The office is killed for an hour of plant time: nobody is called, and afterwards the numbers are whole."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from protocol.messages import Clock, decode
from protocol.moments import from_text, to_ms
from protocol.twin import twin_run
from tests.broker.clients import Client, wait_until
from tests.broker.running import PROJECT
from tests.chaos.plant import EPOCH_MS, HOUR_MS, Plant
from tests.journeys.floor import ask, wait_for_page
from tests.journeys.started import StartedDemo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.broker, pytest.mark.journey]

ROUNDS_MS = 1_200_000
"""`rounds_s` of `simulator/assumptions.toml`; everybody is on duty round the clock, so they are punctual."""
CLOCK = "shopfloor/_plant/clock"


class Unplugged:
    """A plant that lived for an hour without its office, and for one more with it again.

    Args:
        plant: Its parts.
    """

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self._ear = Client(plant.broker.port, "viewer", plant.broker.password("viewer"))
        self._ear.listen(CLOCK, "shopfloor/_call/+/+")
        plant.reach(2 * HOUR_MS)
        plant.kill("ingest")
        # What it had still said has come by then.
        heard = self._first(len(self._ear.heard), attended=False)
        self.gone_ms = to_ms(self._clock_in(heard).at)
        self.health_away = self._health_of_an_office_that_is_away()
        plant.wait_for(lambda: to_ms(self.clock.at) > self.gone_ms + HOUR_MS)
        self.called_while_away = [one.topic for one in self._ear.heard[heard:] if "_call" in one.topic]
        here = len(self._ear.heard)
        plant.start("ingest")
        self.back_ms = to_ms(self._clock_in(self._first(here, attended=True)).at)
        plant.reach(self.back_ms - EPOCH_MS + HOUR_MS)
        self._ear.close()

    @property
    def clock(self) -> Clock:
        """The plant's clock."""
        return decode(
            bytes(next(one.payload for one in reversed(self._ear.heard) if one.topic == CLOCK)), Clock
        )

    def _clock_in(self, place: int) -> Clock:
        """The clock in one of the messages heard."""
        return decode(bytes(self._ear.heard[place].payload), Clock)

    def _first(self, since: int, *, attended: bool) -> int:
        """Wait for a clock that says whether there is an office; which of the messages since is the first."""
        found: list[int] = []

        def said() -> bool:
            found[:] = [
                place
                for place in range(since, len(self._ear.heard))
                if self._ear.heard[place].topic == CLOCK and self._clock_in(place).attended is attended
            ]
            return bool(found)

        self.plant.wait_for(said)
        return found[0]

    def _health_of_an_office_that_is_away(self) -> dict[str, Any]:
        found: list[dict[str, Any]] = []

        def says_so() -> bool:
            found.append(ask(self.plant.address, "/api/health"))
            return found[-1]["unattended_since"] is not None

        self.plant.wait_for(says_so)
        return found[-1]

    def rows(self, question: str, run: str = "") -> list[tuple[Any, ...]]:
        """What the history answers of a run; without one, of the plant's."""
        with closing(
            sqlite3.connect(f"file:{self.plant.history}?mode=ro", uri=True, timeout=10)
        ) as connection:
            return connection.execute(question, {"run": run or self.plant.run.id}).fetchall()

    @property
    def hole(self) -> tuple[int, int]:
        """From when to when the office was away."""
        (hole,) = [one for one in self.holes() if one[0] <= self.gone_ms < one[1]]
        return hole

    def holes(self) -> list[tuple[int, int]]:
        """All of them: on a computer with much to do an office may be late by itself."""
        return [
            (from_ms, to_ms_)
            for from_ms, to_ms_ in self.rows("SELECT from_ms, to_ms FROM unattended WHERE run = :run")
        ]


@pytest.fixture(scope="module")
def unplugged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unplugged]:
    folder = tmp_path_factory.mktemp("unplugged")
    with Plant(folder / "plant", seed=3, inputs=False, speed="600", patience="5") as plant:
        yield Unplugged(plant)


def test_the_hole_is_known_to_the_plant_and_to_the_office_alike(unplugged: Unplugged) -> None:
    from_ms, to_ms_ = unplugged.hole

    assert from_ms <= unplugged.gone_ms < unplugged.back_ms <= to_ms_ + 60_000
    assert to_ms_ - from_ms >= HOUR_MS
    assert from_text(unplugged.health_away["unattended_since"]) <= unplugged.gone_ms
    assert unplugged.health_away["status"] == "degraded"


def test_nobody_is_called_while_the_office_is_away_nor_afterwards_for_what_was_then(
    unplugged: Unplugged,
) -> None:
    from_ms, to_ms_ = unplugged.hole
    calls = unplugged.rows("SELECT machine, since_ms, raised_ms, missed FROM calls WHERE run = :run")
    in_it = [
        missed
        for _, since_ms, raised_ms, missed in calls
        if from_ms < raised_ms <= to_ms_ or from_ms <= since_ms < to_ms_
    ]

    assert unplugged.called_while_away == []
    assert len(in_it) >= 3
    assert all(in_it)
    for _, since_ms, raised_ms, missed in calls:
        assert bool(missed) == any(a < raised_ms <= b or a <= since_ms < b for a, b in unplugged.holes())


@pytest.mark.parametrize("of", ["plant", "twin"])
def test_every_stop_that_begins_while_the_office_is_away_is_noticed_on_the_next_round(
    unplugged: Unplugged, of: str
) -> None:
    from_ms, to_ms_ = unplugged.hole
    run = unplugged.plant.run.id
    unnoticed = unplugged.rows(
        "SELECT start_ms, end_ms FROM (SELECT start_ms, phase, "
        "lead(start_ms) OVER (PARTITION BY machine ORDER BY start_ms) AS end_ms "
        "FROM truth_intervals WHERE run = :run) WHERE phase = 'unnoticed' AND end_ms IS NOT NULL",
        run if of == "plant" else twin_run(run),
    )

    def rounds(begun: list[tuple[int, int]]) -> list[bool]:
        """Of some stops, whether they were noticed on the first round after they began."""
        return [
            end_ms == -(-(start_ms - EPOCH_MS) // ROUNDS_MS) * ROUNDS_MS + EPOCH_MS
            for start_ms, end_ms in begun
        ]

    while_away = rounds([(a, b) for a, b in unnoticed if from_ms <= a < to_ms_])
    otherwise = rounds([(a, b) for a, b in unnoticed if not from_ms <= a < to_ms_])

    assert len(while_away) >= 3
    assert all(while_away)
    # With an office, calls come before the round, but not in the twin.
    assert all(otherwise) == (of == "twin")


@pytest.mark.parametrize("of", ["plant", "twin"])
def test_afterwards_the_numbers_are_whole(unplugged: Unplugged, of: str) -> None:
    from_ms, to_ms_ = unplugged.hole
    run = unplugged.plant.run.id
    window = f"run={run if of == 'plant' else twin_run(run)}&from={from_ms}&to={to_ms_}"
    measured = ask(unplugged.plant.address, f"/api/kpis?{window}")["machines"]
    true = ask(unplugged.plant.address, f"/api/kpis?{window}&source=truth")["machines"]

    assert {name: one["coverage"] for name, one in measured.items()} == dict.fromkeys(measured, 1.0)
    assert len(measured) == 12
    reported = [name for name in measured if measured[name]["uptime"] is not None]
    assert len(reported) >= 6
    assert {name: measured[name]["running_s"] for name in reported} == {
        name: true[name]["running_s"] for name in reported
    }


def test_the_plug_of_a_running_demo_takes_its_office_away_and_brings_it_back(tmp_path: Path) -> None:
    demo = StartedDemo(tmp_path)
    try:
        wait_for_page(demo.address, 60.0)
        before = demo.parts()
        killed = before["ingest"]

        _plug("pull", tmp_path / "var")
        wait_until(lambda: "ingest" not in demo.parts())
        wait_until(lambda: ask(demo.address, "/api/health")["unattended_since"] is not None)
        away = demo.parts()
        _plug("push", tmp_path / "var")
        wait_until(lambda: demo.parts().get("ingest", killed) != killed)
        wait_until(lambda: ask(demo.address, "/api/health")["status"] == "ok", 180.0)
    finally:
        demo.end()

    assert away == {name: pid for name, pid in before.items() if name != "ingest"}
    assert [line for line in demo.said if "ingest" in line][:2] == [
        "ingest is unplugged.",
        "ingest is plugged in again.",
    ]


def _plug(do: str, state: Path) -> None:
    subprocess.run([sys.executable, "-m", "demo", "plug", do, "--state", str(state)], cwd=PROJECT, check=True)


def test_the_hole_is_listed_with_what_was_missed_in_it(unplugged: Unplugged) -> None:
    from_ms, to_ms_ = unplugged.hole

    holes = ask(unplugged.plant.address, "/api/holes")["holes"]

    # Where the office was late again right behind it, that belongs to it.
    (hole,) = [one for one in holes if from_text(one["from"]) <= from_ms and from_text(one["to"]) >= to_ms_]
    assert hole["coverage"] == 1.0
    assert hole["stops"] >= len(hole["calls_missed"]) >= 3
    assert ask(unplugged.plant.address, "/api/health")["unattended_since"] is None
