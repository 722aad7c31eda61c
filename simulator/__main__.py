"""The command line: `python -m simulator COMMAND`; `--help` lists the commands."""

import argparse
import logging
import sys
from pathlib import Path

from protocol.address import AddressError, address_of
from protocol.messages import MessageError
from protocol.moments import to_ms, to_text
from simulator.command_line.command import add_command, run_command
from simulator.command_line.options import (
    add_assumptions,
    add_broker,
    add_connections,
    add_heartbeat,
    add_machines,
    add_people,
    add_protocol,
    add_state,
    environment,
    moment,
    number,
    on_or_off,
    speed,
)
from simulator.command_line.replay import add_replay, run_replay
from simulator.commanding.clockwork import shift_ends
from simulator.faults.catalogue import table
from simulator.histories.pen import StateError
from simulator.histories.record import write_record
from simulator.replaying.recording import RecordingError
from simulator.specs.check import check_folder, kinds_table, new_machine_file
from simulator.specs.kind import load_kinds
from simulator.specs.machine import SpecError
from simulator.specs.people import load_rules
from simulator.study.asked import add_study, answer
from simulator.study.conservation import ConservationError
from simulator.telling.ask import AskError
from simulator.telling.opening import KINDS_FOLDER, Order
from simulator.telling.work import run_factory

