"""How plant time goes by, as it was chosen: kept for a restart after a crash, and never part of a history."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from protocol.messages import Moment, PlantResult
from protocol.moments import from_ms, to_ms
from simulator.commanding.clockwork import Clockwork
from simulator.histories.pen import replace_file

CLOCK_FILE = "clock.json"
REMEMBERED = 100


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What `clock.json` says."""

    run: str
    """The run that is on."""
    asked: float | None
    """The speed that the command line asked for then; with another one nothing here counts."""
    speed: float | None
    """Plant seconds per real second; None for as fast as the office follows."""
    paused: bool
    """Whether plant time stands still."""
    hurry_to: Moment | None
    """Up to this plant time it goes as fast as the office follows; None when it does not."""
    answered: tuple[PlantResult, ...]
    """The results of the newest commands about the clock."""


class ChosenClock:
    """The file in the state folder.

    Args:
        folder: The state folder.
        run: The run that is on.
        asked: The speed that the command line asks for; None for as fast as the office follows.
    """

    def __init__(self, folder: Path, *, run: str, asked: float | None) -> None:
        self._file = folder / CLOCK_FILE
        self._run = run
        self._asked = asked
        self.clockwork = Clockwork(speed=asked)
        """How plant time goes by."""
        self.answered: tuple[PlantResult, ...] = ()
        """The results of the newest commands about the clock."""
        self._read()

    def choose(self, clockwork: Clockwork, answered: Sequence[PlantResult] = ()) -> None:
        """Write down how plant time goes by from now on, and which results say so."""
        self.clockwork = clockwork
        self.answered = (*self.answered, *answered)[-REMEMBERED:]
        replace_file(
            self._file,
            Chosen(
                run=self._run,
                asked=self._asked,
                speed=clockwork.speed,
                paused=clockwork.paused,
                hurry_to=from_ms(clockwork.hurry_to_ms) if clockwork.hurry_to_ms else None,
                answered=self.answered,
            ),
        )

    def _read(self) -> None:
        try:
            chosen = msgspec.json.decode(self._file.read_bytes(), type=Chosen)
        except (OSError, msgspec.DecodeError):
            return  # nothing was chosen, or nothing that could be understood: the command line holds
        if chosen.run != self._run or chosen.asked != self._asked:
            return
        self.answered = chosen.answered
        self.clockwork = Clockwork(
            speed=chosen.speed,
            paused=chosen.paused,
            hurry_to_ms=to_ms(chosen.hurry_to) if chosen.hurry_to else 0,
        )
