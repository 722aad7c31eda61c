"""The pen: it writes down what a run is made of, and waits for a disk that is full."""

import errno
import logging
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

logger = logging.getLogger(__name__)

AGAIN_S = 0.5
"""How long to wait before a file that could not be written is tried again."""


class StateError(ValueError):
    """Raised when the state folder cannot be used; says which file, and why."""


class Pen:
    """Writes, however long that takes: what is not written down may not happen."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        """Set when the plant is to stop: then nothing is waited for."""

    def append(self, log: Path, lines: Iterable[msgspec.Struct]) -> None:
        """Write lines behind those that are there.

        Raises:
            StateError: The plant is to stop, and they cannot be written.
        """
        self._insist(log, lambda: append(log, lines))

    def write_over(self, file: Path, line: bytes) -> None:
        """Write one line over the last one, of the same length.

        Raises:
            StateError: The plant is to stop, and it cannot be written.
        """
        self._insist(file, lambda: _write_over(file, line))

    def _insist(self, file: Path, write: Callable[[], None]) -> None:
        why = ""
        while True:
            try:
                write()
            except OSError as error:
                if why != (error.strerror or str(error)):
                    why = error.strerror or str(error)
                    logger.warning(
                        "cannot write %s: %s: plant time stands still; trying again every %.1f s",
                        file, why, AGAIN_S,
                    )  # fmt: skip
            else:
                if why:
                    logger.info("%s can be written again", file)
                return
            if self.stopping.wait(AGAIN_S):
                raise StateError(f"cannot write {file}: {why}")


def append(log: Path, lines: Iterable[msgspec.Struct]) -> None:
    """Write lines behind those that are there, all of them or none."""
    text = b"".join(msgspec.json.encode(one) + b"\n" for one in lines)
    with log.open("ab", buffering=0) as opened:
        whole = opened.seek(0, os.SEEK_END)
        try:
            _write_whole(opened.write, text)
            os.fsync(opened.fileno())
        except OSError:
            # The next one begins at the beginning of a line.
            opened.truncate(whole)
            raise


def _write_whole(write: Callable[[bytes], int | None], text: bytes) -> None:
    if write(text) != len(text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _write_over(file: Path, line: bytes) -> None:
    # One short write: no kill can leave half of it.
    opened = os.open(file, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        os.write(opened, line)
    finally:
        os.close(opened)


def replace_file(file: Path, content: msgspec.Struct) -> None:
    """Write a file so that a reader, and a crash, find the old one or the new one, whole."""
    draft = file.with_suffix(".new")
    with draft.open("wb") as opened:
        opened.write(msgspec.json.encode(content))
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)
