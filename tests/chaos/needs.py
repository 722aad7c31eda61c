"""What this machine lacks for some faults: nothing is left out in silence."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

PROGRAMS = {
    "ip": "iproute2",
    "tc": "iproute2",
    "nsenter": "util-linux",
    "sysctl": "procps",
    "mount": "mount",
    "cc": "gcc and libc6-dev",
}
"""Each program, and the package of Debian that has it."""


def lacking() -> str:
    """Why not every fault can be done here, in one sentence; `""` where all can."""
    if not sys.platform.startswith("linux"):
        return (
            f"Faults need Linux, whose namespaces cut parts off from each other, and this is {sys.platform}."
        )
    if os.geteuid() != 0:
        return "Faults need root, who alone may make network namespaces and mount disks: sudo make chaos."
    missing = {program: package for program, package in PROGRAMS.items() if shutil.which(program) is None}
    if missing:
        packages = " ".join(dict.fromkeys(missing.values()))
        return f"Faults need {', '.join(missing)}: apt-get install {packages.replace(' and', '')}."
    return _refused()


def _refused() -> str:
    """What the system refuses to a root that has not all rights, as in a container."""
    from tests.chaos.disks import Disk  # noqa: PLC0415 - of Linux alone
    from tests.chaos.network import Network  # noqa: PLC0415 - the same

    what = "network namespaces with wires between them"
    try:
        network = Network(["tried"])
        try:
            what = "limits of what a wire lets through (tc tbf)"
            network.slow("tried", 256)
            what = "mounts"
            with tempfile.TemporaryDirectory() as folder:
                Disk(Path(folder), 1).close()
        finally:
            network.close()
    except OSError as error:
        return f"Faults need {what}, which this system refuses: {error}."
    except Exception as error:  # noqa: BLE001 - a program that failed says why in its own way
        notes = "; ".join(getattr(error, "__notes__", [])) or str(error)
        return f"Faults need {what}, which this system refuses: {notes}."
    return ""
