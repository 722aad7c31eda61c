"""A network of the test's own: a namespace for each part, each with a wire to one in the middle.

What is taken down, limited and sent stays within these namespaces.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FOLDER = Path("/run/netns")
CLONE_NEWNET = 0x40000000
MIDDLE = "middle"
BURST = ("burst", "16kb", "latency", "2s")


class Network:
    """The namespaces of some parts.

    Args:
        parts: Who is to have one.
    """

    def __init__(self, parts: Sequence[str]) -> None:
        _clear_up()
        self._numbers = {part: number for number, part in enumerate(parts, start=1)}
        self._made: list[str] = []
        try:
            self._add(MIDDLE)
            _run("ip", "netns", "exec", self.name(MIDDLE), "sysctl", "-qw", "net.ipv4.ip_forward=1")
            for part in parts:
                self._add(part)
                self._wire(part)
        except subprocess.CalledProcessError:
            self.close()
            raise

    def name(self, part: str) -> str:
        """The name of a part's namespace."""
        return f"chaos-{os.getpid()}-{part}"

    def address(self, part: str) -> str:
        """The address at which the others reach a part."""
        return f"10.77.{self._numbers[part]}.2"

    def prefix(self, part: str) -> list[str]:
        """What is put before a command so that it runs in the namespace of a part."""
        return ["nsenter", f"--net={FOLDER / self.name(part)}"]

    def cut(self, part: str) -> None:
        """Pull the wire of a part out."""
        self._ip(MIDDLE, "link", "set", "dev", part, "down")

    def join(self, part: str) -> None:
        """Put it in again."""
        self._ip(MIDDLE, "link", "set", "dev", part, "up")

    def slow(self, part: str, kbit_s: int) -> None:
        """Let no more than so much through the wire of a part, in either direction."""
        for where, device in ((MIDDLE, part), (part, "wire")):
            limit = ("root", "tbf", "rate", f"{kbit_s}kbit", *BURST)
            _run("tc", "-n", self.name(where), "qdisc", "replace", "dev", device, *limit)

    def quicken(self, part: str) -> None:
        """Limit it no more."""
        for where, device in ((MIDDLE, part), (part, "wire")):
            _run("tc", "-n", self.name(where), "qdisc", "del", "dev", device, "root")

    @contextmanager
    def inside(self, part: str) -> Iterator[None]:
        """Whatever this thread connects within here, it connects from the namespace of a part."""
        with Path("/proc/thread-self/ns/net").open("rb") as home:
            with (FOLDER / self.name(part)).open("rb") as there:
                _enter(there.fileno())
            try:
                yield
            finally:
                _enter(home.fileno())

    def close(self) -> None:
        """Take the namespaces away, and with them the wires."""
        for name in self._made:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        self._made = []

    def _add(self, part: str) -> None:
        _run("ip", "netns", "add", self.name(part))
        self._made.append(self.name(part))
        self._ip(part, "link", "set", "dev", "lo", "up")

    def _wire(self, part: str) -> None:
        number, middle, name = self._numbers[part], self.name(MIDDLE), self.name(part)
        ends = ("name", part, "netns", middle, "type", "veth", "peer", "name", "wire", "netns", name)
        _run("ip", "link", "add", *ends)
        for where, device, last in ((MIDDLE, part, 1), (part, "wire", 2)):
            self._ip(where, "addr", "add", f"10.77.{number}.{last}/24", "dev", device)
            self._ip(where, "link", "set", "dev", device, "up")
        self._ip(part, "route", "add", "default", "via", f"10.77.{number}.1")

    def _ip(self, part: str, *words: str) -> None:
        _run("ip", "-n", self.name(part), *words)


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        error.add_note(f"{' '.join(command)}: {error.stderr.strip()}")
        raise


def _enter(namespace: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot enter a network namespace")


def _clear_up() -> None:
    """Take away what a test that was killed has left."""
    for left in FOLDER.glob("chaos-*-*"):
        if not Path(f"/proc/{left.name.split('-')[1]}").exists():
            subprocess.run(["ip", "netns", "del", left.name], check=False, capture_output=True)
