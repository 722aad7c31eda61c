"""Which run the simulator works on: the unfinished one again, a new one, or a recorded one once more."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from protocol.address import Address
from protocol.moments import from_ms, to_ms, to_text
from protocol.topics import MachineTopic
from protocol.twin import TWIN_ROOT
from protocol.version import VERSION
from simulator.commanding.clockwork import ShiftEnds
from simulator.histories.chronicle import ROOT
from simulator.histories.pen import StateError
from simulator.histories.record import load_record, open_again
from simulator.histories.run import Asked, Relived, Run, Settings, last_run, open_run
from simulator.specs.calibration import BENCH_FOLDER
from simulator.specs.kind import Kind
from simulator.specs.machine import MachineSpec, SpecError, parse_machine
from simulator.specs.people import assumptions_text
from simulator.specs.settings import read_text
from simulator.telling.folder import MachinesFolder, News

logger = logging.getLogger(__name__)

KINDS_FOLDER = Path(__file__).parent.parent / "kinds"
FEW_MACHINES = 300
"""Up to so many machines each have a connection of their own, if nothing else is asked for."""
ConnectionsOf = Literal["machine", "gateway"]
Protocol = Literal["json", "sparkplug"]
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
    shifts: ShiftEnds
    """When the shifts of the plant end."""
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
    assumptions: Path
    """File of what is assumed at the beginning of a run."""
    state: Path
    """Folder in which the run is written down."""
    relive: Path | None
    """The record of a run that is to be lived again; None for a history of its own."""
    wait_for_office_s: float | None
    """After this many real seconds without an office the plant goes on without; None for never."""
    backlog_hours: float
    """For so many plant hours readings are kept for an office that is away; then the oldest go first."""
    lookahead_s: float
    """How far the plant may go beyond the office's watermark, in plant seconds."""
    heartbeat: Path | None
    """File that is touched while all is well."""
    twin: bool = True
    """Whether the plant's twin is lived beside it."""
    connections: ConnectionsOf | None = None
    """Who has a connection; None for each machine, as long as these are not more than `FEW_MACHINES`."""
    protocol: Protocol = "json"
    """What the machines speak; of Sparkplug B an edge node for each line."""
    group: str = "shopfloor"
    """The Sparkplug group of its edge nodes."""
    host: str = ""
    """The Sparkplug host application that they wait for; empty for none."""


def begin(
    before: Run | None, order: Order, kinds: Mapping[str, Kind], folder: MachinesFolder
) -> tuple[Run, list[News]]:
    """The run to work on, the unfinished one or a new one, and how the folder differs from it.

    Raises:
        StateError: The state folder cannot be written, or the record cannot be lived again.
    """
    run, news = _resumed(before, order, kinds, folder) or _begun(order, folder)
    folder.rests = run.head.relives is not None
    return run, news


def run_before(state: Path) -> Run | None:
    """The run that the state folder holds; None when there is none, or none that could be read."""
    try:
        return last_run(state)
    except StateError as error:
        logger.warning("%s: beginning a new run", error)
        return None


def _begun(order: Order, folder: MachinesFolder) -> tuple[Run, list[News]]:
    if order.relive is not None:
        record = load_record(order.relive)
        if record.head.settings.kinds != fingerprint():
            raise StateError(f"{order.relive}: recorded with other kinds: it would be another history")
        if other := _other_program(record.head.settings):
            raise StateError(f"{order.relive}: {other}: it would be another history")
        run = open_again(order.state, record)
        until = to_text(to_ms(record.until))
        logger.info("run %s: run %s again, up to %s", run.id, record.head.id, until)
        return run, []
    news = folder.look(patient=False)
    run = opened(order, folder.texts(), seed=order.seed)
    return run, [one for one in news if one.wrong]


def opened(
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
        assumptions=assumptions_text(order.assumptions),
        program=VERSION,
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
    filed = {}
    reason = _why_another(run, order)
    if not reason:
        try:
            roster = run.roster()
            filed = {name: parse_machine(text, f"{name}.toml", kinds) for name, text in roster.filed.items()}
            for name, text in roster.machines.items():
                parse_machine(text, f"{name}.toml", kinds)
        except SpecError as error:
            reason = str(error)
    if reason:
        logger.warning("the unfinished run %s is not resumed: %s", run.id, reason)
        return None
    # What the folder said last, which orders may have overruled: only what differs from that is news.
    folder.adopt(filed)
    logger.info("resuming run %s at plant time %s", run.id, to_text(run.position_ms))
    return run, [] if run.head.relives else folder.look(patient=False)


def _why_another(run: Run, order: Order) -> str:
    """Why an unfinished run is not the one that is asked for; empty when it is."""
    asked = run.head.asked or Asked(seed=run.head.seed)
    if other := _other_program(run.head.settings):
        return other
    if run.head.settings.kinds != fingerprint():
        return "the kinds have changed since"
    if order.relive is not None or run.head.relives is not None:
        record = load_record(order.relive) if order.relive else None
        wanted = Relived(run=record.head.id, until=record.until) if record else None
        return "" if run.head.relives == wanted else "another history is asked for"
    if asked.seed != order.seed:
        return f"its seed is {asked.seed}, and {order.seed} is asked for"
    if asked.epoch != order.epoch:
        return "it was to begin at another moment than is asked for"
    if run.head.settings.people != _people(order):
        return "the people's file has changed since"
    if run.head.settings.assumptions != assumptions_text(order.assumptions):
        return "the assumptions' file has changed since"
    return ""


def _other_program(settings: Settings) -> str:
    """Which other version of the simulator lived a run; empty where it was this one."""
    if settings.program == VERSION:
        return ""
    which = f"version {settings.program}" if settings.program else f"a version before {VERSION}"
    return f"{which} of the simulator lived it, and this is {VERSION}"


def connections_of(order: Order, machines: int) -> ConnectionsOf:
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


def ghosts_of(
    before: Run | None, run: Run, kinds: Mapping[str, Kind], bench: Sequence[MachineSpec], *, root: str = ROOT
) -> list[MachineTopic]:
    """The machines of the run before that are not in this one: their births are still retained."""
    if before is None or before.id == run.id:
        return []
    here = {name: _location(name, text, kinds) for name, text in run.head.settings.machines.items()}
    return [one for one in _births(before, kinds, bench, root) if here.get(one.machine) != one.location]


def ghosts_of_twin(
    before: Run | None, run: Run, kinds: Mapping[str, Kind], bench: Sequence[MachineSpec], *, lives: bool
) -> list[MachineTopic]:
    """The same of the twin; where a twin lives no longer, all machines that it may have had."""
    if lives:
        return ghosts_of(before, run, kinds, bench, root=TWIN_ROOT)
    return [] if before is None else _births(before, kinds, bench, TWIN_ROOT)


def _births(
    run: Run, kinds: Mapping[str, Kind], bench: Sequence[MachineSpec], root: str
) -> list[MachineTopic]:
    """Where the births of a run are retained."""
    try:
        roster = run.roster()
    except SpecError:
        return []  # of another program, whose people or assumptions this one does not know
    places = {one.name: one.location for one in bench if roster.bench}
    places |= {
        name: location
        for name, text in roster.machines.items()
        if (location := _location(name, text, kinds)) is not None
    }
    return [
        MachineTopic(root=root, location=location, machine=name, kind="birth")
        for name, location in places.items()
    ]


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
