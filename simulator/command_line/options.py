"""Options that several commands share, and what their values may be."""

import argparse
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from protocol.address import DEFAULT_URL
from protocol.moments import EARLIEST_MS, LATEST_MS, from_ms, from_text
from simulator.commanding.clockwork import speed_in
from simulator.telling.opening import FEW_MACHINES, ConnectionsOf, Protocol

DEFAULT_MACHINES = "simulator/machines"
DEFAULT_PEOPLE = "simulator/people.toml"
DEFAULT_ASSUMPTIONS = "simulator/assumptions.toml"
DEFAULT_GROUP = "shopfloor"
DEFAULT_HOST = "office"


def environment(variable: str, default: str | None) -> str | None:
    """What a variable holds, or else the default."""
    # A text default goes through the option's type, so a bad variable is refused like a bad option.
    return os.environ.get(variable) or default


def add_broker(parser: argparse.ArgumentParser, role: str = "machines") -> None:
    """Where the broker is, and as whom to connect."""
    parser.add_argument(
        "--broker",
        metavar="URL",
        default=environment("BROKER_URL", DEFAULT_URL),
        help="the broker, mqtt://host:port or mqtt://user:password@host:port "
        f"[BROKER_URL, default {DEFAULT_URL}]",
    )
    parser.add_argument(
        "--credentials",
        type=Path,
        metavar="DIR",
        default=environment("CREDENTIALS_DIR", None),
        help=f"folder whose file `{role}` holds the password of that user; without it no user is named "
        "[CREDENTIALS_DIR, default none]",
    )


def add_machines(parser: argparse.ArgumentParser) -> None:
    """The folder of the machines."""
    parser.add_argument(
        "--machines",
        type=Path,
        metavar="DIR",
        default=environment("MACHINES_DIR", DEFAULT_MACHINES),
        help=f"folder with a file for each machine [MACHINES_DIR, default {DEFAULT_MACHINES}]",
    )


def add_people(parser: argparse.ArgumentParser) -> None:
    """The file of the people."""
    parser.add_argument(
        "--people",
        metavar="PATH",
        default=environment("PEOPLE", DEFAULT_PEOPLE),
        help="file of the people who tend the machines, or none: then every stop is mended at once "
        f"[PEOPLE, default {DEFAULT_PEOPLE}]",
    )


def add_assumptions(parser: argparse.ArgumentParser) -> None:
    """The file of the assumptions."""
    parser.add_argument(
        "--assumptions",
        type=Path,
        metavar="FILE",
        default=environment("ASSUMPTIONS", DEFAULT_ASSUMPTIONS),
        help="file of what is assumed when a run begins: rounds, reaction, calls on or off, and more; "
        f"`command assume` changes it while the plant runs [ASSUMPTIONS, default {DEFAULT_ASSUMPTIONS}]",
    )


def add_state(parser: argparse.ArgumentParser) -> None:
    """The folder of the run."""
    parser.add_argument(
        "--state",
        type=Path,
        metavar="DIR",
        default=environment("STATE_DIR", "var/simulator"),
        help="where the run and its input log are kept [STATE_DIR, default var/simulator]",
    )


def add_heartbeat(parser: argparse.ArgumentParser) -> None:
    """The file that says that all is well."""
    parser.add_argument(
        "--heartbeat",
        type=Path,
        metavar="FILE",
        default=environment("HEARTBEAT", None),
        help="file that is touched every second while all is well [HEARTBEAT, default none]",
    )


def add_connections(parser: argparse.ArgumentParser) -> None:
    """Who has a connection."""
    parser.add_argument(
        "--connections",
        type=_connections,
        metavar="WHOSE",
        default=environment("CONNECTIONS", None),
        help="machine: each has a connection with a will of its own; gateway: one for a line speaks for all "
        f"of it [CONNECTIONS, default machine up to {FEW_MACHINES} machines, else gateway]",
    )


def _connections(text: str) -> ConnectionsOf:
    allowed: dict[str, ConnectionsOf] = {"machine": "machine", "gateway": "gateway"}
    if text in allowed:
        return allowed[text]
    raise argparse.ArgumentTypeError(f"{text!r} is not allowed: machine or gateway")


def add_protocol(parser: argparse.ArgumentParser) -> None:
    """What machines speak."""
    parser.add_argument(
        "--protocol",
        type=_protocol,
        metavar="WHICH",
        default=environment("PROTOCOL", "json"),
        help="json, or sparkplug: a line is an edge node of Sparkplug B, and its machines are its devices; "
        "needs the extra `sparkplug` [PROTOCOL, default json]",
    )
    parser.add_argument(
        "--group",
        metavar="NAME",
        default=environment("SPARKPLUG_GROUP", DEFAULT_GROUP),
        help=f"the Sparkplug group of the edge nodes [SPARKPLUG_GROUP, default {DEFAULT_GROUP}]",
    )
    parser.add_argument(
        "--primary-host",
        metavar="NAME",
        default=environment("SPARKPLUG_HOST", DEFAULT_HOST),
        help="the Sparkplug host application without which edge nodes say nothing, or none "
        f"[SPARKPLUG_HOST, default {DEFAULT_HOST}]",
    )


def _protocol(text: str) -> Protocol:
    allowed: dict[str, Protocol] = {"json": "json", "sparkplug": "sparkplug"}
    if text in allowed:
        return allowed[text]
    raise argparse.ArgumentTypeError(f"{text!r} is not allowed: json or sparkplug")


def on_or_off(text: str) -> bool:
    """Whether something is to be there."""
    allowed = {"on": True, "off": False}
    if text in allowed:
        return allowed[text]
    raise argparse.ArgumentTypeError(f"{text!r} is not allowed: on or off")


def speed(text: str) -> float | None:
    """A speed; None for max."""
    try:
        return speed_in(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def moment(text: str) -> datetime:
    """A moment with its time zone."""
    try:
        at_ms = from_text(text)
    except ValueError:
        at_ms = 0
    if not EARLIEST_MS <= at_ms <= LATEST_MS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not allowed: ISO 8601 with a time zone, such as 2026-01-05T06:00:00Z"
        )
    return from_ms(at_ms)


def number(least: float, most: float) -> Callable[[str], float]:
    """A number from `least` to `most`."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = least - 1.0
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not allowed: a number from {least:g} to {most:g}")
        return value

    return read
