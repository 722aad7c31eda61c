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
from benchmarks.fleet import SIGNALS
from benchmarks.ingest_load import Load, make_load, one_by_one
from benchmarks.ingest_player import Player
from benchmarks.ingest_shares import shares
from benchmarks.page_office import cpu_s
from benchmarks.section import about, table, write_section

MACHINES = 100
WARM_TICKS = 2
LONG = 60
"""Readings in a batch while the plant lives at sixty times the speed or faster."""
NAIVE_TICKS = 2
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
    long = make_load(MACHINES, batch=LONG, ticks=ticks)
    short = make_load(MACHINES, batch=1, ticks=max(ticks, 4))
    single = one_by_one(long, WARM_TICKS + NAIVE_TICKS)
    best: dict[str, Cost] = {}
    for _ in range(rounds):
        for name, way, load in (
            ("ingest, 60 readings a batch", "ingest", long), ("bare, 60 readings a batch", "bare", long),
            ("ingest, a reading a batch", "ingest", short), ("bare, a reading a batch", "bare", short),
            ("naive, a reading a message", "naive", single),
        ):  # fmt: skip
            cost = taken_in(way, load)
            print(f"{name:32} {cost.each_us:8.2f} µs a reading, broker {1e6 * cost.broker / cost.readings:.2f}, "
                  f"{cost.rate:9,.0f} readings/s by the clock", flush=True)  # fmt: skip
            if name not in best or cost.listener < best[name].listener:
                best[name] = cost
    bare = best["bare, 60 readings a batch"]
    rows = []
    for name, cost in best.items():
        floor = bare if "60" in name or "naive" in name else best["bare, a reading a batch"]
        rows.append([
            name, f"{cost.each_us:.2f} µs", f"{1 / cost.each_us * 1e6:,.0f}",
            f"{1e6 * cost.broker / cost.readings:.2f} µs", f"{cost.rate:,.0f}",
            f"{cost.each_us / floor.each_us:.1f}",
        ])  # fmt: skip
    titles = ["way", "CPU a reading", "readings/s and core", "broker", "readings/s by the clock", "times bare"]
    parts = [table(titles, rows), verdicts(best), *bounds(long)]
    return "\n\n".join(parts)


def verdicts(best: dict[str, Cost]) -> str:
    """Whether the targets are reached."""
    ours, bare = best["ingest, 60 readings a batch"], best["bare, 60 readings a batch"]
    by_cpu = 1e6 / ours.each_us
    return (
        f"Target {TARGET_RATE:,} readings/s on two cores, one for ingest: by CPU {by_cpu:,.0f}, "
        f"{'reached' if by_cpu >= TARGET_RATE else 'not reached'}. "
        f"Target {TARGET_RATIO:g} times the bare subscriber: {ours.each_us / bare.each_us:.1f}, "
        f"{'reached' if ours.each_us <= TARGET_RATIO * bare.each_us else 'not reached'}."
    )


def bounds(load: Load) -> Iterator[str]:
    """What the time of ingest goes into."""
    found = shares(load)
    rows = [[what, f"{100 * share:.0f} %"] for what, share in found]
    yield table(["what bounds it: shares of ingest's own work", "share"], rows)


def taken_in(way: str, load: Load) -> Cost:
    """What it costs to take in a load one way."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "history.db"
        with BenchBroker(folder / "broker") as broker, _listening(way, broker, folder, file) as listener:
            with Player(broker.url, broker.credentials, load) as player:
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
        (rolled,) = history.execute("SELECT max(n) FROM (SELECT sum(count) n FROM rollups GROUP BY machine, signal)").fetchone()
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
