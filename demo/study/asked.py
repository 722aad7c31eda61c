"""What is asked of a study of pairs on the command line, and the answer."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from dashboard.calendar.file import CalendarError
from dashboard.calendar.places import DEFAULT_FILE as CALENDAR
from dashboard.calendar.places import Calendar
from dashboard.calls.rules import DEFAULT_FILE as CALLS
from dashboard.calls.rules import CallRules, CallsError
from dashboard.settings import text_of
from dashboard.states.rules import DEFAULT_FILE as STATES
from dashboard.states.rules import StateRules, StatesError
from demo.study.pair import Pair
from demo.study.paper import as_json, as_table
from demo.study.plan import HOUR_MS, Plan
from demo.study.study import findings_of, pairs_of
from demo.study.studying import Studying
from protocol.address import AddressError, address_of
from simulator.command_line.assumptions import assumed
from simulator.command_line.options import add_broker, add_heartbeat, environment, number
from simulator.specs.assumptions import Assumptions
from simulator.specs.kind import load_kinds
from simulator.specs.machine import load_machine
from simulator.specs.people import load_rules, names_of
from simulator.specs.settings import SpecError
from simulator.study.progress import say_progress

PROJECT = Path(__file__).parents[2]
ROOT = "shopfloor"
MAX_PAIRS = 100_000
MAX_HOURS = 24.0 * 366
REFUSALS = (AddressError, CalendarError, CallsError, SpecError, StatesError)
"""What can be wrong with what was asked; each says it in a sentence."""
EXPLAINED = """\
Live pairs of plants in this process, without broker and database, and print what monitoring gains.

