"""One request and its checks: what cannot be answered is refused with a sentence that says what can."""

from dataclasses import dataclass
from typing import Any, cast

from werkzeug.datastructures import MultiDict

from dashboard.api.openapi import parameters_of
from dashboard.api.sources import Sources
from dashboard.history.reader import Source
from dashboard.history.rows import MachineRow, RunRow
from protocol.moments import EARLIEST_MS, LATEST_MS, from_text, to_text

SOURCES = ("measured", "truth")
PLANTS = ("monitored", "twin")
MAX_VALUE = 100
MOMENTS = "RFC 3339 with a zone, 2026-01-31T06:00:00Z, or milliseconds since 1970"


class ApiError(Exception):
    """Raised when a request cannot be answered; its JSON names parameter, value and what is allowed."""

    def __init__(
        self, status: int, parameter: str, value: str | None, allowed: str, said: str | None = None
    ) -> None:
        super().__init__(parameter)
        self.status = status
        if said is None:
            said = f"{parameter} {value[:MAX_VALUE]!r}" if value is not None else f"{parameter} is missing"
        self.body = {
            "error": f"{said}: allowed is {allowed}",
            "parameter": parameter[:MAX_VALUE],
            "value": value,
            "allowed": allowed,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The machines that a question is about."""

    machine: str | None
    """Name of the one machine, if it is about one."""
    line: str | None
    """Location of the line, if it is about one; machines further inside belong to it."""
    machines: list[MachineRow]
    """All of them, those that were retired since included."""


class Question:
    """What a request asks, each part checked when it is looked at.

    Args:
        sources: What answers are made from.
        given: The parameters of the request.
    """

    def __init__(self, sources: Sources, given: MultiDict[str, str]) -> None:
        self.sources = sources
        self._given = given

    def text(self, parameter: str) -> str | None:
        """A parameter as it was given."""
        return self._given.get(parameter)

    def choice(self, parameter: str, choices: tuple[str, ...], default: str | None = None) -> str | None:
        """A parameter that has one of a few values."""
        value = self.text(parameter)
        if value is None:
            return default
        if value not in choices:
            raise ApiError(400, parameter, value, f"{', '.join(choices[:-1])} or {choices[-1]}")
        return value

    def number(self, parameter: str, *, default: int, least: int, most: int) -> int:
        """A parameter that is a whole number."""
        text = self.text(parameter)
        if text is None:
            return default
        if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most:
            return int(text)
        raise ApiError(400, parameter, text, f"a whole number from {least:,} to {most:,}")

    @property
    def source(self) -> Source:
        """What was measured, or the truth of the simulator."""
        return cast(Source, self.choice("source", SOURCES, "measured"))

    @property
    def newest_run(self) -> RunRow | None:
        """The run asked for, else the newest; None while there is none at all."""
        self._plant()
        wanted = self.text("run")
        run = self.sources.reader.run(wanted)
        if run is None and wanted is not None:
            raise ApiError(404, "run", wanted, "one of /api/runs, or its twin")
        return run

    @property
    def run(self) -> RunRow:
        """The run asked for, else the newest."""
        run = self.newest_run
        if run is None:
            raise ApiError(404, "run", None, "one of /api/runs, which is still empty")
        return run

    def machine(self, run: RunRow) -> MachineRow:
        """The machine asked for, which may be retired."""
        name = self.text("machine")
        if not name:
            raise ApiError(400, "machine", name, "the name of a machine, as in /api/machines")
        for machine in self.sources.reader.machines(run.run, retired=True):
            if machine.name == name:
                return machine
        raise ApiError(404, "machine", name, "the name of a machine, as in /api/machines")

    def selection(self, run: RunRow, from_ms: int, to_ms: int) -> Selection:
        """One machine, the machines of a line or all of them, as far as they existed in the window."""
        line = self.text("line")
        if self.text("machine") is not None:
            if line is not None:
                raise ApiError(400, "line", line, "machine or line", "machine and line are both given")
            machine = self.machine(run)
            return Selection(machine=machine.name, line=None, machines=[machine])
        every = self.sources.reader.machines(run.run, retired=True)
        chosen = [one for one in every if line is None or is_within(one.path, line)]
        if not chosen and line is not None:
            known = ", ".join(sorted({one.path for one in every if one.path})) or "none: there is no line yet"
            raise ApiError(404, "line", line, known)
        there = [
            one
            for one in chosen
            if one.since_ms < to_ms and (one.retired_ms is None or one.retired_ms > from_ms)
        ]
        return Selection(machine=None, line=line, machines=there)

    def window(self, run: RunRow) -> tuple[int, int]:
        """[from, to) as asked, up to the run's now; without both, the running or the last shift so far."""
        shift = self.sources.shift_at(run.now_ms)
        asked_from, asked_to = self.moment("from"), self.moment("to")
        to_ms = run.now_ms if asked_to is None else min(asked_to, run.now_ms)
        if asked_from is None and asked_to is None and shift is not None:
            to_ms = min(to_ms, shift.to_ms)
        from_ms = to_ms if shift is None else min(shift.from_ms, to_ms)
        if asked_from is not None:
            from_ms = asked_from
        if from_ms > to_ms or (from_ms == to_ms and asked_from is not None):
            raise ApiError(400, "from", self.text("from"), f"a moment before to, which is {to_text(to_ms)}")
        return from_ms, to_ms

    def head(self, run: RunRow, from_ms: int, to_ms: int) -> dict[str, Any]:
        """What every answer about a window begins with."""
        return {
            "run": run.run,
            "plant": "monitored",
            "source": self.source,
            "from": to_text(from_ms),
            "to": to_text(to_ms),
        }

    def _plant(self) -> None:
        if self.choice("plant", PLANTS, "monitored") == "twin":
            raise ApiError(404, "plant", "twin", "monitored", "this office has no twin of the plant")

    def moment(self, parameter: str) -> int | None:
        """A moment as text with a zone, or as milliseconds since 1970; None when it is not given."""
        text = self.text(parameter)
        if text is None:
            return None
        try:
            # A plus sign that was not written as %2B arrives as a blank.
            at_ms = int(text) if text.isdigit() and text.isascii() else from_text(text.replace(" ", "+"))
        except (ValueError, OverflowError) as error:
            raise ApiError(400, parameter, text, MOMENTS) from error
        if not EARLIEST_MS <= at_ms <= LATEST_MS:
            raise ApiError(400, parameter, text, f"{MOMENTS}, between 2000 and 2100")
        return at_ms


def check_parameters(path: str, given: MultiDict[str, str]) -> None:
    """See that a request has no parameter that its path does not take, and none twice.

    Raises:
        ApiError: Names the parameter and those that there are.
    """
    known = parameters_of(path)
    for name, values in given.lists():
        if name not in known:
            allowed = ", ".join(sorted(known)) or "no parameter at all"
            said = f"there is no parameter {name[:MAX_VALUE]!r}"
            raise ApiError(400, name, values[0], allowed, said)
        if len(values) > 1:
            raise ApiError(400, name, values[1], "one value", f"{name} is given {len(values)} times")


def is_within(path: str, line: str) -> bool:
    """Whether a location is a line, or lies further inside it.

    >>> is_within("hall-1/machining", "hall-1"), is_within("machining", "mach")
    (True, False)
    """
    return path == line or path.startswith(f"{line}/")
