"""What is asked of a study on the command line, and the answer."""

import argparse
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

from simulator.specs.kind import load_kinds
from simulator.specs.machine import load_machine
from simulator.specs.people import People, load_people
from simulator.specs.settings import SpecError
from simulator.study.paper import as_csv, as_json, as_table
from simulator.study.progress import say_progress
from simulator.study.replication import DAY_MS, HOUR_MS, Plan
from simulator.study.study import report_of, study

HERE = Path(__file__).parents[1]
MAX_DAYS = 3660.0
MAX_SEEDS = 100_000
EXPLAINED = """\
Live a plant without a broker, over and over, each time from another seed, and print what came of it:
throughput, utilization, uptime, failures and where the time went, of every machine, line and the plant,
each as a mean over the replications with its confidence interval (Student's t).

The first days, --warm-up-days, are lived and not counted: a plant that has just been switched on is no
fair sample. Moments of --at-hours count from the beginning, warm-up or not.
The numbers are the same whatever the number of workers.
"""
EPILOG = """\
examples:
  python -m simulator study --days 365 --seeds 100
  python -m simulator study --machines my/machines --kinds my/kinds --days 30 --seeds 30 --format json
  python -m simulator study --seeds 1000 --days 1 --warm-up-days 0 --at-hours 0.1,0.5,1

docs/simulator.md describes the model and the keys of the JSON.
"""


def add_study(parser: argparse.ArgumentParser) -> None:
    """Describe the options of a study."""
    parser.description, parser.epilog = EXPLAINED, EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--days", type=_days, default=365.0, metavar="N", help="plant days counted (default: 365)"
    )
    parser.add_argument(
        "--seeds", type=_count, default=30, metavar="N", help="number of replications (default: 30)"
    )
    parser.add_argument("--first-seed", type=int, default=0, metavar="N", help="the first seed (default: 0)")
    parser.add_argument(
        "--warm-up-days",
        type=_warm_up,
        default=1.0,
        metavar="N",
        help="lived first, not counted (default: 1)",
    )
    parser.add_argument(
        "--machines",
        type=Path,
        default=HERE / "machines",
        metavar="DIR",
        help="folder with a file for each machine (default: those of the demo)",
    )
    parser.add_argument(
        "--kinds",
        type=Path,
        default=HERE / "kinds",
        metavar="DIR",
        help="folder with a file for each kind (default: those of the demo)",
    )
    parser.add_argument(
        "--people",
        type=Path,
        default=HERE / "people.toml",
        metavar="FILE",
        help="who tends the machines (default: those of the demo)",
    )
    parser.add_argument(
        "--assumptions",
        type=Path,
        default=HERE / "assumptions.toml",
        metavar="FILE",
        help="by which rules they work (default: those of the demo). Without an office nobody is called, and "
        "people come on their rounds",
    )
    parser.add_argument(
        "--at-once",
        action="store_true",
        help="they hear of every stop as it comes, as if they were called at once: to compare with theory",
    )
    parser.add_argument(
        "--no-people", action="store_true", help="every stop is mended at once, as long as it takes"
    )
    parser.add_argument(
        "--workers",
        type=_count,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes that share the work (default: one for each core)",
    )
    parser.add_argument(
        "--at-hours",
        type=_hours,
        default=(),
        metavar="H,H…",
        help="also say in which share of the replications each machine is running, and up, at these hours",
    )
    parser.add_argument(
        "--format",
        choices=("table", "json", "csv"),
        default="table",
        help="table to read, JSON with every digit, CSV with a line for each figure (default: table)",
    )


def answer(asked: argparse.Namespace) -> str:
    """The report that was asked for; progress goes to stderr.

    Raises:
        SpecError: A file is wrong.
    """
    kinds = load_kinds(asked.kinds)
    files = sorted(asked.machines.glob("*.toml"))
    if not files:
        raise SpecError(
            f"{asked.machines}: holds no machine: at least one file such as mill-1.toml is needed"
        )
    plan = Plan(
        machines=tuple(load_machine(file, kinds) for file in files),
        people=None if asked.no_people else _people(asked),
        warm_up_ms=round(asked.warm_up_days * DAY_MS),
        length_ms=round(asked.days * DAY_MS),
        at_ms=tuple(round(hour * HOUR_MS) for hour in asked.at_hours),
    )
    late = [hour for hour in asked.at_hours if hour * HOUR_MS >= plan.warm_up_ms + plan.length_ms]
    if late:
        raise SpecError(f"--at-hours {late[0]:g}: not allowed: before the end of --days with --warm-up-days")
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    report = report_of(
        study(plan, seeds, workers=asked.workers, progress=partial(say_progress, "replications"))
    )
    if asked.format == "csv":
        return as_csv(report)
    about = {
        "machines": [spec.name for spec in plan.machines],
        "days": asked.days,
        "warm_up_days": asked.warm_up_days,
        "first_seed": asked.first_seed,
        "seeds": asked.seeds,
    }
    if asked.format == "json":
        return as_json(report, about)
    return as_table(
        report,
        f"{len(plan.machines)} machines, {asked.days:g} days after {asked.warm_up_days:g} of warm-up, "
        f"{asked.seeds} replications from seed {asked.first_seed}",
    )


def _people(asked: argparse.Namespace) -> People:
    people = load_people(asked.people, asked.assumptions)
    return replace(people, hears="at once") if asked.at_once else people


def _days(text: str) -> float:
    return _number(text, least=1 / 1440, most=MAX_DAYS)


def _warm_up(text: str) -> float:
    return _number(text, least=0, most=MAX_DAYS)


def _hours(text: str) -> tuple[float, ...]:
    return tuple(_number(one, least=0, most=MAX_DAYS * 24) for one in text.split(","))


def _count(text: str) -> int:
    number = _number(text, least=1, most=MAX_SEEDS)
    if number != int(number):
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed: a whole number")
    return int(number)


def _number(text: str, *, least: float, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed: a number from {least:.4g} to {most:g}")
    return number
