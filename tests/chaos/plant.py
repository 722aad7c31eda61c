"""Broker, ingest, web and simulator, each a process that may be killed at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from dashboard.history import tables
from dashboard.history.store import open_engine
from dashboard.ingest.share import PROVING, Share
from demo.claims import HOST
from protocol.messages import PlantCommand, Value
from protocol.moments import from_ms
from protocol.version import VERSION
from simulator.histories.record import load_record, open_again
from simulator.histories.run import Run, Settings, open_run
from simulator.telling.opening import fingerprint
from tests.broker.running import HERE, PROJECT, Place, RunningBroker
from tests.journeys.floor import ask
from tests.ports import own_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from tests.chaos.surroundings import Surroundings
    from tests.history.running import RunningPostgresql

PARTS = ("ingest", "web", "broker", "simulator")
DATABASE = "database"
"""The part that keeps the history where that is a server."""
EPOCH_MS = 1_767_592_800_000
"""2026-01-05T06:00:00Z."""
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
MACHINES = PROJECT / "simulator" / "machines"
PEOPLE = PROJECT / "simulator" / "people.toml"
ASSUMPTIONS = PROJECT / "simulator" / "assumptions.toml"
STALLED_S = 120.0
"""No verdict about speed: a plant that has shown nothing for so long stands."""
END_S = 10.0
"""A part that was asked to end has so long for it, as in Compose."""
BACK_OFF_S = (1.0, 2.0, 4.0, 8.0)
"""How long to wait before a part that ended by itself is started for the first, second ... time again."""
KEEP_HOURS = 1_000
"""Messages are kept for so long, so that the readings in them can be counted."""


def parts_of(workers: int = 1, *, served: bool = False) -> tuple[str, ...]:
    """All parts that may be killed: those that work out the history first, a server that keeps it last."""
    ingests = ("ingest",) if workers == 1 else tuple(f"ingest-{one + 1}" for one in range(workers))
    return (*ingests, *PARTS[1:], *((DATABASE,) if served else ()))


class Plant:
    """The four parts around one history, in a folder of their own.

    The run is written down before the simulator starts: same seed, same epoch, same machines, and the
    same inputs at the same plant times, as if a crash at its very start had left it so.
    """

    def __init__(
        self,
        folder: Path,
        *,
        seed: int = 1,
        inputs: bool = True,
        machines: Path = MACHINES,
        speed: str = "max",
        relive: Path | None = None,
        assumptions: Path = ASSUMPTIONS,
        twin: bool = True,
        patience: str = "forever",
        backlog_hours: float = 24.0,
        server: RunningPostgresql | None = None,
        workers: int = 1,
        around: Surroundings | None = None,
    ) -> None:
        """Write down the run.

        Args:
            folder: Where the parts keep what they keep.
            seed: Seed of the plant.
            inputs: Whether the bench and a machine come and go, and assumptions change, while it runs.
            machines: Folder with a file for each machine.
            speed: Plant seconds per real second, or `max`.
            relive: The record of a run that is lived again instead.
            assumptions: The file of what is assumed.
            twin: Whether the plant has a twin.
            patience: Real seconds without an office after which it goes on alone, or `forever`.
            backlog_hours: Plant hours for which it then keeps readings for the office.
            server: What keeps the history; None for a file.
            workers: How many ingest processes divide the machines.
            around: What is around the parts; None where they run beside the test.
        """
        self.folder = folder
        self.around = around
        """What is around the parts."""
        self.down: set[str] = set()
        """Parts that are down because somebody took them down."""
        self.ended: list[str] = []
        """Parts that ended by themselves and were started again, each with what it said last."""
        self._ended_at: dict[str, tuple[float, int]] = {}
        self._starts: dict[str, int] = {}
        self.port = own_port()
        self.address = f"http://{HOST}:{self.port}"
        self.history = folder / "history" / "history.db"
        self.server = server
        self.url = f"sqlite:///{self.history}" if server is None else server.database()
        """Where the history is kept, for the test."""
        self._their_url = self.url if server is None or around is None else server.reached_at(self.url)
        self.offices = tuple(Share(number=one + 1, count=workers) for one in range(workers))
        self.parts = parts_of(workers, served=server is not None)
        """All parts that may be killed."""
        self.ingests = self.parts[:workers]
        """Those that work out the history."""
        self._engine: Engine | None = None
        folder.mkdir(parents=True, exist_ok=around is not None)
        self.state = folder / "simulator"
        self._machines = machines
        self._speed = speed
        self._relive = relive
        self._assumptions = assumptions
        self._twin = twin
        self._patience = patience
        self._backlog_hours = backlog_hours
        self.run = (
            open_again(self.state, load_record(relive))
            if relive is not None
            else _written_down(self.state, seed, machines, assumptions, inputs=inputs)
        )
        self.broker = RunningBroker(folder / "broker", place=place_of("broker", around))
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        for part in ("broker", *self.ingests, "web", "simulator"):
            self.start(part)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()
        self.broker.kill()
        if self._engine is not None:
            self._engine.dispose()

    def start(self, part: str) -> None:
        """Start a part."""
        self.down.discard(part)
        self._starts.pop(part, None)
        self._launch(part)

    def _launch(self, part: str) -> None:
        self._ended_at.pop(part, None)
        # Where disks may be full it is no failure that one does not come up: it is tried again.
        if part == "broker":
            (self.broker.start if self.around is None else self.broker.launch)()
            return
        if part == DATABASE and self.server is not None:
            (self.server.start if self.around is None else self.server.launch)()
            return
        place = place_of(part, self.around)
        ours = {name: value for name, value in os.environ.items() if name not in {"SPEED", "SEED"}}
        with (self.folder / f"{part}.log").open("ab") as log:
            self._processes[part] = subprocess.Popen(
                [*place.prefix, sys.executable, "-m", *self._command(part)],
                cwd=PROJECT,
                stdout=log,
                stderr=log,
                env=ours | place.environment,
            )

    def kill(self, part: str) -> None:
        """End a part as `kill -9` does; one that has ended by itself is no part that was killed."""
        self.down.add(part)
        if part == "broker":
            self.broker.kill()
            return
        if part == DATABASE and self.server is not None:
            self.server.kill()
            return
        process = self._processes[part]
        watched = self.server is not None or self.around is not None
        assert watched or process.poll() is None, f"{part} ended by itself: {self.said(part)[-2_000:]}"
        process.kill()
        process.wait()

    def terminate(self, part: str) -> None:
        """Ask a part to end, and wait until it has."""
        self.down.add(part)
        try:
            if part == "broker":
                self.broker.stop()
            elif part == DATABASE and self.server is not None:
                self.server.terminate()
            else:
                self._processes[part].terminate()
                self._processes[part].wait(END_S)
        except subprocess.TimeoutExpired:
            self.kill(part)  # as Compose does after its period of grace

    def freeze(self, part: str) -> None:
        """Have a part do nothing, and keep everything that it has."""
        self._signal(part, signal.SIGSTOP)

    def thaw(self, part: str) -> None:
        """Have it go on."""
        self._signal(part, signal.SIGCONT)

    def _signal(self, part: str, number: int) -> None:
        # Of one that has just ended by itself there is nothing to stop.
        if not self._has_ended(part):
            for pid in self.pids(part):
                os.kill(pid, number)

    def mend(self) -> None:
        """Start those again that ended by themselves, each time a little later, as Compose does."""
        # Beside a test nobody does: there, a part that ends is found out.
        if self.server is None and self.around is None:
            return
        for part in self.parts:
            if part not in self.down and self._has_ended(part):
                since_s, times = self._ended_at.setdefault(
                    part, (time.monotonic(), self._starts.get(part, 0))
                )
                if time.monotonic() - since_s >= BACK_OFF_S[min(times, len(BACK_OFF_S) - 1)]:
                    self.ended.append(f"{part}: {(self.said(part).strip().splitlines() or [''])[-1]}")
                    self._launch(part)
                    self._starts[part] = times + 1

    def _has_ended(self, part: str) -> bool:
        if part == "broker":
            return self.broker.ended()
        if part == DATABASE:
            return self.server is not None and self.server.ended()
        return self._processes[part].poll() is not None

    def pid(self, part: str) -> int:
        """The process id of a part that was started."""
        return self._processes[part].pid

    def pids(self, part: str) -> list[int]:
        """The process ids of a part: a web server and a database server have several."""
        if part == "broker":
            return [self.broker.pid]
        if part == DATABASE and self.server is not None:
            return self.server.pids()
        return with_children(self._processes[part].pid)

    @contextmanager
    def beside(self, part: str) -> Iterator[None]:
        """Within it, the test reaches what listens on the loopback address of a part."""
        with place_of(part, self.around).inside():
            yield

    def answer(self, path: str) -> Any:
        """What the page's API answers."""
        with self.beside("web"):
            return ask(self.address, path)

    def said(self, part: str) -> str:
        """What stands in the log of a part."""
        if part == DATABASE and self.server is not None:
            return self.server.said()
        file = self.broker.log if part == "broker" else self.folder / f"{part}.log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def restart_with(self, *, twin: bool) -> None:
        """Kill the simulator, and start it again with a twin or without."""
        self.kill("simulator")
        self._twin = twin
        self.start("simulator")

    def committed_ms(self, run: str | None = None) -> int:
        """Plant time up to which measured and true time of a run are in the history, ms after the epoch."""
        if self.server is None and not self.history.exists():
            return 0
        names = {*(one.name() for one in self.offices), PROVING}
        if self._engine is None:
            self._engine = open_engine(self.url)
        t = tables.watermarks.c
        asked = select(t.committed_ms).where(t.run == (run or self.run.id), t.office.in_(names))
        try:
            with self._engine.connect() as connection:
                rows = connection.scalars(asked).all()
        except (OperationalError, ProgrammingError):
            return 0  # ingest has not made its tables yet, or the server is away
        return min(rows) - EPOCH_MS if len(rows) == len(names) else 0

    def reach(self, plant_ms: int) -> None:
        """Wait until the history reaches so far after the epoch; fails when it stands still."""
        best_ms, since_s = -1, time.monotonic()
        while (now_ms := self.committed_ms()) < plant_ms:
            if now_ms > best_ms:
                best_ms, since_s = now_ms, time.monotonic()
            stands_s = time.monotonic() - since_s
            self.mend()
            assert stands_s < STALLED_S, f"no progress beyond {best_ms / HOUR_MS:.2f} h: {self.last_words()}"
            time.sleep(0.05)

    def last_words(self) -> str:
        """The end of every log."""
        return "\n".join(f"--- {part}\n{self.said(part)[-1_000:]}" for part in self.parts)

    def wait_for(self, what: Callable[[], bool], patience_s: float = STALLED_S) -> None:
        """Wait for a condition; fails when it does not come."""
        end_s = time.monotonic() + patience_s
        asked_s = time.monotonic()
        while not what():
            now_s = time.monotonic()
            assert now_s < end_s, f"waited in vain: {self.last_words()}"
            # The plant needs the processor, too: asking takes a quarter of the time at most.
            time.sleep(min(max(0.05, 3 * (now_s - asked_s)), 0.5))
            asked_s = time.monotonic()

    def _command(self, part: str) -> list[str]:
        connection = ["--broker", self.broker.url, "--credentials", str(self.broker.credentials)]
        history = ["--history", self._their_url]
        if part in self.ingests:
            worker = f"{self.ingests.index(part) + 1}/{len(self.ingests)}"
            kept = ["--keep-readings-hours", str(KEEP_HOURS)]
            return ["dashboard", "ingest", *connection, *history, "--worker", worker, *kept]
        if part == "web":
            return ["dashboard", "web", *connection, *history, "--host", HOST, "--port", str(self.port)]
        return [
            "simulator", "run", *connection, "--speed", self._speed, "--wait-for-office", self._patience,
            "--backlog-hours", str(self._backlog_hours),
            "--machines", str(self._machines), "--state", str(self.state),
            "--people", str(PEOPLE), "--assumptions", str(self._assumptions),
            "--twin", "on" if self._twin else "off",
            "--seed", str(self.run.head.seed), *(["--relive", str(self._relive)] if self._relive else []),
        ]  # fmt: skip


