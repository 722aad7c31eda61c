"""What this process holds in memory and how much it may, as the operating system counts it."""

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

_STATM = Path("/proc/self/statm")
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where Linux says what a container may use, by the version of its control groups."""

_TRIM = getattr(ctypes.CDLL(None) if os.name == "posix" else None, "malloc_trim", None)
"""What gives free memory back in glibc; other C libraries have none."""


def resident_bytes() -> int | None:
    """The memory of this process that is in use; None where the system does not say it so cheaply."""
    try:
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def usable_bytes(limits: Sequence[Path] = _LIMITS) -> int | None:
    """The memory that this process may use: the computer's, or the limit of its container; None if unknown.

    Args:
        limits: Files of which each may say a limit in bytes.
    """
    try:
        found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    except (AttributeError, ValueError, OSError):
        return None
    for file in limits:
        try:
            found.append(int(file.read_text(encoding="ascii")))
        except (OSError, ValueError):
            # There is no such limit, or its word is `max`.
            continue
    return min(found)


def give_back() -> bool:
    """Give what is free between things that stay back to the system; False where that cannot be asked for.

    By itself glibc gives back only what is free at the end of its heap (malloc_trim(3)). A process that goes
    on for weeks, with much that comes and goes between little that stays, would keep ever more of it.
    Of some 40 MB it takes a few milliseconds.
    """
    if _TRIM is None:
        return False
    _TRIM(0)
    return True
