"""Whether a year of the shipped machines is lived on one core, without a broker, in less than a minute."""

# ruff: noqa: T201 - it prints what it measured

import argparse
import platform
import resource
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, process_time

from simulator.specs.kind import load_kinds
from simulator.specs.machine import load_machine
from simulator.specs.people import load_people
from simulator.study.replication import DAY_MS, Plan
from simulator.study.study import study

TARGET_S = 60.0
"""What a year may take of one core, in seconds."""
YEAR_DAYS = 365.0
SIMULATOR = Path(__file__).parents[1] / "simulator"


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.headless", description=__doc__)
    parser.add_argument("--days", type=float, default=YEAR_DAYS, help="plant days (default: 365)")
    asked = parser.parse_args(arguments)
    kinds = load_kinds(SIMULATOR / "kinds")
    machines = tuple(load_machine(file, kinds) for file in sorted((SIMULATOR / "machines").glob("*.toml")))
    people = load_people(SIMULATOR / "people.toml", SIMULATOR / "assumptions.toml")
    plan = Plan(machines=machines, people=people, warm_up_ms=DAY_MS, length_ms=round(asked.days * DAY_MS))
    print(f"with      Python {platform.python_version()}, numpy {version('numpy')}")
    began, spent = perf_counter(), process_time()
    [figures] = study(plan, [0])
    spent, took = process_time() - spent, perf_counter() - began
    parts = sum(
        rate * 24 * asked.days
        for key, rate in figures.items()
        if key[0] == "machines" and key[-1] == "parts_per_hour" and rate
    )
    who = f"{len(machines)} machines, {len(people.persons)} people"
    print(f"plant     {who}, {asked.days:g} days after one of warm-up, {parts:,.0f} parts")
    each_ms = spent / len(machines) / asked.days * 1e3
    print(f"took      {spent:.1f} s of one core, {took:.1f} s in all, {each_ms:.1f} ms a machine and day")
    target_s = TARGET_S * asked.days / YEAR_DAYS
    verdict = "pass" if spent <= target_s else "fail"
    # By what the process itself spent: the clock on the wall counts what others did meanwhile too.
    print(f"target    {target_s:.1f} s of one core: {verdict}")
    print(f"memory    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")


if __name__ == "__main__":
    main()
