"""One run, lived at several speeds through a real broker and the real ingest, leaves one history."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from protocol.moments import from_ms, to_ms
from simulator.histories.record import load_record, write_record
from simulator.histories.run import read_run
from tests.chaos.comparison import kpis, rows_of
from tests.chaos.dump import Row, differences, in_words
from tests.chaos.plant import EPOCH_MS, Plant
from tests.simulator.edge.operator import Operator

pytestmark = [pytest.mark.broker, pytest.mark.journey]

SECOND_MS = 1_000
MINUTE_MS = 60_000
COMPARED_MS = 75 * SECOND_MS
END_MS = 90 * SECOND_MS
"""Plant time that is lived, after the epoch: a little more than is compared, so that what ends has ended."""
SPEEDS = ("10", "600", "max")
BUSY = """
handling_s = 2
stops.wait.every_h = 0.01
stops.wait.median_s = 5
stops.jam.every_h = 0.01
stops.jam.median_s = 3
stops.setup.every_parts = [3, 5]
stops.setup.mean_s = 4
stops.setup.person = false
stops.tool.person = false
stops.tool.mean_s = 3
"""
"""So that something happens within two minutes."""
MILL = f'kind = "cnc-mill"\nline = "machining"\ncycle_s = 4\n{BUSY}'
RETROFIT = f'kind = "cnc-mill"\nline = "retrofitted"\ncontroller = false\ncycle_s = 7\n{BUSY}'
ORDERS: dict[int, list[dict[str, Any]]] = {
    15: [{"what": "add", "machine": "mill-9", "text": MILL}, {"what": "pause", "machine": "mill-1"}],
    30: [{"what": "bench", "on": True}, {"what": "clone", "machine": "mill-9", "name": "mill-10"}],
    45: [{"what": "resume", "machine": "mill-1"}, {"what": "remove", "machine": "mill-3"}],
    60: [
        {"what": "change", "machine": "mill-2", "text": MILL + "scrap = 0.5\nscrap_worn = 0.6\n"},
        {"what": "assume", "values": {"rounds_s": 60, "calls": False}},
    ],
    END_MS // SECOND_MS: [],
}
"""What the operator orders, by plant seconds after the epoch."""


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("machines")
    for name, text in (("mill-1", MILL), ("mill-2", MILL), ("mill-3", MILL), ("retro-1", RETROFIT)):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def history(
    plant: Plant, *, compared_ms: int = COMPARED_MS, end_ms: int = END_MS
) -> tuple[dict[str, list[Row]], dict[str, Any]]:
    """The rows of a history up to where it is compared, the twin's too, and the KPIs of several windows."""
    plant.reach(end_ms)
    until_ms = EPOCH_MS + compared_ms
    rows = rows_of(plant, until_ms)
    rows |= {table: counted(rows[table]) for table in rows if table.endswith("counts")}
    return rows, kpis(plant, until_ms, seed=1, windows=3)


def counted(rows: list[Row]) -> list[Row]:
    """The moments at which a counter rose: every message repeats how it stands, and speed cuts messages."""
    before = [("", 0, 0, 0), *rows]
    return [row for last, row in pairwise(before) if (row[0], *row[2:]) != (last[0], *last[2:])]


@pytest.fixture(scope="module")
def original(machines: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any]]:
    """A run as an operator made it, step by step: its record, and its history."""
    folder = tmp_path_factory.mktemp("original")
    with Plant(folder / "plant", inputs=False, machines=machines, speed="1") as plant:
        operator = Operator(plant.broker)
        plant.reach(1)
        paused = operator.ask(what="pause")
        assert to_ms(paused.at) < EPOCH_MS + 15 * SECOND_MS
        for at_s, orders in ORDERS.items():
            run = read_run(plant.state)
            assert run is not None
            ahead_s = EPOCH_MS / SECOND_MS + at_s - run.position_ms / SECOND_MS
            assert operator.ask(what="step", seconds=ahead_s).ok
            plant.reach(at_s * SECOND_MS)
            for order in orders:
                result = operator.ask(**order)
                assert result.ok, result.message
                assert result.at == from_ms(EPOCH_MS + at_s * SECOND_MS)
        operator.stop()
        record = folder / "record.json"
        write_record(plant.state, record)
        yield record, history(plant)


def test_a_run_lived_again_at_any_speed_has_the_same_truth_intervals_and_kpis(
    original: tuple[Path, Any], tmp_path: Path
) -> None:
    record, (rows, numbers) = original
    with ExitStack() as stack:
        plants = {
            speed: stack.enter_context(Plant(tmp_path / speed, speed=speed, relive=record))
            for speed in SPEEDS
        }
        for speed, plant in plants.items():
            again, numbers_again = history(plant)

            assert in_words(differences(rows, again)) == "", f"at speed {speed}"
            assert numbers_again == numbers, f"at speed {speed}"
            assert plant.run.id != load_record(record).head.id
            plant.wait_for(lambda here=plant: "plant time stands still" in here.said("simulator"))  # type: ignore[misc]

    assert len(rows["truth_intervals"]) > 80
    assert len(rows["intervals"]) > 80
    assert len(rows["twin: intervals"]) > 80
    assert {row[0] for row in rows["machines"]} >= {"mill-1", "mill-9", "mill-10", "ideal"}
    assert [row[1] for row in rows["segments"]] == ["as the run began", "calls off, rounds every 1 min"]
    held = [row for row in rows["intervals"] if row[3] == "paused"]
    assert held == [("mill-1", EPOCH_MS + 15 * SECOND_MS + 1, "idle", "paused")]


def test_people_who_hear_the_offices_calls_do_the_same_at_every_speed(tmp_path: Path) -> None:
    with ExitStack() as stack:
        plants = [stack.enter_context(Plant(tmp_path / speed, speed=speed)) for speed in ("600", "max")]
        (rows, numbers), (others, numbers_again) = (
            history(plant, compared_ms=180 * MINUTE_MS, end_ms=190 * MINUTE_MS) for plant in plants
        )

    assert in_words(differences(rows, others)) == ""
    assert numbers == numbers_again
    assert len(rows["calls"]) > 10
    assert len(rows["segments"]) == 2
    assert {row[2] for row in rows["responses"]} == {"acknowledged", "at-machine", "restored"}
    assert {row[3] for row in rows["truth_intervals"]} >= {"unnoticed", "walking", "repair"}
