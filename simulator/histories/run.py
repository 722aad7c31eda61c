"""The run: one history of the plant, written down so that it can be lived again.

A history is a function of its seed, its epoch, its settings and its inputs, and of nothing else.
So these are what is kept, in three files of the state folder, and never a state of the plant.
"""

import logging
import os
import secrets
from bisect import insort_right
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from protocol.messages import Call, Moment, PlantCommand
from protocol.moments import from_ms, to_ms
from simulator.commanding.roster import Roster
from simulator.commanding.table import form_of
from simulator.histories.pen import Pen, StateError, append, replace_file
from simulator.specs.people import names_of, rules_of

logger = logging.getLogger(__name__)

RUN_FILE = "run.json"
INPUT_FILE = "input-log.jsonl"
POSITION_FILE = "position.json"
POSITION_BYTES = 96

_T = TypeVar("_T")


What = Literal["added", "retired", "unattended", "attended", "order", "call"]
"""The sorts of input."""
STANDS = frozenset({"added", "retired", "order"})
"""Those that change what stands in the plant."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is made from beside its seed and its epoch."""

    catch_up_to: Moment
    """Plant time up to which the plant lives through its past at top speed."""
    kinds: str
    """Fingerprint of the kinds' files: with other kinds it would be another history."""
    machines: dict[str, str]
    """The machines at the epoch: the text of each one's file by its name."""
    people: str = ""
    """The text of the people's file; empty when every stop is mended at once."""
    assumptions: str = ""
    """The text of the assumptions' file; empty in a run from before there was one."""
    program: str = ""
    """Version of the simulator that lives it; empty in a run from before that was written down."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a command line asks of a new run: with another one an unfinished run is not resumed."""

    seed: int
    """Seed of a run opened at the start; a command may have chosen another since."""
    epoch: Moment | None = None
    """Plant time at which a run is to begin; None for so many hours ago."""


class Relived(msgspec.Struct, frozen=True, kw_only=True):
    """Of which run a run is lived again."""

    run: str
    """Name of that run."""
    until: Moment
    """Plant time up to which it is; until then nothing else comes from outside."""

    @property
    def until_ms(self) -> int:
        """The same, ms since 1970."""
        return to_ms(self.until)


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What `run.json` says."""

    id: str
    """Name of the run, 8 hexadecimal digits."""
    seed: int
    """Seed of every random number."""
    epoch: Moment
    """Plant time at which the run began."""
    finished: bool = False
    """True once the plant was stopped in good order."""
    asked: "Asked | None" = None
    """What the command line asked for when it was opened; None in a file that does not say."""
    command: str = ""
    """Name of the command that opened it; empty when it was opened at the start."""
    settings: Settings
    relives: Relived | None = None
    """The run that it lives again; None when it makes its own history."""

    @property
    def epoch_ms(self) -> int:
        """Plant time at which the run began, ms since 1970."""
        return to_ms(self.epoch)


class Input(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something from outside that changed the plant; one line of the input log."""

    run: str
    """The run it belongs to."""
    at: Moment
    """Plant time at which it took effect."""
    what: What
    """A machine's file came or went, the office came or went or called, or an operator gave an order."""
    machine: str = ""
    """Name of the machine that was added or retired; a changed one is retired and added."""
    text: str = ""
    """Text of the file of the machine that was added."""
    order: PlantCommand | None = None
    """The order, as it was asked; None when it is none."""
    call: Call | None = None
    """The call, as it was raised; None when it is none."""

    @property
    def at_ms(self) -> int:
        """Plant time at which it took effect, ms since 1970."""
        return to_ms(self.at)

    def enter(self, roster: Roster) -> None:
        """Let the roster show what has come."""
        if self.what == "added":
            roster.file(self.machine, self.text)
        elif self.what == "retired":
            roster.unfile(self.machine)
        elif self.order is not None:
            form_of(self.order).enter(self.order, roster, self.at_ms)
        # A machine that goes takes its faults with it; one that is only changed keeps them.
        roster.spells.end_all_but(roster.machines, self.at_ms)


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """How far the plant has lived; written before anything up to there is sent."""

    run: str
    """The run."""
    at: Moment
    """Plant time."""


