"""Why a machine stopped, beyond what it says itself: the reasons that people choose from, and rules.

What a person gave wins; without it the first rule that fits speaks; without one the machine's own cause
stands alone. A reason never makes, moves or removes a stop: it names it. Only where a machine cannot tell
why it stands (state *stopped*, all that power can show) does a reason also say which loss it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from dashboard.losses.stops import MachineStop
from dashboard.settings import fields_of, text_of
from protocol.moments import from_ms
from protocol.sentences import RefusalError
from protocol.states import State

DEFAULT_FILE = Path(__file__).parent.parent / "reasons.toml"
"""The reasons and rules of the demo."""
RETOLD = ("setup", "down", "starved", "blocked", "idle")
"""Losses that a reason can belong to."""
STATES = tuple(state.value for state in State if state not in (State.RUNNING, State.UNKNOWN))
WORDS = ("state", "cause", "machine", "line", "kind")
TIMES = ("from", "to")
LENGTHS = ("longer_than_s", "shorter_than_s")
MAX_REASONS = 200
MAX_RULES = 500
MAX_TEXT = 80


class ReasonsError(RefusalError):
    """Raised when the reasons cannot be understood; says which key, which value and what is allowed."""


class Given(Protocol):
    """What a person gave, `dashboard.history.reader.ReasonRow`."""

    @property
    def at_ms(self) -> int:
        """A moment within the stop, ms since 1970."""

    @property
    def reason(self) -> str:
        """What was given; `""` takes back."""

    @property
    def note(self) -> str:
        """What the person added."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason that a person can choose."""

    name: str
    """Its words, as people say them."""
    loss: str = ""
    """The loss it belongs to, one of `RETOLD`; `""` where it may be any."""


class Said(NamedTuple):
    """What a rule may ask of a stop in words."""

    state: str
    """The state with which it began."""
    cause: str
    """Its cause."""
    machine: str
    """Name of the machine."""
    path: str
    """Its location."""
    kind: str
    """Its sort."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """If a stop fits everything that is said here, its reason is this one."""

    reason: str
    """The reason it gives."""
    words: Mapping[str, frozenset[str]]
    """What state, cause, machine, line and kind may be; those not named may be anything."""
    begins: tuple[time, time] | None = None
    """Local time of day in which the stop begins, [from, to), over midnight where `to` is earlier."""
    longer_than_ms: int | None = None
    """The stop lasts longer than this."""
    shorter_than_ms: int | None = None
    """The stop is over, and lasted shorter than this."""

    def fits(self, stop: MachineStop, zone: ZoneInfo) -> bool:
        """Whether a stop is as the rule says. Length and time of day are those of the whole stop."""
        lasted_ms = stop.ended_ms - stop.begun_ms
        if self.longer_than_ms is not None and lasted_ms <= self.longer_than_ms:
            return False
        if self.shorter_than_ms is not None and (not stop.over or lasted_ms >= self.shorter_than_ms):
            return False
        said = Said(stop.state, stop.cause, stop.machine, stop.path, stop.kind)
        return self.fits_words(said) and self.fits_clock(stop.begun_ms, zone)

    def fits_words(self, said: Said) -> bool:
        """Whether state, cause, machine, line and kind are as the rule says."""
        words = {
            "state": {said.state},
            "cause": {said.cause},
            "machine": {said.machine},
            "line": {said.path, *said.path.split("/")},
            "kind": {said.kind},
        }
        return not any(words[key].isdisjoint(allowed) for key, allowed in self.words.items())

    def fits_clock(self, begun_ms: int, zone: ZoneInfo) -> bool:
        """Whether a stop that begins at a moment begins at a time of day as the rule says."""
        return self.begins is None or _within(from_ms(begun_ms).astimezone(zone), *self.begins)


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons of a plant, and its rules in order."""

    reasons: tuple[Reason, ...] = ()
    """Those that a person can choose from."""
    rules: tuple[Rule, ...] = ()
    """The first that fits gives the reason."""

    @classmethod
    def of(cls, text: str, source: str = "reasons.toml") -> "Reasons":
        """The reasons and rules in the text of a TOML file.

        Raises:
            ReasonsError: Names the file, the key, the value and what is allowed.
        """
        fields = fields_of(text, source, ReasonsError)
        _only(fields, ("reason", "rule"), source)
        reasons: dict[str, Reason] = {}
        for number, entry in enumerate(_tables(fields, "reason", MAX_REASONS, source), start=1):
            where = f"{source}: reason {number}"
            reason = _reason(entry, where)
            if reason.name in reasons:
                raise ReasonsError(
                    f"{where}: key 'name': {reason.name!r} is there already: allowed is each once"
                )
            reasons[reason.name] = reason
        rules = tuple(
            _rule(entry, reasons, f"{source}: rule {number}")
            for number, entry in enumerate(_tables(fields, "rule", MAX_RULES, source), start=1)
        )
        return cls(tuple(reasons.values()), rules)

    @classmethod
    def read(cls, file: Path = DEFAULT_FILE) -> "Reasons":
        """The reasons and rules in a TOML file.

        Raises:
            ReasonsError: Names the file, the key, the value and what is allowed.
        """
        return cls.of(text_of(file, ReasonsError), file.name)

    def loss_of(self, reason: str) -> str:
        """The loss that a reason belongs to, `""` where it may be any or is not in the list."""
        return next((one.loss for one in self.reasons if one.name == reason), "")

    def by_rule(self, stop: MachineStop, zone: ZoneInfo) -> str:
        """The reason of the first rule that fits a stop, `""` when none does."""
        return next((rule.reason for rule in self.rules if rule.fits(stop, zone)), "")

    def told(
        self,
        stops: Iterable[MachineStop],
        given: Sequence[Given],
        zone: ZoneInfo,
        *,
        retold: Sequence[str] = RETOLD,
    ) -> list[MachineStop]:
        """The same stops with their reasons.

        Args:
            stops: Stops of one machine.
            given: What people gave for that machine, in the order in which they did: the newest that
                lies in a stop counts, and `""` takes it back.
            zone: Time zone of the plant, for rules that ask for the time of day.
            retold: Losses that a reason may make of time of which the machine could not tell.
        """
        found = []
        for stop in stops:
            newest = next(
                (one for one in reversed(given) if stop.begun_ms <= one.at_ms < stop.ended_ms), None
            )
            if newest is not None and newest.reason:
                named = replace(stop, reason=newest.reason, note=newest.note, given_by="person")
            elif reason := self.by_rule(stop, zone):
                named = replace(stop, reason=reason, note="", given_by="rule")
            else:
                named = replace(stop, reason="", note="", given_by="none")
            loss = self.loss_of(named.reason)
            found.append(replace(named, retold=loss if loss in retold else ""))
        return found