def with_children(pid: int) -> list[int]:
    """A process and those that it has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *map(int, children)]


def place_of(part: str, around: Surroundings | None) -> Place:
    """Where a part runs."""
    if around is None:
        return HERE
    return Place(
        host=around.network.address(part),
        prefix=tuple(around.network.prefix(part)),
        environment=around.clocks.environment(part),
        inside=lambda: around.network.inside(part),
    )


def _written_down(state: Path, seed: int, machines: Path, assumptions: Path, *, inputs: bool) -> Run:
    """A run that has just begun, with the inputs that it is going to meet: the log of one lived before."""
    texts = {file.stem: file.read_text(encoding="utf-8") for file in sorted(machines.glob("*.toml"))}
    settings = Settings(
        catch_up_to=from_ms(EPOCH_MS),
        kinds=fingerprint(),
        program=VERSION,
        machines=texts,
        people=PEOPLE.read_text(encoding="utf-8"),
        assumptions=assumptions.read_text(encoding="utf-8"),
    )
    run = open_run(state, seed=seed, epoch_ms=EPOCH_MS, settings=settings)
    changed = "press-1"
    changes = ((30, "bench"), (45, "assume"), (55, "retired"), (80, "added"))
    for minutes, what in changes if inputs else ():
        run.position_ms = EPOCH_MS + minutes * MINUTE_MS + 1
        if what == "bench":
            run.note("order", order=PlantCommand(id="bench", what="bench", on=True))
        elif what == "assume":
            values: dict[str, Value] = {
                "rounds_s": 600.0,
                "reaction_mean_s": 30.0,
                "on_shift": ("anna", "dora"),
            }
            run.note("order", order=PlantCommand(id="assume", what="assume", values=values))
        elif what == "retired":
            run.note("retired", machine=changed)
        else:
            run.note("added", machine=changed, text=texts[changed])
    return run
