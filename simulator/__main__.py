"""The command line: `python -m simulator run`, `kinds`, `new`, `check`, `command`, `replay`."""

import argparse
import logging
import os
import secrets
import sys
from datetime import datetime
from pathlib import Path

from protocol.address import DEFAULT_URL, AddressError, address_of
from protocol.messages import MessageError, PlantCommand
from protocol.moments import EARLIEST_MS, LATEST_MS, from_ms, from_text
from simulator.commanding.ask import AskError, ask_plant
from simulator.histories.run import StateError
from simulator.replaying.recording import RecordingError, load_recording
from simulator.replaying.replay import replay
from simulator.specs.check import check_folder, kinds_table, new_machine_file
from simulator.specs.kind import load_kinds
from simulator.specs.machine import SpecError
from simulator.specs.people import load_people
from simulator.telling.pace import SPEEDS
from simulator.telling.work import FEW_MACHINES, KINDS_FOLDER, ConnectionsOf, Order, run_factory

DEFAULT_MACHINES = "simulator/machines"
DEFAULT_PEOPLE = "simulator/people.toml"
MIN_LOOKAHEAD_S = 30.0
MAX_LOOKAHEAD_S = 600.0
MAX_HISTORY_HOURS = 7 * 24.0


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks, and return the exit code."""
    asked = _parser().parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    try:
        return {
            "run": _run,
            "kinds": _kinds,
            "new": _new,
            "check": _check,
            "replay": _replay,
            "command": _command,
        }[asked.command](asked)
    except (AddressError, SpecError, StateError, RecordingError, MessageError, AskError) as error:
        print(error, file=sys.stderr)
        return 1


def _run(asked: argparse.Namespace) -> int:
    run_factory(
        Order(
            broker=address_of(asked.broker, role="machines", credentials=asked.credentials),
            speed=asked.speed,
            history_hours=asked.history_hours,
            epoch=asked.epoch,
            seed=asked.seed,
            machines=asked.machines,
            people=None if asked.people == "none" else Path(asked.people),
            state=asked.state,
            wait_for_office_s=asked.wait_for_office,
            lookahead_s=asked.lookahead_s,
            heartbeat=asked.heartbeat,
            connections=asked.connections,
        )
    )
    return 0


def _kinds(_asked: argparse.Namespace) -> int:
    print(kinds_table(load_kinds(KINDS_FOLDER)))
    return 0


def _new(asked: argparse.Namespace) -> int:
    file = new_machine_file(asked.kind, asked.name, asked.line, asked.machines, load_kinds(KINDS_FOLDER))
    print(f"wrote {file}: a running simulator puts the machine up at once")
    return 0


def _check(asked: argparse.Namespace) -> int:
    kinds = load_kinds(KINDS_FOLDER)
    problems = check_folder(asked.machines, kinds)
    if asked.people != "none":
        try:
            load_people(Path(asked.people))
        except SpecError as error:
            problems.append(str(error))
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{len(list(asked.machines.glob('*.toml')))} machines, {len(kinds)} kinds: all is well")
    return 1 if problems else 0


def _command(asked: argparse.Namespace) -> int:
    result = ask_plant(
        PlantCommand(
            id=secrets.token_hex(8),
            what=asked.what,
            seed=asked.seed if asked.what == "start-over" else None,
            on=asked.switch == "on" if asked.what == "bench" else None,
        ),
        address_of(asked.broker, role="operator", credentials=asked.credentials),
    )
    print(result.message, file=sys.stdout if result.ok else sys.stderr)
    return 0 if result.ok else 1


def _replay(asked: argparse.Namespace) -> int:
    replay(
        load_recording(asked.file),
        machine=asked.name,
        line=asked.line,
        kind=asked.kind,
        broker=address_of(asked.broker, role="machines", credentials=asked.credentials),
        heartbeat_file=asked.heartbeat,
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="A small factory whose machines speak MQTT. Every option can also be set in the "
        "environment, by the variable in brackets.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="let the factory work", description="Let the factory work.")
    _add_broker(run)
    run.add_argument(
        "--speed",
        type=_speed,
        default=_environment("SPEED", "60"),
        help="plant seconds per real second: 1, 10, 60, 600, or max for as fast as the office follows "
        "[SPEED, default 60]",
    )
    run.add_argument(
        "--history-hours",
        type=_hours,
        metavar="HOURS",
        default=_environment("HISTORY_HOURS", "8"),
        help="a new run begins this many hours ago and is lived up to now at top speed "
        "[HISTORY_HOURS, default 8]",
    )
    run.add_argument(
        "--epoch",
        type=_moment,
        metavar="MOMENT",
        default=_environment("EPOCH", None),
        help="a new run begins at this moment instead, such as 2026-01-05T06:00:00Z, and lives through "
        "its hours of history from there [EPOCH, default none]",
    )
    run.add_argument(
        "--seed",
        type=int,
        default=_environment("SEED", "1"),
        help="seed of all random numbers of a new run [SEED, default 1]",
    )
    _add_machines(run)
    _add_people(run)
    run.add_argument(
        "--state",
        type=Path,
        metavar="DIR",
        default=_environment("STATE_DIR", "var/simulator"),
        help="where the run and its input log are kept [STATE_DIR, default var/simulator]",
    )
    run.add_argument(
        "--wait-for-office",
        type=_patience,
        metavar="SECONDS",
        default=_environment("WAIT_FOR_OFFICE", "5"),
        help="real seconds after which the plant goes on without an office, or forever "
        "[WAIT_FOR_OFFICE, default 5]",
    )
    run.add_argument(
        "--lookahead-s",
        type=_lookahead,
        metavar="SECONDS",
        default=_environment("LOOKAHEAD_S", "60"),
        help="plant seconds the plant may go beyond what the office has processed; at least 30 "
        "[LOOKAHEAD_S, default 60]",
    )
    run.add_argument(
        "--connections",
        type=_connections,
        metavar="WHOSE",
        default=_environment("CONNECTIONS", None),
        help="machine: each has a connection with a will of its own; gateway: one for a line speaks for all "
        f"of it [CONNECTIONS, default machine up to {FEW_MACHINES} machines, else gateway]",
    )
    _add_heartbeat(run)

    commands.add_parser("kinds", help="list the kinds of machine", description="List the kinds of machine.")

    new = commands.add_parser(
        "new", help="write the file of a new machine", description="Write the file of a new machine."
    )
    new.add_argument("kind", help="its kind, one of those that `kinds` lists")
    new.add_argument("name", help="its name, e.g. mill-7")
    new.add_argument("--line", required=True, help="the line it stands on, e.g. machining")
    _add_machines(new)

    check = commands.add_parser(
        "check",
        help="say what is wrong with the machines' files",
        description="Say what is wrong with the machines' files, and exit with 1 if anything is.",
    )
    _add_machines(check)
    _add_people(check)

    tell = commands.add_parser(
        "command",
        help="ask something of the running plant",
        description="Ask something of the running plant, and print what came of it; exit with 1 if it was "
        "refused, or not answered within 5 s.",
    )
    whats = tell.add_subparsers(dest="what", required=True, metavar="WHAT")
    over = whats.add_parser(
        "start-over",
        help="end the run and open a new one",
        description="End the run and open a new one, in the running simulator; the history keeps both.",
    )
    over.add_argument(
        "--seed", type=int, default=None, help="seed of the new run (default: the one after the present)"
    )
    _add_broker(over, role="operator")
    bench = whats.add_parser(
        "bench",
        help="put up or take away the calibration bench",
        description="Put up or take away the calibration bench: machines whose KPIs are known.",
    )
    bench.add_argument("switch", choices=("on", "off"), help="whether it is to be there")
    _add_broker(bench, role="operator")

    again = commands.add_parser(
        "replay",
        help="replay the recording of a real machine",
        description="Replay the recording of a real machine, in plant time, over and over.",
    )
    again.add_argument("file", type=Path, metavar="FILE.csv.gz", help="the recording, one row a second")
    again.add_argument("--as", dest="name", required=True, metavar="NAME", help="name of the machine")
    again.add_argument("--line", default="recorded", help="the line it stands on (default: %(default)s)")
    again.add_argument(
        "--kind", default="mazak-integrex", help="what its birth calls it (default: %(default)s)"
    )
    _add_broker(again)
    _add_heartbeat(again)
    return parser


def _add_broker(parser: argparse.ArgumentParser, role: str = "machines") -> None:
    parser.add_argument(
        "--broker",
        metavar="URL",
        default=_environment("BROKER_URL", DEFAULT_URL),
        help="the broker, mqtt://host:port or mqtt://user:password@host:port "
        f"[BROKER_URL, default {DEFAULT_URL}]",
    )
    parser.add_argument(
        "--credentials",
        type=Path,
        metavar="DIR",
        default=_environment("CREDENTIALS_DIR", None),
        help=f"folder whose file `{role}` holds the password of that user; without it no user is named "
        "[CREDENTIALS_DIR, default none]",
    )


def _add_machines(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--machines",
        type=Path,
        metavar="DIR",
        default=_environment("MACHINES_DIR", DEFAULT_MACHINES),
        help=f"folder with a file for each machine [MACHINES_DIR, default {DEFAULT_MACHINES}]",
    )


def _add_people(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--people",
        metavar="PATH",
        default=_environment("PEOPLE", DEFAULT_PEOPLE),
        help="file of the people who tend the machines, or none: then every stop is mended at once "
        f"[PEOPLE, default {DEFAULT_PEOPLE}]",
    )


def _add_heartbeat(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--heartbeat",
        type=Path,
        metavar="FILE",
        default=_environment("HEARTBEAT", None),
        help="file that is touched every second while all is well [HEARTBEAT, default none]",
    )


def _environment(variable: str, default: str | None) -> str | None:
    # A text default goes through the option's type, so a bad variable is refused like a bad option.
    return os.environ.get(variable) or default


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if speed not in SPEEDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed: 1, 10, 60, 600 or max")
    return speed


def _hours(text: str) -> float:
    return _number(text, 0.0, MAX_HISTORY_HOURS)


def _moment(text: str) -> datetime:
    try:
        at_ms = from_text(text)
    except ValueError:
        at_ms = 0
    if not EARLIEST_MS <= at_ms <= LATEST_MS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not allowed: ISO 8601 with a time zone, such as 2026-01-05T06:00:00Z"
        )
    return from_ms(at_ms)


def _connections(text: str) -> ConnectionsOf:
    allowed: dict[str, ConnectionsOf] = {"machine": "machine", "gateway": "gateway"}
    if text in allowed:
        return allowed[text]
    raise argparse.ArgumentTypeError(f"{text!r} is not allowed: machine or gateway")


def _lookahead(text: str) -> float:
    return _number(text, MIN_LOOKAHEAD_S, MAX_LOOKAHEAD_S)


def _patience(text: str) -> float | None:
    return None if text == "forever" else _number(text, 1.0, 86_400.0)


def _number(text: str, least: float, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = least - 1.0
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed: a number from {least:g} to {most:g}")
    return number


if __name__ == "__main__":
    sys.exit(main())
