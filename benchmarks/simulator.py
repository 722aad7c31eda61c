"""What a machine costs in the simulator and at the broker: `python -m benchmarks.simulator`.

First in the process alone: readings worked out and written down. Then over a real Mosquitto at speed
1, with a connection for each machine and with a gateway for each line; beside it the naive way, and PyPI's
mqtt-simulator in an environment of its own. `--write` puts the table into docs/performance.md. CPU and
memory are read from /proc, so this runs on Linux.
"""

# ruff: noqa: T201 - it prints what it measured
import argparse
import gc
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue

from benchmarks import simulator_rival
from benchmarks.bench_broker import BenchBroker
from benchmarks.fleet import machine_texts
from benchmarks.naive_publisher import readings
from benchmarks.section import about, table, write_section
from protocol.address import address_of
from protocol.edge import encode_edge_batch
from protocol.messages import OfficeNotice, Tick, Watermark, decode, encode
from protocol.moments import to_text
from protocol.readings import WrittenBatch
from protocol.session import Received, Session
from protocol.topics import plant_topic
from simulator.histories.outbox import Outbox
from simulator.plant import Plant
from simulator.specs.kind import load_kinds
from simulator.specs.machine import parse_machine
from simulator.telling.opening import KINDS_FOLDER

EPOCH_MS = 1_767_600_000_000
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
START_S = 300.0
SETTLE_MS = 15_000
WAYS = {"machine": "a connection and will each", "gateway": "a gateway for each line of 100"}
OF_THEIR_OWN, MANY = 1_000, 10_000
HALF, KEEPS_UP = 0.5, 0.97
TITLES = [
    "way", "machines", "publisher, of a core", "a reading", "readings/s and core", "broker, of a core",
    "messages/s", "kB/s", "memory a machine", "plant seconds a second",
]  # fmt: skip
RUNS = ((100, "machine"), (1_000, "machine"), (3_000, "machine"), (1_000, "gateway"), (10_000, "gateway"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a second of the plant cost, as it would at speed 1 on a computer that keeps up with it."""

    sender: float
    """CPU of the program that publishes, in seconds."""
    broker: float
    """CPU of the broker, in seconds."""
    messages: float
    """Messages that came to the broker."""
    size: float
    """Bytes of their payloads."""
    memory: int
    """Memory of the program that publishes, in bytes."""
    pace: float
    """Plant seconds that went by in a real one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """Where everything stands at one moment."""

    wall_s: float
    plant_ms: float
    sender_s: float
    broker_s: float
    figures: dict[str, float]


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulator", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="plant seconds that are watched")
    parser.add_argument("--most", type=int, default=10_000, help="no fleet is larger")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    args = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    by_itself = alone(1_000)
    print(by_itself)
    costs: list[tuple[str, int, Cost]] = []

    def found(way: str, machines: int, cost: Cost) -> None:
        costs.append((way, machines, cost))
        print(table(TITLES, [_row(way, machines, cost)]).splitlines()[-1], flush=True)

    with tempfile.TemporaryDirectory() as folder:
        with BenchBroker(Path(folder) / "naive") as broker:
            found("naive, drawn in a loop", 1_000, naive(broker, 1_000, args.seconds))
        with BenchBroker(Path(folder) / "rival") as broker:
            cost = rival(broker, Path(folder), 1_000, args.seconds)
            found(f"PyPI {simulator_rival.PACKAGE.replace('==', ' ')}", 1_000, cost)
        for machines, whose in RUNS:
            if machines <= args.most:
                place = Path(folder) / f"{whose}-{machines}"
                with BenchBroker(place) as broker:
                    found(WAYS[whose], machines, simulated(broker, place, machines, whose, args.seconds))
    text = "\n\n".join((
        f"{about(load, 'numpy', 'msgspec', 'paho-mqtt')}; {args.seconds:g} plant seconds each.",
        table(TITLES, [_row(*one) for one in costs]), by_itself, _verdict(costs),
    ))  # fmt: skip
    print(text)
    if args.write:
        write_section("simulator", text)


def _row(way: str, machines: int, cost: Cost) -> list[str]:
    # Who sends a reading a message may fall behind; by how much, the broker has counted.
    readings = machines if way in WAYS.values() else min(cost.messages, machines)
    return [
        way, f"{machines:,}", f"{100 * cost.sender:.1f} %", f"{1e6 * cost.sender / readings:.0f} µs",
        f"{readings / cost.sender:,.0f}", f"{100 * cost.broker:.1f} %", f"{cost.messages:,.0f}",
        f"{cost.size / 1e3:,.0f}", f"{cost.memory / 1e3 / machines:,.0f} kB", f"{cost.pace:.2f}",
    ]  # fmt: skip


def _verdict(costs: list[tuple[str, int, Cost]]) -> str:
    """Whether the targets are reached."""
    said = []
    for way, machines, cost in costs:
        if (way, machines) == (WAYS["gateway"], MANY):
            reached = "reached" if cost.sender <= HALF else "not reached"
            said.append(f"Target half a core for {MANY:,} machines by gateway: {cost.sender:.2f}, {reached}.")
        if (way, machines) == (WAYS["machine"], OF_THEIR_OWN):
            sent = "sent at that pace" if cost.pace > KEEPS_UP else f"sent at {cost.pace:.2f} of that pace"
            said.append(f"{OF_THEIR_OWN:,} machines with a connection and will each: {sent}.")
    return " ".join(said)


def alone(machines: int) -> str:
    """What readings cost in the process, without a broker: worked out, written, and the naive way."""
    kinds = load_kinds(KINDS_FOLDER)
    plant = Plant(7, EPOCH_MS, "a1b2c3d4")
    for name, text in machine_texts(machines, kinds).items():
        plant.add(parse_machine(text, f"{name}.toml", kinds), EPOCH_MS)
    gc.collect()
    gc.freeze()
    outbox = Outbox()
    seconds, at_ms = 40, EPOCH_MS

    def told(*, write: bool) -> None:
        nonlocal at_ms
        plant.advance(at_ms + 1_000)
        batches: dict[str, WrittenBatch] = {}
        for one in outbox.tell(plant, at_ms, at_ms + 1_000):
            if write:
                encode(one.truth)
                for said in one.leaving:
                    if isinstance(said, WrittenBatch):
                        batches[one.machine] = said
        if batches:
            encode_edge_batch(batches)
        at_ms += 1_000

    told(write=True)
    worked_out = _each(lambda: told(write=False), seconds, machines)
    written = _each(lambda: told(write=True), seconds, machines)
    naively = _each(lambda: readings(machines), seconds // 4, machines)
    gc.unfreeze()
    return (
        f"In the process alone, {machines:,} machines: {worked_out:.1f} µs of CPU to work a reading out, "
        f"{written:.1f} µs with its share of an edge batch and its truth as JSON; a naive one takes "
        f"{naively:.1f} µs to be drawn and dumped."
    )


def simulated(broker: BenchBroker, folder: Path, machines: int, whose: str, seconds: float) -> Cost:
    """Watch a simulator with an office that answers at once."""
    files = folder / "machines"
    files.mkdir()
    for name, text in machine_texts(machines, load_kinds(KINDS_FOLDER)).items():
        (files / f"{name}.toml").write_text(text, encoding="utf-8")
    command = [
        sys.executable, "-m", "simulator", "run", "--broker", broker.url,
        "--credentials", str(broker.credentials), "--machines", str(files), "--state", str(folder / "state"),
        "--speed", "1", "--epoch", to_text(EPOCH_MS), "--history-hours", "0",
        "--wait-for-office", "forever", "--connections", whose,
    ]  # fmt: skip
    with _office(broker) as ticks, _program(command) as process, _listener(broker):
        return watch(broker, process, seconds, lambda: ticks[-1] if ticks else None)


def naive(broker: BenchBroker, machines: int, seconds: float) -> Cost:
    """Watch the naive publisher."""
    command = [sys.executable, "-m", "benchmarks.naive_publisher", broker.url, str(broker.credentials)]
    with _program([*command, str(machines)]) as process, _listener(broker):
        return watch(broker, process, seconds, lambda: time.time() * 1_000)


def rival(broker: BenchBroker, folder: Path, machines: int, seconds: float) -> Cost:
    """Watch PyPI's mqtt-simulator."""
    command = simulator_rival.command(
        folder, port=broker.port, password=broker.password("machines"), machines=machines
    )

    def now_ms() -> float | None:
        # Before each of its devices may have spoken once it is still starting.
        heard = broker.figures().get("publish/messages/received", 0.0)
        return time.time() * 1_000 if heard >= machines else None

    # It writes a log where it stands.
    with _program(command, folder) as process, _listener(broker):
        return watch(broker, process, seconds, now_ms)


def watch(
    broker: BenchBroker,
    process: "subprocess.Popen[bytes]",
    seconds: float,
    plant_ms: Callable[[], float | None],
) -> Cost:
    """What a program and the broker spend on so many seconds of the plant, once its readings flow."""
    began = _when(broker, process, plant_ms, None)
    ended = _when(broker, process, plant_ms, began.plant_ms + seconds * 1_000)
    passed = (ended.plant_ms - began.plant_ms) / 1_000
    rates = {name: (ended.figures[name] - began.figures.get(name, 0.0)) / passed for name in ended.figures}
    return Cost(
        sender=(ended.sender_s - began.sender_s) / passed,
        broker=(ended.broker_s - began.broker_s) / passed,
        messages=rates["publish/messages/received"],
        size=rates["publish/bytes/received"],
        memory=_memory(process.pid),
        pace=passed / (ended.wall_s - began.wall_s),
    )


def _when(
    broker: BenchBroker,
    process: "subprocess.Popen[bytes]",
    plant_ms: Callable[[], float | None],
    until_ms: float | None,
) -> "_Mark":
    """Where everything stands when the plant has come to a moment, or a little beyond its first."""
    end_s = time.monotonic() + START_S
    while True:
        now_ms = plant_ms()
        if now_ms is not None and until_ms is None:
            until_ms = now_ms + SETTLE_MS
        if now_ms is not None and until_ms is not None and now_ms >= until_ms:
            return _Mark(
                wall_s=time.monotonic(),
                plant_ms=now_ms,
                sender_s=_cpu(process.pid),
                broker_s=_cpu(broker.process.pid),
                figures=broker.figures(),
            )
        if process.poll() is not None or time.monotonic() > end_s:
            sys.exit(f"{process.args!r} does not go on publishing")
        time.sleep(0.05)


@contextmanager
def _office(broker: BenchBroker) -> Iterator[list[float]]:
    """An office that answers each tick at once; the ticks as they come, in ms since 1970."""
    inbox: Queue[Received] = Queue()
    session = Session(
        name="office",
        address=address_of(broker.url, role="office", credentials=broker.credentials),
        filters=[(plant_topic("shopfloor", "tick"), 1)],
        inbox=inbox,
    )
    ticks: list[float] = []
    stopping = threading.Event()

    def answer() -> None:
        while not stopping.is_set():
            with suppress(Empty):
                received = inbox.get(timeout=0.1)
                if not received.topic:
                    notice = OfficeNotice(names=("office",), boot=secrets.token_hex(4))
                    session.publish(plant_topic("shopfloor", "office"), encode(notice), retain=True)
                    continue
                tick = decode(received.payload, Tick)
                ticks.append(tick.at.timestamp() * 1_000)
                said = Watermark(office="office", run=tick.run, at=tick.at, committed=tick.at)
                session.publish(plant_topic("shopfloor", "watermark"), encode(said))

    thread = threading.Thread(target=answer)
    thread.start()
    session.start()
    try:
        yield ticks
    finally:
        stopping.set()
        thread.join()
        session.stop()


@contextmanager
def _program(command: list[str], folder: Path | None = None) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(  # noqa: S603 - ours, and what the benchmark has installed
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def _listener(broker: BenchBroker) -> Iterator[None]:
    """Somebody who hears all readings, as cheaply as it goes."""
    topics = [part for depth in ("+/+", "+/+/+") for part in ("-t", f"shopfloor/{depth}/readings")]
    command = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-u", "office"]
    with _program([*command, "-P", broker.password("office"), *topics]):
        yield


def _each(work: Callable[[], object], times: int, machines: int) -> float:
    """Microseconds of CPU for one machine and time."""
    began = time.process_time()
    for _ in range(times):
        work()
    return 1e6 * (time.process_time() - began) / times / machines


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def _memory(pid: int) -> int:
    """Memory of a process, in bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
