"""What is around the parts, so that it can be broken: wires, small disks, and a clock for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from tests.chaos.clocks import Clocks
from tests.chaos.disks import Disk
from tests.chaos.network import Network

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

BROKER_MB, SIMULATOR_MB, HISTORY_MB = 64, 16, 800
"""Of the history's disk the page says that little is left long before it is full."""


class Surroundings:
    """A namespace, a clock and a disk for each part that has need of one.

    Args:
        folder: Where the plant is going to keep what it keeps.
        parts: All parts that are processes.
        served: Whether a server keeps the history.
    """

    def __init__(self, folder: Path, parts: Sequence[str], *, served: bool = False) -> None:
        self.network = Network(parts)
        """The wires between the parts."""
        self.clocks = Clocks(folder.with_name(f"{folder.name}-clocks"))
        """Their wall clocks."""
        self.disks: dict[str, Disk] = {}
        """The disks, by the part whose they are."""
        database = folder.with_name(f"{folder.name}-database") if served else folder / "history"
        for part, where, megabytes in (
            ("broker", folder / "broker" / "mosquitto", BROKER_MB),
            ("simulator", folder / "simulator", SIMULATOR_MB),
            ("database", database, HISTORY_MB),
        ):
            self.disks[part] = Disk(where, megabytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for disk in self.disks.values():
            disk.close()
        self.network.close()
