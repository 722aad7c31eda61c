"""Small disks of the test's own, which may be filled and freed."""

from __future__ import annotations

import errno
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PIECE = bytes(1 << 20)
LEAST = 4_096


class Disk:
    """A disk in memory that is mounted on a folder.

    Args:
        folder: Where it is mounted; made if it is missing.
        megabytes: How much there is room for.
    """

    def __init__(self, folder: Path, megabytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "chaos", str(folder)],
            check=True,
            capture_output=True,
        )

    def fill(self) -> None:
        """Have a file take all the room that is left."""
        with (self.folder / "filler").open("ab", buffering=0) as filler:
            size = len(PIECE)
            while size >= LEAST:
                try:
                    filler.write(PIECE[:size])
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 2

    def free(self) -> None:
        """Take that file away."""
        (self.folder / "filler").unlink(missing_ok=True)

    def close(self) -> None:
        """Unmount it, as soon as nobody uses it."""
        subprocess.run(["umount", "--lazy", str(self.folder)], check=False, capture_output=True)
