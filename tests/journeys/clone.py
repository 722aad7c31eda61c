"""A copy of the project as a fresh clone would be: what git knows of, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.broker.running import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")


def clone(folder: Path) -> Path:
    """Copy the project into a folder, and return the folder."""
    listed = subprocess.run(KNOWN, cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    for name in listed.split("\0"):
        if name and (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    return folder
