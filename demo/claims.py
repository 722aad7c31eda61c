"""What the demo needs to itself: two ports and a folder. Claimed before anything is started."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path

HOST = "127.0.0.1"


class ClaimError(Exception):
    """Raised when something the demo needs is in use; says what, and how to choose another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port that a part will listen on."""

    number: int
    """TCP port on the loopback address."""

    what: str
    """Who will listen there, as a reader of the message knows it."""

    option: str
    """Argument that moves it."""

    variable: str
    """Environment variable that moves it."""


def is_free(number: int) -> bool:
    """Say whether one may listen on this port of the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # As servers do: connections that have just ended do not keep a port taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
            probe.listen(1)
        except OSError:
            return False
    return True


def is_listening(number: int) -> bool:
    """Say whether somebody listens on this port of the loopback address, in the way of nobody about to.

    Unlike `is_free` it does not listen itself, even for a moment: a server that starts then would end.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # Beside a socket that is only bound, and so bound, another one may be bound and listen.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except OSError:
            return True
    return False


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        number: int = probe.getsockname()[1]
    return number


def check_ports(ports: list[Port]) -> None:
    """Make sure that every port is free.

    Raises:
        ClaimError: One is taken, or two parts want the same.
    """
    problems = [
        f"Port {port.number} on {HOST}, where the {port.what} would listen, is taken by another "
        f"program: choose another with {port.option} {free_port()}, "
        f"or in the environment with {port.variable}={free_port()}."
        for port in ports
        if not is_free(port.number)
    ]
    if len({port.number for port in ports}) < len(ports):
        options = " or ".join(port.option for port in ports)
        problems.append(f"Two parts would listen on one port: move one with {options}.")
    if problems:
        raise ClaimError("\n".join(problems))


def claim_folder(folder: Path) -> BinaryIO:
    """Take the folder of histories and passwords for this demo alone.

    Returns:
        The open lock; the folder is free again when it is closed, or when this process ends.

    Raises:
        ClaimError: Another demo uses the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "lock").open("ab")
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - exists there alone

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - exists elsewhere alone

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise ClaimError(
            f"Another demo is using {folder}: stop it, "
            f"or choose another folder with --state {folder}-2 or STATE_DIR={folder}-2."
        ) from error
    return lock