MIN_LOOKAHEAD_S = 30.0
MAX_LOOKAHEAD_S = 600.0
MIN_BACKLOG_HOURS = 0.1
MAX_BACKLOG_HOURS = 8_760.0
MAX_HISTORY_HOURS = 7 * 24.0
REFUSALS = (
    AddressError,
    AskError,
    ConservationError,
    MessageError,
    RecordingError,
    SpecError,
    StateError,
)
"""What can be wrong with what was asked; each says it in a sentence."""


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks, and return the exit code."""
    options = parser()
    asked = options.parse_args(arguments)
    if asked.command == "run":
        try:
            asked.shifts = shift_ends(asked.shift_ends, asked.zone)
        except ValueError as error:
            options.error(f"argument --shift-ends, --zone: {error}")
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    try:
        return {
            "run": _run,
            "kinds": _kinds,
            "faults": _faults,
            "new": _new,
            "check": _check,
            "record": _record,
            "replay": run_replay,
            "command": run_command,
            "study": _study,
        }[asked.command](asked)
    except REFUSALS as error:
        print(error, file=sys.stderr)
        return 1


def _run(asked: argparse.Namespace) -> int:
    run_factory(
        Order(
            broker=address_of(asked.broker, role="machines", credentials=asked.credentials),
            speed=asked.speed,
            shifts=asked.shifts,
            history_hours=asked.history_hours,
            epoch=asked.epoch,
            seed=asked.seed,
            machines=asked.machines,
            people=None if asked.people == "none" else Path(asked.people),
            assumptions=asked.assumptions,
            state=asked.state,
            relive=asked.relive,
            wait_for_office_s=asked.wait_for_office,
            backlog_hours=asked.backlog_hours,
            lookahead_s=asked.lookahead_s,
            heartbeat=asked.heartbeat,
            twin=asked.twin,
            connections=asked.connections,
            protocol=asked.protocol,
            group=asked.group,
            host="" if asked.primary_host == "none" else asked.primary_host,
        )
    )
    return 0


def _kinds(_asked: argparse.Namespace) -> int:
    print(kinds_table(load_kinds(KINDS_FOLDER)))
    return 0


def _faults(_asked: argparse.Namespace) -> int:
    print(table())
    return 0


def _new(asked: argparse.Namespace) -> int:
    file = new_machine_file(asked.kind, asked.name, asked.line, asked.machines, load_kinds(KINDS_FOLDER))
    print(f"wrote {file}: a running simulator puts the machine up at once")
    return 0


def _check(asked: argparse.Namespace) -> int:
    kinds = load_kinds(KINDS_FOLDER)
    problems = check_folder(asked.machines, kinds)
    try:
        load_rules(None if asked.people == "none" else Path(asked.people), asked.assumptions)
    except SpecError as error:
        problems.append(str(error))
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{len(list(asked.machines.glob('*.toml')))} machines, {len(kinds)} kinds: all is well")
    return 1 if problems else 0


def _record(asked: argparse.Namespace) -> int:
    record = write_record(asked.state, asked.out)
    until = to_text(to_ms(record.until))
    print(f"wrote {asked.out}: run {record.head.id} up to {until}, {len(record.inputs)} inputs")
    return 0


def _study(asked: argparse.Namespace) -> int:
    print(answer(asked), end="")
    return 0


def parser() -> argparse.ArgumentParser:
    """Everything that the command line understands."""
    options = argparse.ArgumentParser(
        prog="python -m simulator",
        description="A small factory whose machines speak MQTT. Every option can also be set in the "
        "environment, by the variable in brackets.",
    )
    commands = options.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="let the factory work", description="Let the factory work.")
    add_broker(run)
    run.add_argument(
        "--speed",
        type=speed,
        default=environment("SPEED", "60"),
        help="plant seconds per real second: a number from 0.1 to 3600, or max for as fast as the office "
        "follows; can be changed while it runs [SPEED, default 60]",
    )
    run.add_argument(
        "--shift-ends",
        metavar="TIMES",
        default=environment("SHIFT_ENDS", "06:00,14:00,22:00"),
        help="when shifts end, for `command jump` [SHIFT_ENDS, default 06:00,14:00,22:00]",
    )
    run.add_argument(
        "--zone",
        default=environment("ZONE", "UTC"),
        help="time zone of --shift-ends, such as Europe/Berlin [ZONE, default UTC]",
    )
    run.add_argument(
        "--history-hours",
        type=number(0.0, MAX_HISTORY_HOURS),
        metavar="HOURS",
        default=environment("HISTORY_HOURS", "8"),
        help="a new run begins this many hours ago and is lived up to now at top speed "
        "[HISTORY_HOURS, default 8]",
    )
    run.add_argument(
        "--epoch",
        type=moment,
        metavar="MOMENT",
        default=environment("EPOCH", None),
        help="a new run begins at this moment instead, such as 2026-01-05T06:00:00Z, and lives through "
        "its hours of history from there [EPOCH, default none]",
    )
    run.add_argument(
        "--seed",
        type=int,
        default=environment("SEED", "1"),
        help="seed of all random numbers of a new run [SEED, default 1]",
    )
    add_machines(run)
    add_people(run)
    add_assumptions(run)
    add_state(run)
    run.add_argument(
        "--relive",
        type=Path,
        metavar="FILE",
        help="live a recorded run again, from its seed, epoch, settings and inputs, and then stand still; "
        "--seed, --epoch, --history-hours, --machines, --people and --assumptions then count for nothing",
    )
    run.add_argument(
        "--wait-for-office",
        type=_patience,
        metavar="SECONDS",
        default=environment("WAIT_FOR_OFFICE", "5"),
        help="real seconds after which the plant goes on without an office, or forever "
        "[WAIT_FOR_OFFICE, default 5]",
    )
    run.add_argument(
        "--backlog-hours",
        type=number(MIN_BACKLOG_HOURS, MAX_BACKLOG_HOURS),
        metavar="H",
        default=environment("BACKLOG_HOURS", "24"),
        help="plant hours for which readings are kept for an office that is away; then the oldest go first, "
        "never the truth, and the plant says how many [BACKLOG_HOURS, default 24]",
    )
    run.add_argument(
        "--lookahead-s",
        type=number(MIN_LOOKAHEAD_S, MAX_LOOKAHEAD_S),
        metavar="SECONDS",
        default=environment("LOOKAHEAD_S", "60"),
        help="plant seconds the plant may go beyond what the office has processed; at least 30 "
        "[LOOKAHEAD_S, default 60]",
    )
    run.add_argument(
        "--twin",
        type=on_or_off,
        metavar="on|off",
        default=environment("TWIN", "on"),
        help="whether the same plant is lived a second time, in which nobody hears the calls, and tells of "
        "itself under twin/ [TWIN, default on]",
    )
    add_connections(run)
    add_protocol(run)
    add_heartbeat(run)

    commands.add_parser("kinds", help="list the kinds of machine", description="List the kinds of machine.")
    commands.add_parser(
        "faults",
        help="list the faults that can be asked for",
        description="List the faults that can be asked for, and what their severity means.",
    )

    new = commands.add_parser(
        "new", help="write the file of a new machine", description="Write the file of a new machine."
    )
    new.add_argument("kind", help="its kind, one of those that `kinds` lists")
    new.add_argument("name", help="its name, e.g. mill-7")
    new.add_argument("--line", required=True, help="the line it stands on, e.g. machining")
    add_machines(new)

    check = commands.add_parser(
        "check",
        help="say what is wrong with the machines' files",
        description="Say what is wrong with the machines' files, and exit with 1 if anything is.",
    )
    add_machines(check)
    add_people(check)
    add_assumptions(check)

    add_command(commands)

    record = commands.add_parser(
        "record",
        help="write the run and its inputs into one file, to live it again",
        description="Write the run and its inputs into one file; `run --relive FILE` lives it again.",
    )
    add_state(record)
    record.add_argument("--out", type=Path, required=True, metavar="FILE.json", help="the file")

    add_replay(commands)
    add_study(commands.add_parser("study", help="live a plant without a broker, over and over"))
    return options


def _patience(text: str) -> float | None:
    return None if text == "forever" else number(1.0, 86_400.0)(text)


if __name__ == "__main__":
    sys.exit(main())