In each pair one plant has an office that calls its people, by the same rules and at the same moments as the
real one does; its twin is the same plant from the same random numbers, whose people find a stopped machine
on their next round. The gain is the one less the other, with its confidence interval (Student's t).
The numbers are the same whatever the number of workers.

With --publish it goes on in the background instead: at the lowest priority, pair by pair, it says what the
pairs say so far on shopfloor/_office/study, and begins anew when the plant assumes something else.
"""
EPILOG = """\
examples:
  python -m demo study
  python -m demo study --pairs 1000 --hours 24 --assume rounds_s=600 reaction_s=120
  python -m demo study --machines my/machines --calls my/calls.toml --format json
  python -m demo study --publish --broker mqtt://127.0.0.1:1883 --credentials var/credentials

docs/gain.md says what the numbers mean.
"""


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks, and return the exit code."""
    asked = parser().parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    try:
        plan, assumptions = plan_of(asked)
        if asked.publish:
            publish(asked, plan, assumptions)
        else:
            sys.stdout.write(answer(asked, plan))
    except REFUSALS as error:
        print(error, file=sys.stderr)  # noqa: T201 - the answer to a wrong question
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(
        prog="python -m demo study",
        description=EXPLAINED,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--pairs", type=_whole(1, MAX_PAIRS), default=200, metavar="N", help="number of pairs (default: 200)"
    )
    made.add_argument(
        "--hours",
        type=number(1 / 60, MAX_HOURS),
        default=8.0,
        metavar="N",
        help="plant hours of each (default: 8)",
    )
    made.add_argument(
        "--warm-up-hours",
        type=number(0, MAX_HOURS),
        default=0.0,
        metavar="N",
        help="lived before that and not counted (default: 0)",
    )
    made.add_argument(
        "--seed",
        type=int,
        default=1,
        metavar="N",
        help="seed of the first pair; the others have those that follow (default: 1)",
    )
    _add_files(made)
    made.add_argument(
        "--assume",
        nargs="+",
        action="extend",
        type=assumed,
        default=[],
        metavar="KEY=VALUE",
        help="assume something else than the file says: rounds_s=600, calls=off",
    )
    made.add_argument(
        "--workers",
        type=_whole(1, 1024),
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes that share the work (default: one for each core); with --publish always one",
    )
    made.add_argument(
        "--format",
        choices=("table", "json"),
        default="table",
        help="table to read, JSON with every digit (default: table)",
    )
    made.add_argument(
        "--publish", action="store_true", help="go on in the background, and say it at a broker"
    )
    add_broker(made, role="office")
    add_heartbeat(made)
    return made


def _add_files(made: argparse.ArgumentParser) -> None:
    """The files that a plant and its office are made of."""
    files = (
        ("--machines", "DIR", "MACHINES_DIR", PROJECT / "simulator/machines", "a file for each machine"),
        ("--kinds", "DIR", "KINDS_DIR", PROJECT / "simulator/kinds", "a file for each kind of machine"),
        ("--people", "FILE", "PEOPLE", PROJECT / "simulator/people.toml", "who tends the machines"),
        ("--assumptions", "FILE", "ASSUMPTIONS", PROJECT / "simulator/assumptions.toml", "how they work"),
        ("--calls", "FILE", "CALLS", CALLS, "when the office calls for a person"),
        ("--states", "FILE", "STATES", STATES, "how readings become states"),
        ("--calendar", "FILE", "CALENDAR", CALENDAR, "when production is planned"),
    )
    for option, shape, variable, default, what in files:
        made.add_argument(
            option,
            type=Path,
            metavar=shape,
            default=environment(variable, str(default)),
            help=f"{what} [{variable}, default that of the demo]",
        )


def plan_of(asked: argparse.Namespace) -> tuple[Plan, Assumptions]:
    """What is to be lived, and what is assumed of it.

    Raises:
        SpecError: A file of the plant is wrong, or what is assumed.
        CallsError: The rules of calls are wrong.
        StatesError: The rules of states are wrong.
        CalendarError: The calendar is wrong.
    """
    kinds = load_kinds(asked.kinds)
    files = sorted(asked.machines.glob("*.toml"))
    if not files:
        raise SpecError(
            f"{asked.machines}: holds no machine: at least one file such as mill-1.toml is needed"
        )
    people, assumptions = load_rules(asked.people, asked.assumptions)
    if people is None:
        raise SpecError(f"{asked.people}: holds nobody: at least one person is needed, who may be called")
    values = dict(asked.assume)
    wrong = assumptions.wrong(values, names_of(people.persons))
    if wrong:
        raise SpecError(f"--assume: {wrong}")
    assumptions = assumptions.changed(values)
    calendar = text_of(asked.calendar, CalendarError)
    Calendar.of(calendar, asked.calendar.name)
    plan = Plan(
        machines=tuple(load_machine(file, kinds) for file in files),
        people=people.assuming(assumptions),
        calls=CallRules.read(asked.calls),
        states=StateRules.read(asked.states),
        calendar=calendar,
        length_ms=round(asked.hours * HOUR_MS),
        warm_up_ms=round(asked.warm_up_hours * HOUR_MS),
    )
    if not plan.last:
        raise SpecError(f"{asked.machines}: none of the machines makes parts: there is nothing to gain")
    return plan, assumptions


def answer(asked: argparse.Namespace, plan: Plan) -> str:
    """The report that was asked for; progress goes to stderr."""
    seeds = range(asked.seed, asked.seed + asked.pairs)
    pairs: list[Pair] = []
    for pair in pairs_of(plan, seeds, workers=asked.workers):
        pairs.append(pair)
        say_progress("pairs", len(pairs), len(seeds))
    found = findings_of(pairs)
    return as_json(plan, found) if asked.format == "json" else as_table(plan, found)


def publish(asked: argparse.Namespace, plan: Plan, assumptions: Assumptions) -> None:
    """Go on in the background until a signal to stop comes.

    Raises:
        AddressError: The broker's URL, or a password, cannot be used.
    """
    # Only here: whoever asks for a table needs no connection.
    from demo.study.publishing import ROLE, Publisher  # noqa: PLC0415

    address = address_of(asked.broker, role=ROLE, credentials=asked.credentials)
    studying = Studying(plan, assumptions, pairs=asked.pairs, first_seed=asked.seed)
    Publisher(studying, address, root=ROOT, heartbeat=asked.heartbeat).work()


def _whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number from `least` to `most`."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not allowed: a whole number from {least} to {most}"
            )
        return value

    return read
