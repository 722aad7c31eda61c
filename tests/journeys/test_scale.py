"""`docker compose --profile scale up`: two workers and PostgreSQL, each killed, and the same numbers."""

from __future__ import annotations

import time
import urllib.request
from datetime import datetime
from math import isclose
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlencode

import pytest

from protocol.moments import to_ms, to_text
from tests.chaos.plant import EPOCH_MS, MINUTE_MS, Plant
from tests.journeys.clone import clone
from tests.journeys.composed import ComposeProject, composed
from tests.journeys.floor import ask, machines_of, wait_for_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(600)]

KILLED = {
    "ingest-2": "monitor",
    "postgresql": "postgres",
    "ingest-1": "monitor",
    "broker": "1883",
    "web-scale": "monitor",
    "simulator": "monitor",
}
"""Every service that goes on, and the user that it runs as."""
RECORD = "/data/simulator/record.json"
BACK_S = 90.0
FURTHER_MS = 2 * MINUTE_MS
BEYOND_MS = 20 * MINUTE_MS
"""So far what is compared ends before the newest: an interval ends where the next begins."""
QUESTIONS = ("kpis", "kpis?source=truth", "kpis?by=line", "kpis?by=machine", "losses", "stops", "proof")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[ComposeProject]:
    # An hour is lived at top speed; nobody goes on alone, because that would be another history.
    settings = {"HISTORY_HOURS": "1", "WAIT_FOR_OFFICE": "forever"}
    yield from composed(ComposeProject(clone(tmp_path / "clone"), profile="scale", **settings))


def newest(project: ComposeProject) -> tuple[int, int]:
    """Epoch and now of the run; zeros while the page does not say."""
    try:
        runs = [one for one in ask(project.address, "/api/runs") if not one["run"].endswith("-twin")]
    except (URLError, OSError):
        return 0, 0
    return (moment(runs[0]["epoch"]), moment(runs[0]["now"])) if runs else (0, 0)


def moment(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


def wait_beyond(project: ComposeProject, plant_ms: int) -> int:
    """Wait until the page shows a history that reaches beyond a moment; up to where it does."""
    end_s = time.monotonic() + BACK_S
    while (now_ms := newest(project)[1]) <= plant_ms:
        assert time.monotonic() < end_s, project.compose("logs", "--tail", "30")
        time.sleep(0.3)
    return now_ms


def expect_the_whole_board(project: ComposeProject) -> None:
    """Wait until the page shows every machine, which takes the words of both workers."""
    end_s, said = time.monotonic() + BACK_S, ""
    while f"\nshopfloor_machines {len(machines_of(project.folder)) - 1}.0\n" not in said:
        assert time.monotonic() < end_s, said[:2_000]
        time.sleep(0.3)
        with urllib.request.urlopen(f"{project.address}/metrics", timeout=10) as answer:  # noqa: S310 - our page
            said = answer.read().decode()


def answers(address: str, epoch_ms: int, until_ms: int) -> dict[str, Any]:
    """What a page says of the whole and of a part of it, without names of runs."""
    third = (until_ms - epoch_ms) // 3
    windows = [(epoch_ms, until_ms), (epoch_ms + third + 1_234, until_ms - third + 567)]
    told = {}
    for question in QUESTIONS:
        for from_ms, to_ms_ in windows:
            path, _, more = question.partition("?")
            window = urlencode({"from": to_text(from_ms), "to": to_text(to_ms_)})
            asked = f"{path}?{window}{more and f'&{more}'}"
            told[asked] = without_run(ask(address, f"/api/{asked}"))
    return told


def without_run(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {key: without_run(value) for key, value in answer.items() if key != "run"}
    return [without_run(one) for one in answer] if isinstance(answer, list) else answer


def different(one: Any, other: Any, where: str = "") -> list[str]:
    """Where two answers differ, and in what."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [found for key in one for found in different(one[key], other[key], f"{where}/{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [found for place, pair in pairs for found in different(*pair, f"{where}/{place}")]
    # The last bit of a sum of fractions follows from how much of it a page had in its books.
    same = isclose(one, other, rel_tol=1e-12) if isinstance(one, float) else one == other
    return [] if same else [f"{where}: alone {one!r}, scaled {other!r}"]


def test_the_numbers_of_two_workers_of_which_each_was_killed_are_those_of_one_process_left_alone(
    project: ComposeProject, tmp_path: Path
) -> None:
    project.compose("build")
    project.compose("up", "--detach", "--wait", *KILLED)
    assert set(project.compose("ps", "--services").split()) == set(KILLED)

    for service, user in KILLED.items():
        _, before_ms = newest(project)
        project.kill(service, user)
        wait_beyond(project, before_ms + FURTHER_MS)
    epoch_ms, now_ms = newest(project)
    now_ms = wait_beyond(project, max(now_ms, epoch_ms + 60 * MINUTE_MS))
    expect_the_whole_board(project)
    project.compose("exec", "--no-TTY", "simulator", "python", "-m", "simulator", "record", "--out", RECORD)
    record = tmp_path / "record.json"
    record.write_text(project.compose("exec", "--no-TTY", "simulator", "cat", RECORD), encoding="utf-8")
    # It would go on, and take the time that the questions need.
    project.compose("stop", "simulator")
    until_ms = now_ms - BEYOND_MS
    scaled = answers(project.address, epoch_ms, until_ms)

    with Plant(tmp_path / "alone", relive=record) as alone:
        alone.reach(now_ms - MINUTE_MS - EPOCH_MS)
        wait_for_page(alone.address, BACK_S)
        single = answers(alone.address, epoch_ms, until_ms)

    for question, told in single.items():
        assert different(told, scaled[question]) == [], question
