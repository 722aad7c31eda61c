"""The column map: which column of a table is time, state, counter or signal, and what it means."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from protocol.states import State
from simulator.specs.settings import Section, SpecError, parse_toml, read_text

MTCONNECT = {
    "ACTIVE": State.RUNNING,
    "READY": State.IDLE,
    "STOPPED": State.IDLE,
    "FEED_HOLD": State.IDLE,
    "OPTIONAL_STOP": State.IDLE,
    "PROGRAM_STOPPED": State.IDLE,
    "PROGRAM_COMPLETED": State.IDLE,
    "PROGRAM_OPTIONAL_STOP": State.IDLE,
    "WAIT": State.IDLE,
    "INTERRUPTED": State.DOWN,
}
"""What the words of a control's `execution` mean; UNAVAILABLE is no reading."""
SILENCE = "silence"
"""Stands for a word that says that nothing is known: no reading."""
OWN_WORDS = {str(state): state for state in (State.RUNNING, State.IDLE, State.DOWN, State.SETUP)}
ALLOWED_MAP = "NAME=COLUMN, NAME=COLUMN*FACTOR or NAME=COLUMN*FACTOR+OFFSET, as in power_kw=Watt*0.001"
_SIGNAL = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_MAP = re.compile(
    r"(?P<name>[^=]+)=(?P<column>.+?)(?:\*(?P<factor>[-+]?[\d.]+(?:[eE][-+]?\d+)?)(?P<offset>[-+][\d.]+)?)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalColumn:
    """One column that is a signal: value = column × factor + offset."""

    name: str
    """Name of the signal, `power_kw`."""
    column: str
    """Name of the column."""
    factor: float = 1.0
    """What its values are multiplied by."""
    offset: float = 0.0
    """What is added then, in the signal's unit."""
    unit: str = ""
    """Unit of the signal; empty for what the end of its name says."""
    title: str = ""
    """What it measures, in words; empty for its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What the columns of a table are."""

    time: str = "time"
    """The column of time."""
    time_format: str | None = None
    """How times are written, as `strptime` has it; None for ISO 8601, or seconds or ms since 1970."""
    zone: str = "UTC"
    """Time zone of times that name none."""
    state: str | None = None
    """The column of the state; None when there is none, and power has to tell it."""
    meanings: Mapping[str, State | None] = field(default_factory=lambda: {**MTCONNECT, **OWN_WORDS})
    """The state that each word of that column means; None for silence."""
    parts: str | None = None
    """The column that counts all parts, upwards; None when there is none."""
    rejects: str | None = None
    """The column that counts the rejects, upwards; None when there is none."""
    signals: tuple[SignalColumn, ...] | None = None
    """The signals; None for every column of numbers that is nothing else."""
    period_s: float | None = None
    """For how long a row is evidence, in seconds; None for what nearly all steps between rows keep to."""
    ideal_cycle_s: float | None = None
    """Shortest time for one part, in seconds; None when it is not known."""


EXECUTION = Columns(state="execution", meanings={**MTCONNECT, "UNAVAILABLE": None})
"""The map of an MTConnect recording, which needs no other."""


def columns_in(file: Path) -> Columns:
    """The column map in a TOML file.

    Raises:
        SpecError: Names file, key, value and what is allowed.
    """
    table = Section(parse_toml(read_text(file), file.name), source=file.name)
    states = table.section("states")
    signals = table.section("signals")
    columns = Columns(
        time=table.text("time", default="time"),
        time_format=table.text("time_format") if "time_format" in table else None,
        zone=zone_in(table.text("zone", default="UTC"), table.source),
        state=table.text("state") if "state" in table else None,
        meanings=meanings_in({word: states.text(word) for word in states}, table.source),
        parts=table.text("parts") if "parts" in table else None,
        rejects=table.text("rejects") if "rejects" in table else None,
        signals=tuple(_signal(name, part) for name, part in signals.sections().items()) or None,
        period_s=table.number("period_s", least=0.1, most=86_400) if "period_s" in table else None,
        ideal_cycle_s=table.number("ideal_cycle_s", above=0, most=86_400)
        if "ideal_cycle_s" in table
        else None,
    )
    table.close()
    return columns


def signals_in(texts: Sequence[str]) -> tuple[SignalColumn, ...]:
    """The signals in texts such as `power_kw=Watt*0.001`.

    >>> signals_in(["power_kw=Watt*0.001"])[0].factor
    0.001

    Raises:
        SpecError: One of them is not understood; says what is allowed.
    """
    return tuple(_mapped(text) for text in texts)


def states_in(text: str) -> dict[str, State | None]:
    """The meanings in a text such as `Run=running,Stop=idle,Off=silence`.

    Raises:
        SpecError: It is not understood; says what is allowed.
    """
    pairs = [pair.rpartition("=") for pair in text.split(",")]
    for word, _, state in pairs:
        if not word or not state:
            raise SpecError(
                f"--states {text!r} is not allowed: WORD=STATE,WORD=STATE, as in Run=running,Off=silence"
            )
    return meanings_in({word.strip(): state.strip() for word, _, state in pairs}, "--states")


def meanings_in(words: Mapping[str, str], source: str) -> dict[str, State | None]:
    """What words mean; without any, those of MTConnect and our own.

    Raises:
        SpecError: A state is none of ours.
    """
    meanings: dict[str, State | None] = {}
    for word, state in words.items():
        if state not in OWN_WORDS and state != SILENCE:
            allowed = ", ".join([*OWN_WORDS, SILENCE])
            raise SpecError(f"{source}: state {state!r} of {word!r} is not allowed: {allowed}")
        meanings[word] = OWN_WORDS.get(state)
    return meanings or {**MTCONNECT, **OWN_WORDS, "UNAVAILABLE": None}


def zone_in(text: str, source: str) -> str:
    """A time zone's name.

    Raises:
        SpecError: There is none of that name.
    """
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SpecError(
            f"{source}: zone {text!r} is not allowed: a time zone such as Europe/Berlin"
        ) from error
    return text


def _signal(name: str, table: Section) -> SignalColumn:
    signal = SignalColumn(
        name=_name(name, table.source),
        column=table.text("column"),
        factor=table.number("factor", least=-1e12, most=1e12, default=1.0),
        offset=table.number("offset", least=-1e12, most=1e12, default=0.0),
        unit=table.text("unit", most=16) if "unit" in table else "",
        title=table.text("title") if "title" in table else "",
    )
    table.close()
    return signal


def _mapped(text: str) -> SignalColumn:
    found = _MAP.fullmatch(text)
    if found is None:
        raise SpecError(f"--map {text!r} is not allowed: {ALLOWED_MAP}")
    try:
        factor, offset = float(found["factor"] or 1), float(found["offset"] or 0)
    except ValueError as error:
        raise SpecError(f"--map {text!r} is not allowed: {ALLOWED_MAP}") from error
    return SignalColumn(
        name=_name(found["name"].strip(), "--map"),
        column=found["column"].strip(),
        factor=factor,
        offset=offset,
    )


def _name(name: str, source: str) -> str:
    if not _SIGNAL.fullmatch(name):
        raise SpecError(
            f"{source}: signal {name!r} is not allowed: letters, digits and _, beginning with a letter, best "
            "with the unit at the end as in power_kw"
        )
    return name
