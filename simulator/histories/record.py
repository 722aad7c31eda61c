"""A run in one file: all that its history is a function of, so that it can be lived again elsewhere."""

from pathlib import Path
from typing import Literal

import msgspec

from protocol.messages import Moment
from protocol.moments import from_ms
from simulator.histories.pen import StateError
from simulator.histories.run import Head, Input, Relived, Run, open_run, read_run


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says."""

    record: Literal[1] = 1
    """Version of the form of this file."""
    head: Head
    """What the run was opened with: seed, epoch, settings."""
    until: Moment
    """Plant time that it had reached."""
    inputs: list[Input]
    """What came from outside up to then, in order."""


def write_record(state: Path, file: Path) -> Record:
    """Write the run in a state folder into one file; a simulator may be at work there.

    Raises:
        StateError: There is no run, or a file cannot be read or written.
    """
    run = read_run(state)
    if run is None:
        raise StateError(f"{state}: holds no run: allowed is the --state of a simulator that has run")
    inputs = [one for one in run.inputs if one.at_ms <= run.position_ms]
    record = Record(head=run.head, until=from_ms(run.position_ms), inputs=inputs)
    try:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
    except OSError as error:
        raise StateError(f"cannot write {file}: {error.strerror}") from error
    return record


def load_record(file: Path) -> Record:
    """The record in a file.

    Raises:
        StateError: It cannot be read or understood.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=Record)
    except OSError as error:
        raise StateError(f"cannot read the record {file}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StateError(f"{file} is no record of a run: {error}") from error


def open_again(state: Path, record: Record) -> Run:
    """A new run with the seed, epoch, settings and inputs of a record, at its beginning.

    Raises:
        StateError: The folder cannot be written.
    """
    return open_run(
        state,
        seed=record.head.seed,
        epoch_ms=record.head.epoch_ms,
        settings=record.head.settings,
        relives=Relived(run=record.head.id, until=record.until),
        inputs=record.inputs,
    )
