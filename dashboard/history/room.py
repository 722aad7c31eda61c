"""How much a history takes where it is kept, and how much room is left there."""

import shutil
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.engine import make_url

_BESIDE = ("", "-wal", "-shm")
"""What SQLite keeps beside the file."""


class Room(NamedTuple):
    """What a history takes, and what is free."""

    size_bytes: int | None
    """What it takes on the disk; None where that cannot be told."""
    free_bytes: int | None
    """What is free there for this process; None where that cannot be told."""


def room_of(url: str) -> Room:
    """The room of a history at a URL; nothing is known of one on a server.

    >>> room_of("postgresql://office@db/history")
    Room(size_bytes=None, free_bytes=None)
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return Room(None, None)
    file = Path(parsed.database)
    size = 0
    for ending in _BESIDE:
        try:
            size += file.with_name(file.name + ending).stat().st_size
        except OSError:
            continue
    try:
        free = shutil.disk_usage(file.parent).free
    except OSError:
        return Room(size, None)
    return Room(size, free)
