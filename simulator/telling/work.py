"""A day's work of the simulator: open or resume a run, put the factory together, and let it work."""

import gc
import hashlib
import logging
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Literal

from protocol.address import Address
from protocol.messages import OfficeNotice
from protocol.moments import from_ms, to_ms, to_text
from protocol.topics import MachineTopic
from simulator.commanding.commands import Answered, results_of
from simulator.histories.chronicle import ROOT, Chronicle
from simulator.histories.run import Asked, Run, Settings, StateError, last_run, open_run
from simulator.specs.calibration import BENCH_FOLDER, load_bench
from simulator.specs.kind import Kind, load_kinds
from simulator.specs.machine import MachineSpec, SpecError, parse_machine
from simulator.specs.people import load_people
from simulator.specs.settings import read_text
from simulator.telling.connections import Connections, Fleet
from simulator.telling.factory import Factory, Parts
from simulator.telling.folder import MachinesFolder, News
from simulator.telling.gateways import Gateways
from simulator.telling.lockstep import Lockstep
from simulator.telling.pace import Pace
from simulator.telling.plant_topics import PlantTopics

logger = logging.getLogger(__name__)

KINDS_FOLDER = Path(__file__).parent.parent / "kinds"
BEAT_EVERY_S = 1.0
SWITCH_S = 0.001
FEW_MACHINES = 300
"""Up to so many machines each have a connection of their own, if nothing else is asked for."""
ConnectionsOf = Literal["machine", "gateway"]
SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the simulator is asked to do."""

    broker: Address
    """Where the broker is, and as whom to connect."""
    speed: float | None
    """Plant seconds per real second; None for as fast as the office follows."""
    history_hours: float
    """A new run begins this many hours ago, and lives through them as fast as the office follows."""
    epoch: datetime | None
    """A new run begins at this moment instead; None for so many hours ago."""
    seed: int
    """Seed of a new run."""
    machines: Path
    """Folder with a file for each machine."""
    people: Path | None
    """File of the people; None when every stop is mended at once."""
    state: Path
    """Folder in which the run is written down."""
    wait_for_office_s: float | None
    """After this many real seconds without an office the plant goes on without; None for never."""
    lookahead_s: float
    """How far the plant may go beyond the office's watermark, in plant seconds."""
    heartbeat: Path | None
    """File that is touched while all is well."""
    connections: ConnectionsOf | None = None
    """Who has a connection; None for each machine, as long as these are not more than `FEW_MACHINES`."""


def run_factory(order: Order) -> None:
    """Work until SIGTERM or SIGINT.

    Raises:
        SpecError: A kind, or the people's file, is wrong.
        StateError: The state folder cannot be used.
    """
    # The loop computes while two threads send; with Python's 5 ms they would wait for it, and the
    # office for them: catching up with 8 h takes a quarter less time.
    sys.setswitchinterval(SWITCH_S)
    stopping = threading.Event()
    listen_to_signals(stopping)
    kinds = load_kinds(KINDS_FOLDER)
    if order.people is not None:
        load_people(order.people)  # refused now, and not once a run is due
    bench = load_bench()
    folder = MachinesFolder(order.machines, kinds, clock=monotonic, bench=bench)
    before = _before(order.state)
    run, news = _resumed(before, order, kinds, folder) or _begun(order, folder)
    whose = _connections_of(order, len(run.texts()))
    topics = PlantTopics(order.broker, root=ROOT, together=whose == "gateway")
    connect: type[Fleet | Gateways] = Gateways if whose == "gateway" else Fleet
    connections: Connections = connect(order.broker, speak=lambda: topics.connected)
    answered = Answered(results_of(run))
    topics.start()
    connections.start()
    notice = OfficeNotice(names=(), boot="")
    while True:
        chronicle = Chronicle(run, kinds, bench)
        # What stands now stands as long as the run: looked through for garbage again and again, a
        # large fleet would cost twice as much.
        gc.collect()
        gc.freeze()
        parts = Parts(
            run=run,
            chronicle=chronicle,
            folder=folder,
            pace=Pace(
                speed=order.speed,
                position_ms=run.position_ms,
                catch_up_to_ms=run.catch_up_to_ms,
                clock=monotonic,
            ),
            lockstep=_lockstep(run, order, notice),
            topics=topics,
            connections=connections,
            answered=answered,
            open_next=lambda before, command: _opened(
                order, folder.texts(), seed=command.seed, before=before, command=command.id
            ),
        )
        factory = Factory(parts, patience_s=order.wait_for_office_s, beat=heartbeat(order.heartbeat))
        factory.start(news, _ghosts(before, run, kinds, bench))
        factory.work(stopping.is_set)
        if factory.next_run is None:
            break
        gc.unfreeze()
        # The connections stand, and whoever listens hears the machines of the new run on them.
        logger.info("run %s ends at plant time %s", run.id, to_text(run.position_ms))
        before, run, news, notice = run, factory.next_run, [], parts.lockstep.notice
    factory.stop()
    logger.info("run %s finished at plant time %s", run.id, to_text(run.position_ms))


def _connections_of(order: Order, machines: int) -> ConnectionsOf:
    """Who has a connection: as it was asked, or by how many machines there are at the start."""
    whose = order.connections or ("machine" if machines <= FEW_MACHINES else "gateway")
    logger.info(
        "%d machines, and a connection for each %s%s",
        machines,
        "of them" if whose == "machine" else "line, whose gateway speaks for them",
        ""
        if order.connections
        else f" (--connections; by itself up to {FEW_MACHINES} machines have their own)",
    )
    return whose


