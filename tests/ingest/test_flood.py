"""A guest and a device flood a real office through a real broker, and everybody else's numbers stay whole."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time
from typing import Any

import pytest

from dashboard.history.reader import Reader
from protocol.moments import to_text
from tests.broker.clients import Client, wait_until
from tests.broker.running import RunningBroker
from tests.ingest.running import RunningIngest

pytestmark = pytest.mark.broker

MIB = 1 << 20
MINUTE = 60_000
MINUTES = 60
SOON_S = 120.0
TOPICS = """
[[device]]
topic = "devices/{machine}/power"
[device.signals]
power_kw = { factor = 0.001 }
"""
MOST_BYTES = 400 * MIB
"""Of memory; without bounds, what is said here would be a gigabyte."""


def flood(client: Client, topics: Callable[[int], str], payload: bytes, messages: int) -> None:
    at_once = 4 if len(payload) > MIB else 200
    for number in range(0, messages, at_once):
        client.say([topics(number + one) for one in range(at_once)], payload)


@pytest.fixture
def ingest(broker: RunningBroker, tmp_path: Path) -> Iterator[RunningIngest]:
    """An office that hears devices that speak otherwise, too."""
    (tmp_path / "topics.toml").write_text(TOPICS, encoding="utf-8")
    running = RunningIngest(broker, tmp_path, "--topics", str(tmp_path / "topics.toml"))
    running.start()
    yield running
    running.kill()


def test_a_flood_neither_drowns_others_nor_fills_memory_or_disk(
    broker: RunningBroker, ingest: RunningIngest, tmp_path: Path
) -> None:
    machine = Client(broker.port, "machines", broker.password("machines"))
    viewer = Client(broker.port, "viewer", broker.password("viewer"))
    viewer.listen("shopfloor/_office/refused", "shopfloor/_office/work")
    begun_ms = (int(time()) * 1_000 - 2 * MINUTES * MINUTE) // MINUTE * MINUTE
    birth = {"at": to_text(begun_ms), "states": "reported", "period_ms": MINUTE}
    machine.say(["shopfloor/machining/mill-1/birth"], json.dumps(birth), retain=True)
    makers: list[tuple[str, Callable[[int], str], bytes, int]] = [
        ("guest", lambda _: "shopfloor/my-press/readings", b'{"power_kw": 3.2}', 8_000),
        ("guest", lambda number: f"shopfloor/made-up-{number}/readings", b'{"power_kw": 3.2}', 8_000),
        ("guest", lambda _: "shopfloor/my-press/readings", b"{" + b" " * (2 * MIB) + b"}", 400),
        ("device", lambda number: f"devices/saw-{number % 7}/power", b"3200", 8_000),
    ]
    clients = [Client(broker.port, user, broker.password(user)) for user, _, _, _ in makers]
    floods = [
        threading.Thread(target=flood, args=(client, topics, payload, messages))
        for client, (_, topics, payload, messages) in zip(clients, makers, strict=True)
    ]
    # By then all births are known, and devices are left out that say too much.
    wait_until(lambda: whole(viewer, "work") is not None)
    for one in floods:
        one.start()

    try:
        for minute in range(MINUTES):
            state = "down" if 20 <= minute < 30 else "running"
            said = {"at": to_text(begun_ms + minute * MINUTE), "power_kw": 3.0, "state": state, "seq": minute}
            machine.say(["shopfloor/machining/mill-1/readings"], json.dumps({**said, "parts": minute}))
        reader = Reader(ingest.history)
        until_ms = begun_ms + (MINUTES - 1) * MINUTE
        wait_until(lambda: known_until(reader) >= until_ms, SOON_S)
        wait_until(lambda: refusals(viewer) > 8_000, SOON_S)
    finally:
        for one in floods:
            one.join()

    kept = reader.intervals("", "mill-1", begun_ms, until_ms)
    told = [(from_ms - begun_ms, state.value) for from_ms, _, state, _ in kept]
    assert told == [(0, "running"), (20 * MINUTE, "down"), (30 * MINUTE, "running")]
    work = whole(viewer, "work") or {}
    assert work["process"]["dropped"] == 0
    assert work["process"]["memory_bytes"] < MOST_BYTES
    assert sum(file.stat().st_size for file in tmp_path.glob("history.db*")) < 64 * MIB
    assert ingest.log.stat().st_size < MIB
    # Of all that was told: others that are refused one by one can have taken its place among the newest.
    reasons = {one["reason"] for told in every(viewer, "refused") for one in told["newest"]}
    assert any("more messages were left out" in reason for reason in reasons)
    reader.close()
    for client in (*clients, machine, viewer):
        client.close()


def every(viewer: Client, what: str) -> list[dict[str, Any]]:
    """All that the office has told of something, in its order."""
    return [
        json.loads(one.payload)
        for one in viewer.heard
        if one.topic == f"shopfloor/_office/{what}" and one.payload
    ]


def whole(viewer: Client, what: str) -> dict[str, Any] | None:
    """The newest of it."""
    told = every(viewer, what)
    return told[-1] if told else None


def refusals(viewer: Client) -> int:
    return int((whole(viewer, "refused") or {"total": 0})["total"])


def known_until(reader: Reader) -> int:
    found = [one for one in reader.machines("") if one.name == "mill-1"] if reader.runs() else []
    return found[0].known_until_ms if found else 0
