"""A few ratios in a minute, each against its floor in the same run: `python -m benchmarks.quick`.

A ratio is CPU by CPU, or memory by memory, so a slower computer, or one that others use as well, changes
little of it: rounds of both take turns, and of each the best counts. It fails where a ratio is half as large
again as the one in benchmarks/ratios.toml; `--write` puts there what was measured.
"""

# ruff: noqa: T201 - it prints what it measured
import argparse
import gc
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quick_work import Work, works

FILE = Path(__file__).with_name("ratios.toml")
WORSE = 1.5
"""So many times what is committed is a failure."""
ROUNDS = 50
"""Of so many the best counts."""
LEAST_ROUNDS, LONG_S = 15, 45.0
"""On a computer that others use as well so few have to do, once it has taken so long."""
IMPORTS = (
    ("memory of the web process", "import dashboard.app", "import dash, numpy, sqlalchemy, msgspec"),
    (
        "memory of ingest",
        "import dashboard.ingest.service",
        "import numpy, sqlalchemy, msgspec, paho.mqtt.client",
    ),
    ("memory of the simulator", "import simulator.__main__", "import numpy, msgspec, paho.mqtt.client"),
)
"""What is loaded by a process of ours, and the packages that it cannot do without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """What something takes, in floors."""

    name: str
    """What it is."""
    ours: str
    """What it takes, in words."""
    floor: str
    """What the floor takes, in words."""
    ratio: float
    """The first by the second."""


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a table, and return 1 where a ratio is too bad."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quick", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds of which the best counts")
    parser.add_argument("--write", action="store_true", help="commit to what was measured")
    args = parser.parse_args(arguments)
    began = time.monotonic()
    found = list(measured(args.rounds))
    committed = {one.name: one.ratio for one in found} if args.write else _committed()
    bad = False
    print(f"{'what':44} {'ours':>12} {'floor':>12} {'ratio':>8} {'committed':>10}")
    for one in found:
        wrong = what_is_wrong(one, committed)
        bad |= bool(wrong)
        told = f"{committed[one.name]:.3g}" if one.name in committed else ""
        print(f"{one.name:44} {one.ours:>12} {one.floor:>12} {one.ratio:8.3g} {told:>10}  {wrong or 'ok'}")
    print(f"took {time.monotonic() - began:.0f} s, {time.process_time():.0f} s of CPU in this process")
    if args.write:
        FILE.write_text(written(found), encoding="utf-8")
    return int(bad)


def what_is_wrong(found: Ratio, committed: Mapping[str, float]) -> str:
    """Why a ratio is too bad, in words; `""` where it is not."""
    known = committed.get(found.name)
    if known is None:
        return f"{FILE.name} has no such ratio: python -m benchmarks.quick --write"
    return f"worse than {WORSE:g} times what is committed" if found.ratio > WORSE * known else ""


def _committed() -> dict[str, float]:
    found: dict[str, float] = tomllib.loads(FILE.read_text(encoding="utf-8"))["ratios"]
    return found


def measured(rounds: int) -> Iterator[Ratio]:
    """Every ratio."""
    with tempfile.TemporaryDirectory() as folder:
        yield from by_cpu(works(Path(folder), rounds), rounds)
    for name, ours, floor in IMPORTS:
        mine, least = memory_mb(ours), memory_mb(floor)
        yield Ratio(name=name, ours=f"{mine:.1f} MB", floor=f"{least:.1f} MB", ratio=mine / least)


def by_cpu(all_of_it: list[Work], rounds: int) -> Iterator[Ratio]:
    """The ratios of works by CPU, measured in turns."""
    gc.collect()
    gc.freeze()
    best = {work.name: (float("inf"), float("inf")) for work in all_of_it}
    began = time.monotonic()
    for number in range(rounds):
        if number >= LEAST_ROUNDS and time.monotonic() - began > LONG_S:
            break
        for work in all_of_it:
            ours, floor = best[work.name]
            best[work.name] = min(ours, spent(work.ours, number)), min(floor, spent(work.floor, number))
    gc.unfreeze()
    for work in all_of_it:
        ours, floor = best[work.name]
        yield Ratio(
            name=work.name,
            ours=f"{1e6 * ours / work.count:.1f} µs",
            floor=f"{1e6 * floor / work.floors:.1f} µs",
            ratio=ours / work.count / (floor / work.floors),
        )


def spent(work: Callable[[int], object], number: int) -> float:
    """CPU of one round of something, in seconds."""
    began = time.process_time()
    work(number)
    return time.process_time() - began


def memory_mb(imports: str) -> float:
    """Memory of its own that a Python takes once it has loaded something, in MB."""
    program = (
        f"{imports}\nimport gc\ngc.collect()\n"
        "print(next(line.split()[1] for line in open('/proc/self/smaps_rollup') if line.startswith('Anon')))"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return int(done.stdout) / 1024


def written(found: Iterable[Ratio]) -> str:
    """The file that commits to what was found."""
    lines = [
        "# What `make bench-quick` holds the product against: each ratio against its floor, made by",
        "# `python -m benchmarks.quick --write`. It fails where one is half as large again.",
        "[ratios]",
        *(f'"{one.name}" = {one.ratio:.3g}' for one in found),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
