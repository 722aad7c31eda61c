"""How a version is stored: a plant of it lives a few hours, and what it leaves and said is kept."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocol.moments import from_text, to_text
from tests.broker.clients import Client
from tests.upgrades.plant import MACHINES, Plant
from tests.upgrades.recorder import Recorder, Said, is_kept, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator

EPOCH = "2026-01-05T06:00:00Z"
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
HOURS = 2
"""Plant hours that it lives before anything is asked of it."""
AFTER_MS = 12 * MINUTE_MS
"""Plant time for which it goes on after that, while every message is kept."""
KEPT_HOURS = "0.25"
"""Plant hours for which the history keeps messages: they take most of the room."""
DEVICE = "my-press"
COUNT = 240
STEP_MS = HOURS * HOUR_MS // COUNT


def store(name: str, source: Path, into: Path) -> None:
    """Let a version live, and keep its history, its answers and its messages in a folder of its name."""
    target = into / name
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = _lived(Path(folder) / "plant", source, target)
        assert not (Path(folder) / "plant" / "history.db-wal").exists(), "ingest has not left its history"
        history = (Path(folder) / "plant" / "history.db").read_bytes()
    _pack(target / "history.db.gz", history)
    about = {"name": name, "commit": _commit(source), **made}
    (target / "made.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _lived(folder: Path, source: Path, target: Path) -> dict[str, Any]:
    with Plant(folder, office=source, factory=source) as plant:
        recorder = Recorder(plant.broker)
        plant.start_ingest("--keep-readings-hours", KEPT_HOURS)
        plant.start_web()
        # The first version could not be told when a run is to begin.
        told = "--epoch" in _help(source)
        epoch = ("--epoch", EPOCH) if told else ()
        plant.start_simulator("--history-hours", str(HOURS), "--seed", "7", "--speed", "60", *epoch)
        plant.wait_for(lambda: plant.ask("/api/runs"))
        run = plant.ask("/api/runs")[0]
        epoch_ms = from_text(run["epoch"])
        until_ms = epoch_ms + HOURS * HOUR_MS
        plant.wait_for(lambda: _now_ms(plant) >= until_ms)
        _do_things(plant, run["run"], epoch_ms)
        plant.wait_for(lambda: _now_ms(plant) >= until_ms + AFTER_MS)
        answers = {path: plant.ask(path) for path in paths(run["run"], epoch_ms)}
        # What a version does not know it has no answer for, or passes over.
        answers = {path: answer for path, answer in answers.items() if answer and _is_of(path, answer)}
        # As when the power goes: nobody says goodbye.
        plant.kill("simulator")
        plant.kill("web")
        recorder.close()
        # What it has in its journal goes into the file.
        plant.stop("ingest")
    with sqlite3.connect(folder / "history.db") as connection:
        tables = {one for (one,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        mark = ("alembic_version", "version_num") if "alembic_version" in tables else ("schema", "version")
        (schema,) = connection.execute(f"SELECT {mark[1]} FROM {mark[0]}").fetchone()
    connection.close()
    _pack(target / "answers.json.gz", json.dumps(answers, sort_keys=True).encode())
    _pack(target / "messages.jsonl.gz", lines_of(list(_kept(recorder.said, until_ms))))
    return {
        "schema": schema,
        "run": run["run"],
        "epoch": to_text(epoch_ms),
        "hours": HOURS,
        "machines": MACHINES,
    }


def paths(run: str, epoch_ms: int) -> Iterator[str]:
    """What the API is asked: numbers, states and losses of windows that are over."""
    windows = [
        (epoch_ms, epoch_ms + HOUR_MS),
        (epoch_ms + 17 * MINUTE_MS + 1, epoch_ms + HOURS * HOUR_MS - 5 * MINUTE_MS),
        last_window(epoch_ms),
    ]
    machines = [*MACHINES, DEVICE]
    for from_ms, to_ms in windows:
        window = f"run={run}&from={to_text(from_ms)}&to={to_text(to_ms)}"
        for source in ("measured", "truth"):
            yield f"/api/kpis?{window}&source={source}"
            yield from (f"/api/kpis?{window}&source={source}&machine={one}" for one in machines)
            yield from (f"/api/intervals?{window}&source={source}&machine={one}" for one in machines)
        yield f"/api/kpis?{window}&by=line"
        yield f"/api/losses?{window}"
        yield f"/api/stops?{window}"
        yield f"/api/calls?{window}"


def last_window(epoch_ms: int) -> tuple[int, int]:
    """The time of which every message is kept, a minute less at either end."""
    until_ms = epoch_ms + HOURS * HOUR_MS
    return until_ms + MINUTE_MS, until_ms + AFTER_MS - MINUTE_MS


def _do_things(plant: Plant, run: str, epoch_ms: int) -> None:
    """What people and devices do: one of one's own, a reason for a stop, and a fault."""
    broker = plant.broker
    guest = Client(broker.port, "guest", broker.password("guest"))
    offsets = list(range(0, COUNT * STEP_MS, STEP_MS))
    # Stands and works by turns of five minutes.
    power = [0.4 if at // (5 * MINUTE_MS) % 2 else 4.0 + at % 7 / 10 for at in offsets]
    batch = {"at": to_text(epoch_ms), "offsets_ms": offsets, "power_kw": power}
    guest.say([f"shopfloor/{DEVICE}/readings"], json.dumps(batch))
    guest.close()
    window = f"run={run}&from={to_text(epoch_ms)}&to={to_text(epoch_ms + HOURS * HOUR_MS)}"
    stops = (plant.ask(f"/api/stops?{window}&machine={MACHINES[0]}") or {}).get("stops", [])
    operator = Client(broker.port, "operator", broker.password("operator"))
    if stops:
        reason = {"id": "why-1", "what": "reason", "run": run, "machine": MACHINES[0], "note": "seen by hand"}
        said = {**reason, "at": stops[0]["start"], "reason": "no-material"}
        operator.say(["shopfloor/_office/command"], json.dumps(said))
    fault = {"id": "fault-1", "what": "fault", "machine": MACHINES[0], "fault": "jam", "duration_s": 240.0}
    operator.say(["shopfloor/_plant/command"], json.dumps(fault))
    operator.close()


def _kept(said: list[Said], from_ms: int) -> Iterator[Said]:
    """All messages from a tick on, and before them what the broker keeps of those that came earlier."""
    begin = next(number for number, one in enumerate(said) if _is_tick(one) and _at_ms(one) >= from_ms)
    newest = {one.topic: one for one in said[:begin] if is_kept(one.topic)}
    yield from newest.values()
    yield from said[begin:]


def _is_of(path: str, answer: dict[str, Any]) -> bool:
    return "&by=" not in path or "by" in answer


def _is_tick(one: Said) -> bool:
    return one.topic == "shopfloor/_plant/tick"


def _at_ms(one: Said) -> int:
    return from_text(json.loads(one.text)["at"])


def _now_ms(plant: Plant) -> int:
    runs = plant.ask("/api/runs")
    return from_text(runs[0]["now"]) if runs else 0


def _help(source: Path) -> str:
    command = [sys.executable, "-m", "simulator", "run", "--help"]
    return subprocess.run(command, cwd=source, check=True, capture_output=True, text=True).stdout


def _commit(source: Path) -> str:
    command = ["git", "rev-parse", "--short=10", "HEAD"]
    return subprocess.run(command, cwd=source, check=True, capture_output=True, text=True).stdout.strip()


def _pack(file: Path, content: bytes) -> None:
    # Without the time of day in it, the same content is the same file.
    file.write_bytes(gzip.compress(content, 9, mtime=0))
