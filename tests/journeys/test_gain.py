"""What monitoring gained, through broker, office and page: nothing under equal rules, exact under others."""

from __future__ import annotations

import json
import sqlite3
import urllib.request
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from protocol.moments import from_text, to_text
from protocol.twin import twin_run
from tests.chaos.plant import EPOCH_MS, HOUR_MS, Plant
from tests.journeys.floor import ask, wait_for_page
from tests.twin.pair import deaf

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.broker, pytest.mark.journey]

DEAF_MS = 2 * HOUR_MS
"""So long nobody hears any call at least."""
HEARD_MS = 3 * HOUR_MS
"""And so long they do."""


class Lived:
    """A plant whose people heard nothing at first, until somebody asked that they do, and its twin.

    Args:
        plant: Its parts.
    """

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        wait_for_page(plant.address, 30)
        plant.reach(DEAF_MS)
        self.equal = self.gain(margin="1")
        self.said = self._command(what="assume", values={"calls": True, "condition": True})
        plant.wait_for(lambda: len(self.gain()["segments"]) > 1)
        opened = self.gain(segment="2")
        self.changed_ms = from_text(opened["from"])
        plant.reach(self.changed_ms + HEARD_MS - EPOCH_MS)
        until = to_text(self.changed_ms + HEARD_MS)
        self.before = self.gain(segment="1", margin="1")
        self.after = self.gain(segment="2", to=until)
        self.whole = self.gain(segment="run", to=until)

    def gain(self, **asked: str) -> dict[str, Any]:
        """What `/api/gain` answers."""
        answer: dict[str, Any] = ask(self.plant.address, f"/api/gain?{urlencode(asked)}")
        return answer

    def _command(self, **asked: Any) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - our page
            f"{self.plant.address}/api/commands",
            data=json.dumps(asked).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our page
            said: dict[str, Any] = json.load(answer)
        return said

    def truly_made(self, run: str, machine: str, from_ms: int, to_ms: int) -> int:
        """Good parts of a machine in (from, to], as its truth counts them."""
        with closing(
            sqlite3.connect(f"file:{self.plant.history}?mode=ro", uri=True, timeout=10)
        ) as connection:
            upto = [
                connection.execute(
                    "SELECT parts - rejects FROM truth_counts WHERE run = ? AND machine = ? AND at_ms <= ? "
                    "ORDER BY at_ms DESC LIMIT 1",
                    (run, machine, at_ms),
                ).fetchone()
                for at_ms in (from_ms, to_ms)
            ]
        first, last = (0 if row is None else int(row[0]) for row in upto)
        return last - first


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("gain")
    with Plant(folder / "plant", seed=5, inputs=False, assumptions=deaf(folder)) as plant:
        yield Lived(plant)


@pytest.mark.parametrize("which", ["equal", "before"])
def test_where_nobody_hears_a_call_every_number_of_the_gain_is_exactly_zero(lived: Lived, which: str) -> None:
    found = getattr(lived, which)

    assert from_text(found["to"]) - from_text(found["from"]) >= DEAF_MS
    assert found["time"]["common_s"] > 0
    assert found["time"]["gained_s"] == 0
    for both in (
        found["time"]["running_s"],
        found["time"]["planned_s"],
        found["time"]["observed_s"],
        *found["time"]["states_s"].values(),
        *found["kpis"],
        found["paper"],
    ):
        assert both["monitored"] == both["twin"]
    assert len(found["lines"]) == 3
    for line in found["lines"]:
        assert line["monitored"] == line["twin"] > 0
        assert (line["gained"], line["share"], line["money"], line["lead_s"]) == (0, 0, 0, 0)
    assert found["money"] == 0
    assert len(found["phases"]) > 5
    assert [one["gained_s"] for one in found["phases"]] == [0] * len(found["phases"])
    assert all(one["monitored_s"] == one["twin_s"] for one in found["phases"])
    for machine in found["machines"]:
        assert machine["gained_s"] == 0
        assert machine["good"][0] == machine["good"][1]
        assert machine["utilization"][0] == machine["utilization"][1]
    pairs = found["pairs"]
    assert pairs["paired"] > 20
    assert (pairs["gained_s"], pairs["only_monitored"], pairs["only_twin"]) == (0, 0, 0)
    assert pairs["noticed_s"]["monitored"] == pairs["noticed_s"]["twin"]
    for row in pairs["rows"]:
        assert row["gained_s"] in {0, None}
        assert all(row[f"monitored_{key}"] == row[f"twin_{key}"] for key in ("start", "noticed_s", "s"))
    assert found["holes"] == []
    assert found["words"]["what"].endswith("Both plants made the same.")


def test_a_change_of_what_is_assumed_begins_a_segment_of_its_own(lived: Lived) -> None:
    first, second = lived.after["segments"]

    assert lived.said["ok"] is True
    assert (first["number"], second["number"]) == (1, 2)
    assert first["to"] == second["from"] == lived.after["from"] == lived.before["to"]
    assert (first["values"]["calls"], first["values"]["condition"]) == (False, False)
    assert (second["values"]["calls"], second["values"]["condition"]) == (True, True)
    assert (lived.before["segment"], lived.after["segment"], lived.whole["segment"]) == (1, 2, None)


def test_once_calls_are_heard_the_phases_add_up_to_what_was_gained_to_the_millisecond(lived: Lived) -> None:
    found = lived.after
    ms = {plant: found["time"]["running_s"][plant] for plant in ("monitored", "twin")}

    assert found["time"]["gained_s"] != 0
    assert found["answered"]["answered_s"] > 0
    assert sum(round(one["gained_s"] * 1_000) for one in found["phases"]) == round(
        ms["monitored"] * 1_000
    ) - round(ms["twin"] * 1_000)
    assert sum(round(one["gained_s"] * 1_000) for one in found["machines"]) == round(
        found["time"]["gained_s"] * 1_000
    )
    for plant in ("monitored", "twin"):
        stood = sum(round(one[f"{plant}_s"] * 1_000) for one in found["phases"])
        assert stood + round(ms[plant] * 1_000) == round(found["time"]["common_s"] * 1_000)


def test_segments_add_up_to_the_run(lived: Lived) -> None:
    assert round(lived.whole["time"]["gained_s"] * 1_000) == round(lived.after["time"]["gained_s"] * 1_000)
    for whole, before, after in zip(
        lived.whole["lines"], lived.before["lines"], lived.after["lines"], strict=True
    ):
        assert whole["monitored"] == before["monitored"] + after["monitored"]
        assert whole["twin"] == before["twin"] + after["twin"]


@pytest.mark.parametrize("which", ["before", "after", "whole"])
def test_good_parts_of_each_line_are_those_of_the_truths_of_both_plants(lived: Lived, which: str) -> None:
    found = getattr(lived, which)
    window = from_text(found["from"]), from_text(found["to"])
    runs = {"monitored": lived.plant.run.id, "twin": twin_run(lived.plant.run.id)}

    assert [line["line"] for line in found["lines"]] == ["machining", "moulding", "packing"]
    for line in found["lines"]:
        machines = [one.split(" in the place of ")[0] for one in line["counted"]]
        for plant, run in runs.items():
            assert line[plant] == sum(lived.truly_made(run, name, *window) for name in machines)