def _lockstep(run: Run, order: Order, notice: OfficeNotice) -> Lockstep:
    lockstep = Lockstep(
        run=run.id, epoch_ms=run.epoch_ms, lookahead_ms=int(order.lookahead_s * 1_000), now_s=monotonic()
    )
    lockstep.hear_notice(notice, monotonic())
    return lockstep


def listen_to_signals(stopping: threading.Event) -> None:
    """Have SIGTERM and SIGINT (and CTRL_BREAK on Windows) ask for a clean end."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, stop)


def heartbeat(file: Path | None) -> Callable[[], None]:
    """A function that touches a file, about once a second however often it is called."""
    last_s = -BEAT_EVERY_S

    def beat() -> None:
        nonlocal last_s
        if file is not None and monotonic() - last_s >= BEAT_EVERY_S:
            last_s = monotonic()
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
            except OSError as error:
                logger.warning("cannot touch the heartbeat file %s: %s", file, error.strerror)

    return beat


def _before(state: Path) -> Run | None:
    try:
        return last_run(state)
    except StateError as error:
        logger.warning("%s: beginning a new run", error)
        return None


def _begun(order: Order, folder: MachinesFolder) -> tuple[Run, list[News]]:
    news = folder.look(patient=False)
    run = _opened(order, folder.texts(), seed=order.seed)
    return run, [one for one in news if one.wrong]


def _opened(
    order: Order, texts: dict[str, str], *, seed: int | None, before: Run | None = None, command: str = ""
) -> Run:
    """A new run with these machines; without a seed the one after that of the run before."""
    if seed is None:
        seed = order.seed if before is None else before.head.seed + 1
    history_ms = int(order.history_hours * HOUR_MS)
    if order.epoch is None:
        now_ms = to_ms(datetime.now(UTC)) // SECOND_MS * SECOND_MS
        epoch_ms = (now_ms - history_ms) // MINUTE_MS * MINUTE_MS
    else:
        epoch_ms = to_ms(order.epoch)
        now_ms = epoch_ms + history_ms
    settings = Settings(
        catch_up_to=from_ms(now_ms),
        kinds=fingerprint(),
        machines=texts,
        people=_people(order),
    )
    run = open_run(
        order.state, seed=seed, epoch_ms=epoch_ms, settings=settings, asked=_asked(order), command=command
    )
    logger.info("run %s: seed %d, %d machines, since %s", run.id, seed, len(texts), to_text(epoch_ms))
    return run


def _people(order: Order) -> str:
    return read_text(order.people) if order.people is not None else ""


def _asked(order: Order) -> Asked:
    return Asked(seed=order.seed, epoch=order.epoch)


def _resumed(
    run: Run | None, order: Order, kinds: Mapping[str, Kind], folder: MachinesFolder
) -> tuple[Run, list[News]] | None:
    """The unfinished run, and how the folder differs from it; None when a new run is due."""
    if run is None or run.head.finished:
        return None
    reason = ""
    specs = {}
    asked = run.head.asked or Asked(seed=run.head.seed)
    if asked.seed != order.seed:
        reason = f"its seed is {asked.seed}, and {order.seed} is asked for"
    elif asked.epoch != order.epoch:
        reason = "it was to begin at another moment than is asked for"
    elif run.head.settings.people != _people(order):
        reason = "the people's file has changed since"
    elif run.head.settings.kinds != fingerprint():
        reason = "the kinds have changed since"
    else:
        try:
            specs = {name: parse_machine(text, f"{name}.toml", kinds) for name, text in run.texts().items()}
        except SpecError as error:
            reason = str(error)
    if reason:
        logger.warning("the unfinished run %s is not resumed: %s", run.id, reason)
        return None
    folder.adopt(specs)
    logger.info("resuming run %s at plant time %s", run.id, to_text(run.position_ms))
    return run, folder.look(patient=False)


def _ghosts(
    before: Run | None, run: Run, kinds: Mapping[str, Kind], bench: Sequence[MachineSpec]
) -> list[MachineTopic]:
    """The machines of the run before that are not in this one: their births are still retained."""
    if before is None or before.id == run.id:
        return []
    here = {name: _location(name, text, kinds) for name, text in run.texts().items()}
    ghosts = [
        MachineTopic(root=ROOT, location=one.location, machine=one.name, kind="birth")
        for one in bench
        if before.bench
    ]
    for name, text in before.texts().items():
        location = _location(name, text, kinds)
        if location is not None and here.get(name) != location:
            ghosts.append(MachineTopic(root=ROOT, location=location, machine=name, kind="birth"))
    return ghosts


def _location(name: str, text: str, kinds: Mapping[str, Kind]) -> tuple[str, ...] | None:
    try:
        spec: MachineSpec = parse_machine(text, f"{name}.toml", kinds)
    except SpecError:
        return None  # of a kind that is no more
    return spec.location


def fingerprint() -> str:
    """What the files of the kinds and of the bench say, in 16 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=8)
    for file in [*sorted(KINDS_FOLDER.glob("*.toml")), *sorted(BENCH_FOLDER.glob("*/*.toml"))]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