def _within(at: datetime, begins: time, ends: time) -> bool:
    clock = at.time()
    return begins <= clock < ends if begins < ends else clock >= begins or clock < ends


def _reason(entry: Mapping[str, Any], where: str) -> Reason:
    _only(entry, ("name", "loss"), where)
    name = _text(entry.get("name"), "name", where)
    loss = entry.get("loss", "")
    if "loss" in entry and loss not in RETOLD:
        raise ReasonsError(f"{where}: key 'loss': {loss!r} is none: allowed are {', '.join(RETOLD)}")
    return Reason(name, loss)


def _rule(entry: Mapping[str, Any], reasons: Mapping[str, Reason], where: str) -> Rule:
    _only(entry, ("if", "reason"), where)
    reason = entry.get("reason")
    if not isinstance(reason, str) or reason not in reasons:
        raise ReasonsError(
            f"{where}: key 'reason': {reason!r} is no reason: allowed is the name of a [[reason]]"
        )
    asked = entry.get("if")
    if not isinstance(asked, dict) or not asked:
        raise ReasonsError(
            f"{where}: key 'if': {asked!r} asks nothing: allowed is a table with one or more of "
            f"{', '.join((*WORDS, *TIMES, *LENGTHS))}"
        )
    _only(asked, (*WORDS, *TIMES, *LENGTHS), f"{where}: if")
    words = {key: _words(asked[key], key, where) for key in WORDS if key in asked}
    for state in sorted(words.get("state", ())):
        if state not in STATES:
            raise ReasonsError(
                f"{where}: key 'state': {state!r} is no state of a stop: allowed are {', '.join(STATES)}"
            )
    if ("from" in asked) != ("to" in asked):
        raise ReasonsError(f"{where}: from and to go together: allowed is both or neither")
    begins = (
        (_clock(asked["from"], "from", where), _clock(asked["to"], "to", where)) if "from" in asked else None
    )
    if begins is not None and begins[0] == begins[1]:
        raise ReasonsError(f"{where}: from and to are both {begins[0]:%H:%M}: allowed are two times")
    longer, shorter = (_length_ms(asked.get(key), key, where) for key in LENGTHS)
    if longer is not None and shorter is not None and longer >= shorter:
        raise ReasonsError(
            f"{where}: no stop is longer than {longer / 1_000:g} s and shorter than {shorter / 1_000:g} s: "
            "allowed is a longer_than_s below shorter_than_s"
        )
    return Rule(
        reason=reasons[reason].name,
        words=words,
        begins=begins,
        longer_than_ms=longer,
        shorter_than_ms=shorter,
    )


def _tables(fields: Mapping[str, Any], key: str, most: int, where: str) -> list[Mapping[str, Any]]:
    entries = fields.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise ReasonsError(
            f"{where}: key {key!r} is no list of tables: allowed is [[{key}]] as often as needed"
        )
    if len(entries) > most:
        raise ReasonsError(f"{where}: {len(entries)} times [[{key}]]: allowed are {most}")
    return entries


def _only(fields: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for key in fields:
        if key not in allowed:
            raise ReasonsError(f"{where}: unknown key {key!r}: allowed are {', '.join(allowed)}")


def _text(value: object, key: str, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > MAX_TEXT:
        raise ReasonsError(
            f"{where}: key {key!r}: {value!r} is no name: allowed is text of 1 to {MAX_TEXT} characters"
        )
    return value


def _words(value: object, key: str, where: str) -> frozenset[str]:
    words = value if isinstance(value, list) else [value]
    if not words or not all(isinstance(one, str) and len(one) <= 128 for one in words):  # noqa: PLR2004
        raise ReasonsError(f"{where}: key {key!r}: {value!r}: allowed is text, or a list of texts")
    return frozenset(words)


def _clock(value: object, key: str, where: str) -> time:
    try:
        clock = (
            value if isinstance(value, time) else time.fromisoformat(value if isinstance(value, str) else "")
        )
    except ValueError:
        clock = time.max
    if clock.second or clock.microsecond or clock.tzinfo is not None:
        raise ReasonsError(
            f"{where}: key {key!r}: {str(value)!r} is no time of day: "
            'allowed is a local time from "00:00" to "23:59"'
        )
    return clock


def _length_ms(value: object, key: str, where: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1e7:  # noqa: PLR2004
        raise ReasonsError(f"{where}: key {key!r}: {value!r}: allowed are seconds, more than 0")
    return round(value * 1_000)
