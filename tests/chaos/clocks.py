"""The wall clock of each process, which may be set to another moment while it runs."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")
SECOND_NS = 1_000_000_000


class Clocks:
    """A wall clock for each part, kept in a folder; the monotonic one is left alone.

    Args:
        folder: For what is preloaded, and a file for each clock.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._library = folder / "clock.so"
        subprocess.run(
            ["cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(self._library), str(SOURCE)],
            check=True,
        )

    def environment(self, part: str) -> dict[str, str]:
        """What a part needs in its environment so that its clock can be set."""
        if not self._file(part).exists():
            self.set(part, 0)
        return {"LD_PRELOAD": str(self._library), "CHAOS_CLOCK": str(self._file(part))}

    def set(self, part: str, ahead_s: int) -> None:
        """Have the clock of a part show so many seconds more, or fewer, than it is."""
        # Over what is mapped: another file would be another clock.
        with self._file(part).open("r+b" if self._file(part).exists() else "wb") as opened:
            opened.write(struct.pack("=q", ahead_s * SECOND_NS))

    def _file(self, part: str) -> Path:
        return self._folder / f"{part}.clock"
