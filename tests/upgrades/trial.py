"""One stored version met by all of the present program: broker, ingest, web and simulator, as processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dashboard.history.store import Store
from tests.broker.clients import Client
from tests.broker.running import PROJECT
from tests.upgrades.answering import compared, differences
from tests.upgrades.opening import open_and_kill
from tests.upgrades.plant import Plant
from tests.upgrades.recorder import is_kept
from tests.upgrades.rows import making_of
from tests.upgrades.served import serve
from tests.upgrades.storing import last_window

if TYPE_CHECKING:
    from pathlib import Path

    from tests.history.running import RunningPostgresql
    from tests.upgrades.stored import Stored

COLUMNS = (
    "version", "tables", "answers held", "killed while migrating", "on PostgreSQL", "messages heard",
    "refused", "differences",
)  # fmt: skip
FROM_THE_PLANT = ("clock", "tick", "response", "result", "assumptions", "faults")


@dataclass(kw_only=True)
class Trial:
    """What came of it."""

    version: Stored
    """Which one."""
    answers: int = 0
    """Answers of the API that were compared."""
    kills: int = 0
    """How often a migration was killed, of the file and on the server."""
    served: int = 0
    """Answers that were compared on a server."""
    heard: int = 0
    """Messages that were said to the present office."""
    refused: int = 0
    """How many of them it refused."""
    wrong: list[str] = field(default_factory=list)
    """What differs."""

    @property
    def row(self) -> tuple[str, ...]:
        """The same for a table."""
        counts = (self.answers, self.kills, self.served, self.heard, self.refused, len(self.wrong))
        return (self.version.name, self.version.schema, *(f"{one:,}" for one in counts))


def tried(version: Stored, folder: Path, server: RunningPostgresql) -> Trial:
    """Try everything with one version."""
    trial = Trial(version=version)
    _kill_and_open(trial, folder)
    _serve(trial, folder, server)
    _go_on(trial, folder / "goes-on")
    _listen(trial, folder / "listens")
    return trial


def _kill_and_open(trial: Trial, folder: Path) -> None:
    """Kill the migration at each of its statements; every time the file is as it was."""
    file = trial.version.unpack(folder)
    made, url = making_of(file), f"sqlite:///{file}"
    while open_and_kill(url, trial.kills + 1, folder / "log"):
        trial.kills += 1
        if making_of(file) != made:
            trial.wrong.append(f"killed at statement {trial.kills}: the tables are others")
    trial.wrong += differences(trial.version, url)
    before = file.read_bytes()
    Store(url).close()
    if file.read_bytes() != before:
        trial.wrong.append("a second opening changed the file")


def _serve(trial: Trial, folder: Path, server: RunningPostgresql) -> None:
    url = server.database()
    serve(trial.version, trial.version.unpack(folder), url)
    # Both a first and a last statement, where there are any.
    trial.kills += sum(open_and_kill(url, one, folder / "log") for one in (1, 9))
    Store(url).close()
    trial.wrong += [f"PostgreSQL: {one}" for one in differences(trial.version, url)]
    trial.served = len(trial.version.answers)


def _go_on(trial: Trial, folder: Path) -> None:
    """Start everything on the old history, as after an upgrade: a new run begins, and the old one stays."""
    with Plant(folder, office=PROJECT, factory=PROJECT) as plant:
        trial.version.unpack(folder)
        plant.start_ingest()
        plant.start_web()
        plant.start_simulator("--history-hours", "0.2", "--seed", "8", "--speed", "60")
        plant.wait_for(lambda: plant.ask("/api/runs")[0]["run"] != trial.version.run)
        run = plant.ask("/api/runs")[0]["run"]
        plant.wait_for(lambda: _running_s(plant, run) > 0)
        # A machine that is busy may leave a question without an answer: it is asked again.
        plant.wait_for(lambda: not _but_closed(compared(trial.version, plant.ask)))
        trial.answers = len(trial.version.answers)


def _but_closed(differences: list[str]) -> list[str]:
    """Differences without those of calls that were open: they end with their run when another begins."""
    ended = (".closed: 'None' is now", ".state: 'open' is now 'closed'")
    return [one for one in differences if not ("/api/calls" in one and any(end in one for end in ended))]


def _running_s(plant: Plant, run: str) -> float:
    return float((plant.ask(f"/api/kpis?run={run}&machine=mill-1") or {}).get("running_s", 0.0))


def _listen(trial: Trial, folder: Path) -> None:
    """Say to the present office, at a real broker, what the old simulator said."""
    window = last_window(trial.version.epoch_ms)
    with Plant(folder, office=PROJECT, factory=PROJECT) as plant:
        plant.start_ingest()
        plant.start_web()
        broker = plant.broker
        machines = Client(broker.port, "machines", broker.password("machines"))
        machines.listen("shopfloor/_plant/office")
        plant.wait_for(lambda: any(b'"boot":""' not in one.payload for one in machines.heard))
        for one in trial.version.said:
            if is_of_the_plant(one.topic):
                machines.say([one.topic], one.text, retain=is_kept(one.topic))
                trial.heard += 1
        machines.close()
        last = f"/api/kpis?run={trial.version.run}"
        plant.wait_for(lambda: (plant.ask(last) or {}).get("to") is not None)
        plant.wait_for(lambda: not compared(trial.version, plant.ask, window))
        trial.refused = int(plant.ask("/api/health")["refused"] or 0)


def is_of_the_plant(topic: str) -> bool:
    """Whether it is the plant or a machine that speaks on a topic."""
    middle, last = topic.split("/")[1], topic.rsplit("/", maxsplit=1)[-1]
    return middle not in {"_office", "_call"} and (middle != "_plant" or last in FROM_THE_PLANT)
