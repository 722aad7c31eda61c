"""What the web process is told about who may do what, and the door that follows from it."""

import argparse
import logging
import os
from pathlib import Path

from dashboard.gate.door import Door
from dashboard.gate.hosts import Hosts, is_loopback
from dashboard.gate.password import PagePassword

logger = logging.getLogger(__name__)

FILE = "page"
"""Where in the folder of credentials the hash of the password stands."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the settings to those of the web process."""
    env = os.environ.get
    parser.add_argument(
        "--commands",
        choices=("open", "password"),
        default=env("COMMANDS"),
        help="whether commands from the page need the operator's password; "
        "without it: where --host is not this machine alone [COMMANDS]",
    )
    parser.add_argument(
        "--page-password",
        metavar="FILE",
        type=Path,
        default=_path(env("PAGE_PASSWORD")),
        help="file with the hash of that password; without it: `page` in the folder of credentials "
        "[PAGE_PASSWORD]",
    )
    parser.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[name for name in env("ALLOWED_HOSTS", "").split(",") if name],
        help="a name that the page is asked for by, * for any; without it: where commands need no password, "
        "the names of this machine alone [ALLOWED_HOSTS, divided by commas]",
    )


def asks_password(args: argparse.Namespace) -> bool:
    """Whether commands need the operator's password: unless told otherwise, where others reach the page."""
    if args.commands is not None:
        return bool(args.commands != "open")
    return not is_loopback(args.host)


def door_of(args: argparse.Namespace) -> Door:
    """The door that the settings describe."""
    if not asks_password(args):
        return Door(hosts=Hosts(args.allow_host))
    file = args.page_password or (args.credentials or Path()) / FILE
    password = PagePassword(file)
    if not password.line():
        logger.warning("%s has no password: nobody may command until one is set there", file)
    return Door(password=password, hosts=Hosts(args.allow_host or ("*",)))


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