class Run:
    """One run and its files.

    Args:
        folder: The state folder.
        head: What the run was opened with.
        inputs: What has come from outside so far, in order; of one lived again, also what is to come.
        position_ms: Plant time that the run has reached, ms since 1970.
    """

    def __init__(self, folder: Path, head: Head, inputs: list[Input], position_ms: int) -> None:
        self.head = head
        self.inputs = inputs
        self.position_ms = position_ms
        self.pen = Pen()
        """Writes down what comes, and how far it has lived."""
        self._folder = folder
        self._standing: Roster | None = None
        """What stands by the word of the log; None until somebody asks, and where it has to be read anew."""
        self._stands_ms = self.epoch_ms
        """Moment of the last input that had a say in it."""

    @property
    def id(self) -> str:
        """Name of the run."""
        return self.head.id

    @property
    def epoch_ms(self) -> int:
        """Plant time at which the run began, ms since 1970."""
        return self.head.epoch_ms

    @property
    def catch_up_to_ms(self) -> int:
        """Plant time up to which it lives through its past, ms since 1970."""
        return to_ms(self.head.settings.catch_up_to)

    @property
    def attended(self) -> bool:
        """Whether an office looked after the plant when the last input was written."""
        # What is lived again is waited for, whether it was looked after the first time or not.
        until_ms = self.head.relives.until_ms if self.head.relives else 0
        news = [
            one.what for one in self.inputs if one.what in {"attended", "unattended"} and one.at_ms > until_ms
        ]
        return not news or news[-1] == "attended"

    @property
    def reliving(self) -> bool:
        """Whether it still lives another run again, and takes nothing from outside."""
        return self.head.relives is not None and self.position_ms < self.head.relives.until_ms

    def roster(self) -> Roster:
        """What stands in the plant by the word of the log, up to its last line."""
        if self._standing is None:
            standing = roster_of(self.head)
            for one in self.inputs:
                self._enter(one, standing)
            self._standing = standing
        return self._standing.copy()

    def _enter(self, one: Input, roster: Roster) -> None:
        # Calls are most of a log, and change nothing of what stands.
        if one.what in STANDS:
            one.enter(roster)
            self._stands_ms = one.at_ms

    def texts(self) -> dict[str, str]:
        """The machines as of now, but for the bench: the text of each one's file by its name."""
        return self.roster().machines

    def note(
        self,
        what: What,
        *,
        machine: str = "",
        text: str = "",
        order: PlantCommand | None = None,
        call: Call | None = None,
        at_ms: int | None = None,
    ) -> Input:
        """Write down what comes from outside, before it takes effect: now, or at a later moment."""
        one = Input(
            run=self.id,
            at=from_ms(self.position_ms if at_ms is None else at_ms),
            what=what,
            machine=machine,
            text=text,
            order=order,
            call=call,
        )
        self.pen.append(self._folder / INPUT_FILE, [one])
        insort_right(self.inputs, one, key=_moment_of)
        if one.what in STANDS and one.at_ms < self._stands_ms:
            self._standing = None
        elif self._standing is not None:
            # Read anew with every call, a log of weeks would cost more than all that the plant does.
            self._enter(one, self._standing)
        return one

    def reach(self, position_ms: int) -> None:
        """Write down how far the plant lives, before anything up to there is sent."""
        self.position_ms = position_ms
        line = msgspec.json.encode(Position(run=self.id, at=from_ms(position_ms)))
        self.pen.write_over(self._folder / POSITION_FILE, line.ljust(POSITION_BYTES - 1) + b"\n")

    def finish(self) -> None:
        """Write down that the plant was stopped in good order: the next start opens a new run."""
        self.head = msgspec.structs.replace(self.head, finished=True)
        try:
            replace_file(self._folder / RUN_FILE, self.head)
        except OSError as error:
            logger.warning(
                "cannot write %s: %s: the next start goes on with this run",
                self._folder / RUN_FILE, error.strerror,
            )  # fmt: skip


