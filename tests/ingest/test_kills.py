"""The ingest process killed while it learns anew, and while it forgets: it finishes what it had begun."""

import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.commands import Command, Forget, Relearn, command_topic, encode
from dashboard.history.reader import Reader
from dashboard.history.rows import LearningRow
from protocol.moments import from_ms, to_text
from tests.broker.clients import Client, wait_until
from tests.broker.running import RunningBroker
from tests.ingest.running import RunningIngest

pytestmark = pytest.mark.broker
NAME = "my-press"
READINGS = f"shopfloor/{NAME}/readings"
BIRTH = f"shopfloor/{NAME}/birth"
ONLINE = f"shopfloor/{NAME}/online"
TILE = f"shopfloor/_office/machine/{NAME}"
MINUTE_MS = 60_000
COUNT = 240
BEGUN_MS = 1_767_592_800_000
SINCE_MS = BEGUN_MS + 120 * MINUTE_MS
HALFWAY = 140


def reading(minute: int) -> bytes:
    """Ten minutes running, ten stopped; from the second hour on three times the power."""
    power_kw = (8.0 if minute // 10 % 2 == 0 else 1.0) * (3 if minute >= 120 else 1) + (minute >= 120) * 6
    return json.dumps({"at": to_text(BEGUN_MS + minute * MINUTE_MS), "power_kw": power_kw}).encode()


@pytest.fixture
def device(broker: RunningBroker) -> Iterator[Client]:
    client = Client(broker.port, "machines", broker.password("machines"))
    yield client
    client.close()


@pytest.fixture
def operator(broker: RunningBroker) -> Iterator[Client]:
    client = Client(broker.port, "operator", broker.password("operator"))
    yield client
    client.close()


@pytest.fixture
def ingest(broker: RunningBroker, tmp_path: Path) -> Iterator[RunningIngest]:
    """A process that is not started yet, and gone in the end."""
    running = RunningIngest(broker, tmp_path)
    yield running
    running.kill()


def ask(operator: Client, command: Command) -> None:
    operator.say([command_topic("shopfloor")], encode(command))


def learnings(history: str) -> list[LearningRow]:
    reader = Reader(history)
    try:
        return reader.learnings("", NAME) if reader.runs() else []
    finally:
        reader.close()


def kept(history: str) -> Any:
    """Intervals and what was learned, in the end."""
    reader = Reader(history)
    (machine,) = reader.machines("")
    found = reader.intervals("", NAME, BEGUN_MS, machine.known_until_ms), reader.learnings("", NAME)
    reader.close()
    return found


def messages(history: str) -> int:
    file = history.removeprefix("sqlite:///")
    if not Path(file).exists():
        return 0
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10) as connection:
        (count,) = connection.execute("SELECT count(*) FROM readings").fetchone()
    connection.close()
    return int(count)


def learned_anew(
    folder: Path, broker: RunningBroker, device: Client, operator: Client, kills: list[float]
) -> Any:
    """What an office keeps that is killed so many seconds after each of these: asked, half told, told."""
    folder.mkdir()
    ingest = RunningIngest(broker, folder)
    try:
        return learned_by(ingest, folder.name, device, operator, kills)
    finally:
        ingest.kill()


def learned_by(ingest: RunningIngest, name: str, device: Client, operator: Client, kills: list[float]) -> Any:
    ingest.start()
    for minute in range(HALFWAY):
        device.say([READINGS], reading(minute))
    wait_until(lambda: any(one.to_ms for one in learnings(ingest.history)))

    def tell(from_minute: int, to_minute: int) -> None:
        for minute in range(from_minute, to_minute):
            device.say([READINGS], reading(minute))

    again = Relearn(id=f"again {name}", machine=NAME, since=from_ms(SINCE_MS))
    parts: list[Callable[[], None]] = [
        lambda: ask(operator, again),
        lambda: tell(HALFWAY, 185),
        lambda: tell(185, COUNT),
    ]
    for part, kill_s in zip(parts, [*kills, -1.0, -1.0, -1.0], strict=False):
        part()
        if kill_s >= 0:
            time.sleep(kill_s)
            ingest.kill()
            ingest.start()
    wait_until(lambda: [one.to_ms is not None for one in learnings(ingest.history)] == [True, True], 60)
    until_s = time.monotonic() + 60
    while messages(ingest.history) != COUNT and time.monotonic() < until_s:
        time.sleep(0.1)
    assert messages(ingest.history) == COUNT, ingest.log.read_text(encoding="utf-8")
    ingest.stop()
    return kept(ingest.history)


def test_an_office_that_is_killed_while_it_learns_anew_learns_the_same(
    broker: RunningBroker, device: Client, operator: Client, tmp_path: Path
) -> None:
    choose = random.Random(3)  # noqa: S311 - fixed moments, no secret
    undisturbed = learned_anew(tmp_path / "undisturbed", broker, device, operator, [])

    kills = [round(choose.uniform(0, 0.4), 3) for _ in range(5)]
    killed = learned_anew(tmp_path / "killed", broker, device, operator, kills)

    assert killed == undisturbed, kills

    assert [one.version for one in undisturbed[1]] == [1, 2]


@pytest.mark.parametrize("seed", range(3))
def test_a_machine_is_forgotten_everywhere_however_the_office_is_killed_meanwhile(
    seed: int, broker: RunningBroker, device: Client, operator: Client, ingest: RunningIngest
) -> None:
    choose = random.Random(seed)  # noqa: S311 - fixed moments, no secret
    ingest.start()
    birth = {"at": to_text(BEGUN_MS), "states": "reported", "period_ms": MINUTE_MS}
    device.say([BIRTH], json.dumps(birth), retain=True)
    device.say([ONLINE], "true", retain=True)
    for minute in range(5):
        device.say([READINGS], reading(minute))
    reader = Reader(ingest.history)
    wait_until(lambda: bool(reader.runs()) and [one.name for one in reader.machines("")] == [NAME])
    wait_until(lambda: retained(broker, "viewer", TILE) == {TILE})

    device.say([READINGS], reading(5))
    ask(operator, Forget(id="away", machine=NAME))
    for _ in range(2):
        time.sleep(choose.uniform(0, 0.06))
        ingest.kill()
        ingest.start()

    wait_until(lambda: not reader.machines("", retired=True))
    wait_until(lambda: retained(broker, "viewer", TILE) == retained(broker, "office", BIRTH, ONLINE) == set())
    assert reader.machines("", retired=True) == []
    device.say([READINGS], reading(20))
    wait_until(lambda: [one.name for one in reader.machines("")] == [NAME])
    assert reader.machines("")[0].since_ms == BEGUN_MS + 20 * MINUTE_MS
    reader.close()


def retained(broker: RunningBroker, role: str, *topics: str) -> set[str]:
    """On which topics the broker keeps a message."""
    client = Client(broker.port, role, broker.password(role))
    client.listen(*topics)
    client.close()
    return {message.topic for message in client.heard if message.retain}
