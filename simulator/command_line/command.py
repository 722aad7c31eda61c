"""`python -m simulator command`: one sub-command for each thing that can be asked of the running plant."""

import argparse
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from protocol.address import address_of
from protocol.messages import PlantCommand
from simulator.command_line.assumptions import add_assume
from simulator.command_line.faults import add_faults
from simulator.command_line.offers import listing
from simulator.command_line.options import add_broker
from simulator.commanding.clockwork import ALLOWED_SPEED, speed_in
from simulator.specs.settings import SpecError, file_stem, read_text
from simulator.telling.ask import ask_plant

_Fields = Callable[[argparse.Namespace], dict[str, Any]]


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `command` and all that can be asked."""
    tell = commands.add_parser(
        "command",
        help="ask something of the running plant",
        description="Ask something of the running plant, and print what came of it; exit with 1 if it was "
        "refused, or not answered within 5 s.",
    )
    whats = tell.add_subparsers(dest="what", required=True, metavar="WHAT")

    def row(what: str, text: str, fields: _Fields = lambda _: {}) -> argparse.ArgumentParser:
        described = f"{text[0].upper()}{text[1:]}."
        parser = whats.add_parser(what, help=text.partition(":")[0], description=described)
        parser.set_defaults(fields=fields)
        add_broker(parser, role="operator")
        return parser

    over = row(
        "start-over",
        "end the run and open a new one: in the running simulator; the history keeps both",
        lambda asked: {"seed": asked.seed},
    )
    over.add_argument("--seed", type=int, help="seed of the new run (default: the one after the present)")
    bench = row(
        "bench",
        "put up or take away the calibration bench: machines whose KPIs are known",
        lambda asked: {"on": asked.switch == "on"},
    )
    bench.add_argument("switch", choices=("on", "off"), help="whether it is to be there")
    _add_clock(row)
    _add_machines(row)
    add_faults(row)
    add_assume(row)


def run_command(asked: argparse.Namespace) -> int:
    """Ask, and print what came of it; 1 when it was refused.

    Raises:
        AskError: There is no broker, or nobody answers.
        SpecError: A machine's file cannot be read, or cannot be written.
    """
    command = PlantCommand(id=secrets.token_hex(8), what=asked.what, **asked.fields(asked))
    result = ask_plant(command, address_of(asked.broker, role="operator", credentials=asked.credentials))
    if result.ok and result.text:
        _hand_over(result.text, asked.out)
    if listed := listing(result):
        sys.stdout.write(f"{listed}\n")
    print(result.message, file=sys.stdout if result.ok and not result.text else sys.stderr)
    return 0 if result.ok else 1


def _add_clock(row: Callable[..., argparse.ArgumentParser]) -> None:
    fast = row(
        "speed",
        "let plant time go by at another speed: it changes nothing about what happens in it",
        lambda asked: {"speed": asked.speed},
    )
    fast.add_argument(
        "speed", type=_speed, metavar="SPEED", help=f"plant seconds per real second, {ALLOWED_SPEED}"
    )
    for what, text in (
        ("pause", "let plant time stand still, or hold one machine"),
        ("resume", "let plant time go by again, or one machine go on"),
    ):
        row(what, text, _machine).add_argument(
            "machine", nargs="?", default="", metavar="MACHINE", help="that machine alone"
        )
    step = row(
        "step",
        "let a paused plant go on for a while: as fast as the office follows",
        lambda asked: {"seconds": asked.seconds},
    )
    step.add_argument("seconds", type=float, metavar="SECONDS", help="plant seconds, up to a day")
    row("jump", "go on to the end of the shift: as fast as the office follows, and then as before")


def _add_machines(row: Callable[..., argparse.ArgumentParser]) -> None:
    for what, text in (
        ("add", "put up a machine: until the run ends; the file is called like it, as in mill-9.toml"),
        ("change", "let a machine become another: of the same name, as its file says now"),
    ):
        row(what, text, _file).add_argument("file", type=Path, metavar="FILE", help="the machine's file")
    check = row("check", "say what a file would make: or what is wrong with it", _file_instead)
    check.add_argument("file", type=Path, metavar="FILE", help="the machine's file")
    check.add_argument(
        "--instead", default="", metavar="MACHINE", help="the machine it would take the place of"
    )
    row("kinds", "list the kinds that the plant knows: with what is most often set")
    row("machines", "list the machines of the plant: by whose word each stands, and whether it is paused")
    clone = row("clone", "put up a machine like another: with all its settings", _machine_and_name)
    clone.add_argument("machine", metavar="MACHINE", help="the machine that is copied")
    clone.add_argument("name", metavar="NAME", help="name of the copy")
    remove = row("remove", "take a machine away: until the run ends", _machine)
    remove.add_argument("machine", metavar="MACHINE", help="the machine")
    save = row("save", "print or write the file that would put up the same machine at the start", _machine)
    save.add_argument("machine", metavar="MACHINE", help="the machine")
    save.add_argument(
        "--out", type=Path, metavar="FILE", help="write it there, e.g. simulator/machines/mill-9.toml"
    )


def _machine(asked: argparse.Namespace) -> dict[str, Any]:
    return {"machine": asked.machine}


def _machine_and_name(asked: argparse.Namespace) -> dict[str, Any]:
    return {"machine": asked.machine, "name": asked.name}


def _file(asked: argparse.Namespace) -> dict[str, Any]:
    return {"machine": file_stem(asked.file.name), "text": read_text(asked.file)}


def _file_instead(asked: argparse.Namespace) -> dict[str, Any]:
    return {**_file(asked), "name": asked.instead}


def _speed(text: str) -> float | str:
    try:
        speed = speed_in(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return "max" if speed is None else speed


def _hand_over(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
        return
    try:
        # "x" refuses a file that exists: it may hold another machine.
        with out.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError as error:
        raise SpecError(f"{out}: exists already: choose another file, or take that one away") from error
    except OSError as error:
        raise SpecError(f"{out}: cannot be written: {error.strerror}") from error