def roster_of(head: Head) -> Roster:
    """What stands in the plant of a run at its epoch.

    Raises:
        SpecError: Its people or assumptions are none that this program knows.
    """
    people, assumptions = rules_of(head.settings.people, head.settings.assumptions)
    return Roster(
        head.settings.machines,
        persons=() if people is None else names_of(people.persons),
        assumptions=assumptions,
        epoch_ms=head.epoch_ms,
    )


def open_run(
    folder: Path,
    *,
    seed: int,
    epoch_ms: int,
    settings: Settings,
    asked: Asked | None = None,
    command: str = "",
    relives: Relived | None = None,
    inputs: Sequence[Input] = (),
) -> Run:
    """A new run, which takes the place of the one before it.

    Args:
        folder: The state folder.
        seed: Seed of every random number.
        epoch_ms: Plant time at which it begins, ms since 1970.
        settings: What it is made from beside these.
        asked: What the command line asked for.
        command: Name of the command that opens it; empty at the start.
        relives: The run that it lives again.
        inputs: What is going to come from outside, in order; they are taken over into its log.

    Raises:
        StateError: The folder cannot be written.
    """
    head = Head(
        id=secrets.token_hex(4),
        seed=seed,
        epoch=from_ms(epoch_ms),
        settings=settings,
        asked=asked,
        command=command,
        relives=relives,
    )
    to_come = [msgspec.structs.replace(one, run=head.id) for one in inputs]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if to_come:
            _mend(folder / INPUT_FILE)
            append(folder / INPUT_FILE, to_come)
        # Only this file says which run is the present one: lines of another in the log are passed over.
        replace_file(folder / RUN_FILE, head)
        for file in (POSITION_FILE,) if to_come else (INPUT_FILE, POSITION_FILE):
            (folder / file).unlink(missing_ok=True)
    except OSError as error:
        raise StateError(f"cannot write the state folder {folder}: {error.strerror}") from error
    return Run(folder, head, to_come, epoch_ms)


def last_run(folder: Path) -> Run | None:
    """The run that the state folder holds, finished or not; None when there is none.

    Raises:
        StateError: A file in it cannot be read or understood.
    """
    run = read_run(folder)
    if run is not None:
        _mend(folder / INPUT_FILE)
    return run


def read_run(folder: Path) -> Run | None:
    """The same, and nothing is written: the run may be another process's.

    Raises:
        StateError: A file in it cannot be read or understood.
    """
    head = _read(folder / RUN_FILE, msgspec.json.Decoder(Head).decode)
    if head is None:
        return None
    inputs = _read(folder / INPUT_FILE, lambda payload: _inputs(payload, head.id)) or []
    position = _read(folder / POSITION_FILE, _position)
    # A call, and what is lived again, is written down before it takes effect.
    reached = [
        head.epoch_ms,
        *(one.at_ms for one in inputs if head.relives is None and one.what != "call"),
    ]
    if position is not None and position.run == head.id:
        reached.append(to_ms(position.at))
    return Run(folder, head, inputs, max(reached))


def _inputs(payload: bytes, run: str) -> list[Input]:
    decode = msgspec.json.Decoder(Input).decode
    lines = payload.split(b"\n")
    # What stands after the last end of a line was cut off by a crash, before it took effect.
    inputs = [decode(line) for line in lines[:-1]]
    return sorted((one for one in inputs if one.run == run), key=_moment_of)


def _moment_of(one: Input) -> int:
    return one.at_ms


def _mend(log: Path) -> None:
    """Take away a last line that was cut off, so that the next one begins at the beginning of a line."""
    if log.exists():
        whole = log.read_bytes().rfind(b"\n") + 1
        os.truncate(log, whole)


def _position(line: bytes) -> Position | None:
    return msgspec.json.decode(line, type=Position) if line else None  # opened, and never written


def _read(file: Path, decode: Callable[[bytes], _T]) -> _T | None:
    try:
        return decode(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateError(f"cannot read {file}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise StateError(f"{file} is damaged: {error}") from error
