"""From the wire to states, intervals, roll-ups and a committed history: `python -m benchmarks.ingest`.

A real Mosquitto with the shipped settings, the real `python -m dashboard ingest`, and batches of eight
signals as the simulator makes them. Beside it in the same run stand a bare paho subscriber that only
decodes the same batches, and the naive way: a reading a message, json, a pandas frame. Rounds take turns,
and of each the best counts. `--write` puts the table into docs/performance.md. CPU is the kernel's own
count, so this runs on Linux.
"""

# ruff: noqa: T201 - it prints what it measured
import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench_broker import BenchBroker
from benchmarks.ingest_load import Load, make_load, one_by_one
from benchmarks.ingest_player import Player
from benchmarks.ingest_shares import shares
from benchmarks.page_office import cpu_s
from benchmarks.section import about, table, write_section

MACHINES = 100
WARM_TICKS = 2
MINUTE = "60 readings a batch, one a second"
"""What the simulator sends while its plant lives sixty times as fast as time goes, or faster."""
NAIVE_TICKS = 2
ROLLED = "SELECT max(n) FROM (SELECT sum(count) n FROM rollups GROUP BY machine, signal)"
TITLES = [
    "way", "CPU a reading", "readings/s and core", "broker", "readings/s by the clock", "times bare",
]  # fmt: skip
TARGET_RATE, TARGET_RATIO = 200_000, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What taking in a load cost."""

    readings: int
    """Readings that were taken in."""
    listener: float
    """CPU of who listened, in seconds."""
    broker: float
    """CPU of the broker, in seconds."""
    wall: float
    """Real seconds from the first reading's sending to the last one's answer."""

    @property
    def each_us(self) -> float:
        """CPU of who listened for a reading, in µs."""
        return 1e6 * self.listener / self.readings

    @property
    def rate(self) -> float:
        """Readings in a real second."""
        return self.readings / self.wall


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest", description=__doc__)
    parser.add_argument("--ticks", type=int, default=60, help="minutes of a hundred machines a round")
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is measured")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    args = parser.parse_args(arguments)
    load_before = os.getloadavg()[0]
    text = measured(args.ticks, args.rounds)
    packages = ("numpy", "msgspec", "paho-mqtt", "sqlalchemy", "pandas")
    text = f"{about(load_before, *packages)}, SQLite {sqlite3.sqlite_version}.\n\n{text}"
    print(text)
    if args.write:
        write_section("ingest", text)


def measured(ticks: int, rounds: int) -> str:
    """Every way, as a table."""
    minute = make_load(MACHINES, batch=60, ticks=ticks)
    loads = {
        "600 readings a batch, ten a second": make_load(
            MACHINES, batch=600, ticks=max(ticks // 5, WARM_TICKS + 3), period_ms=100
        ),
        MINUTE: minute,
        "a reading a batch": make_load(MACHINES, batch=1, ticks=ticks),
    }
    single = one_by_one(minute, WARM_TICKS + NAIVE_TICKS)
    cases = [(way, name, load) for name, load in loads.items() for way in ("ingest", "bare")]
    cases.append(("naive", "a reading a message", single))
    best: dict[tuple[str, str], Cost] = {}
    for _ in range(rounds):
        for way, name, load in cases:
            cost = taken_in(way, load)
            print(f"{way}, {name}: {cost.each_us:.2f} µs a reading, {cost.rate:,.0f} a second", flush=True)
            if (way, name) not in best or cost.listener < best[way, name].listener:
                best[way, name] = cost
    rows = []
    for (way, name), cost in best.items():
        floor = best["bare", MINUTE if way == "naive" else name]
        rows.append([
            f"{way}, {name}", f"{cost.each_us:.2f} µs", f"{1e6 / cost.each_us:,.0f}",
            f"{1e6 * cost.broker / cost.readings:.2f} µs", f"{cost.rate:,.0f}",
            f"{cost.each_us / floor.each_us:.1f}",
        ])  # fmt: skip
    said = "\n".join(f"- {name}: {_verdict(best['ingest', name], best['bare', name])}" for name in loads)
    found = [[what, f"{100 * share:.0f} %"] for what, share in shares(minute)]
    bounds = table([f"what bounds it: ingest's own work at {MINUTE}", "share"], found)
    return "\n\n".join((table(TITLES, rows), said, bounds))


def _verdict(ours: Cost, bare: Cost) -> str:
    """Whether the targets are reached."""
    by_cpu, ratio = 1e6 / ours.each_us, ours.each_us / bare.each_us
    return (
        f"{by_cpu:,.0f} readings a second of one core's CPU, target {TARGET_RATE:,} "
        f"{'reached' if by_cpu >= TARGET_RATE else 'not reached'}; {ratio:.1f} times the bare subscriber, "
        f"target {TARGET_RATIO:g} {'reached' if ratio <= TARGET_RATIO else 'not reached'}"
    )


def taken_in(way: str, load: Load) -> Cost:
    """What it costs to take in a load one way."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "history.db"
        with (
            BenchBroker(folder / "broker") as broker,
            _listening(way, broker, folder, file) as listener,
            Player(broker.url, broker.credentials, load) as player,
        ):
            player.introduce()
            player.play(WARM_TICKS)
            before = cpu_s(listener.pid), cpu_s(broker.process.pid), time.monotonic()
            messages = player.play(len(load.ticks) - WARM_TICKS)
            after = cpu_s(listener.pid), cpu_s(broker.process.pid), time.monotonic()
        if way == "ingest":
            check(file, load)
    spent = [late - early for early, late in zip(before, after, strict=True)]
    return Cost(readings=messages * load.batch, listener=spent[0], broker=spent[1], wall=spent[2])


def check(file: Path, load: Load) -> None:
    """See that the history has all of it: each message, each value in the minutes, and time without a gap."""
    with sqlite3.connect(file) as history:
        (kept,) = history.execute("SELECT count(*) FROM readings").fetchone()
        (rolled,) = history.execute(
            "SELECT max(n) FROM (SELECT sum(count) n FROM rollups GROUP BY machine, signal)"
        ).fetchone()
        (machines,) = history.execute("SELECT count(DISTINCT machine) FROM intervals").fetchone()
    expected = load.messages, load.batch * len(load.ticks), len(load.births)
    if (kept, rolled, machines) != expected:
        raise SystemExit(f"the history has {kept, rolled, machines} and should have {expected}")


@contextmanager
def _listening(
    way: str, broker: BenchBroker, folder: Path, file: Path
) -> "Iterator[subprocess.Popen[bytes]]":
    program = ["-m", "dashboard", "ingest"] if way == "ingest" else ["-m", "benchmarks.ingest_bare", way]
    history = f"sqlite:///{file}" if way == "ingest" else str(file)
    command = [sys.executable, *program, "--broker", broker.url, "--credentials", str(broker.credentials)]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen([*command, "--history", history], stdout=log, stderr=log)  # noqa: S603 - ours
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    main()
