"""Every message but the batch of readings: its fields, its JSON, and what is wrong with a bad one.

Times travel as ISO 8601 text with a zone; fields that end in `_ms` are durations in milliseconds.
"""

from datetime import datetime
from functools import cache
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import inspect

from protocol.contract import VERSION, refusal_in, refusal_of
from protocol.moments import EARLIEST_MS, LATEST_MS, from_ms
from protocol.offers import KindOffer, Standing
from protocol.sentences import RefusalError
from protocol.states import State

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An aware datetime; text without a time zone is refused."""
Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
"""A whole number from 0 on, as far as every reader of JSON and every database has them."""
Duration = Annotated[int, msgspec.Meta(gt=0, le=86_400_000)]
"""Milliseconds, up to a day."""


LONGEST_CYCLE_S = 604_800
"""No part takes longer than a week."""
Text = Annotated[str, msgspec.Meta(max_length=128, pattern=r"^[^\x00]*\Z")]
"""A name or a few words, without the character that a database cannot keep."""
Value = bool | float | Text | tuple[Text, ...]
"""What an assumption may be: on or off, a number, or names."""
MAX_ASSUMPTIONS = 64
"""So many assumptions a plant may have."""
Values = Annotated[dict[str, Value], msgspec.Meta(max_length=MAX_ASSUMPTIONS)]
"""Assumptions by name."""
MAX_PAYLOAD_BYTES = 1 << 18
"""A longer message is refused before it is read."""
MAX_SIGNALS = 64
"""Sensors of one machine."""


class MessageError(RefusalError):
    """Raised when a message or a topic cannot be understood; says what is wrong and what is allowed."""

    longest = 300
    """So many characters are kept of it, with the name of a machine."""


UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that it cannot read; the last one where they are nested too deeply."""
EARLIEST, LATEST = from_ms(EARLIEST_MS), from_ms(LATEST_MS)


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What all messages have in common."""

    # Made anew each time, because a default would be left out, and a message has to say its version.
    v: int | float = msgspec.field(default_factory=lambda: VERSION)
    """Version of the contract; what says none is of version 1. A reader ignores fields it does not know."""


class Signal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sensor of a machine, as its birth describes it."""

    unit: Text = ""
    """Unit of its values, as it is printed: `kW`, `°C`, `mm/s`, `rpm`, `%`, `bar`."""
    low: float | None = None
    """Lower end of the normal range, in `unit`."""
    high: float | None = None
    """Upper end of the normal range, in `unit`."""
    title: Text = ""
    """What it measures, in words: `spindle load`."""
    period_ms: Duration | None = None
    """How often it is read, in milliseconds, where that is less often than every reading; null in between."""
    per: Literal["reading", "cycle"] = "reading"
    """`cycle`: a value for each finished cycle, at its end; with a `period_ms` the highest of each period."""


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """How one signal tells running from not running, with hysteresis."""

    signal: str
    """Name of the signal, `power_kw`."""
    above: float
    """At or above this value it runs, in the signal's unit."""
    below: float
    """At or below this value it does not; in between it goes on with what it did."""


class Birth(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a machine says of itself, retained on `<root>/…/<machine>/birth`."""

    at: Moment
    """Since when the machine exists; it is not charged for time before."""
    kind: Text = ""
    """Sort of machine, `cnc-mill`."""
    run: Text = ""
    """The run it belongs to; empty for a real or hand-made machine."""
    simulated: bool = False
    """True for a simulated machine; false for a real, replayed or hand-made one."""
    states: Literal["reported", "sensed", "learned"] = "learned"
    """How its state is known: its control reports changes; `threshold` tells; or it is to be learned."""
    tells: tuple[State, ...] = (State.RUNNING, State.STOPPED)
    """The states it can tell apart."""
    threshold: Threshold | None = None
    """For `sensed`: the signal and the levels that tell running from not running."""
    period_ms: Duration = 1_000
    """Sampling period in milliseconds: for how long one reading is evidence of a state."""
    ideal_cycle_s: Annotated[float, msgspec.Meta(gt=0, le=LONGEST_CYCLE_S)] | None = None
    """Shortest time for one part, in seconds; None when it makes no parts."""
    signals: Annotated[dict[Text, Signal], msgspec.Meta(max_length=MAX_SIGNALS)] = {}
    """Its sensors by name."""
    gateway: Text = ""
    """The gateway that speaks for it, `machining/_gateway`: its link is that one's; empty for its own."""
    answer: Annotated[dict[Text, float], msgspec.Meta(max_length=MAX_SIGNALS)] = {}
    """What its KPIs are known to be, by their keys in the API; of a machine of the calibration bench."""
    after: Text = ""
    """The machine that it takes parts from; empty for one that takes them from nowhere, or does not say.

    Those of a line that no other comes after are its last: what they make is what the line makes.
    """


class Clock(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What time it is in the plant, retained on `<root>/_plant/clock`."""

    run: Text
    """The run this clock belongs to."""
    epoch: Moment
    """Plant time at which the run began."""
    at: Moment
    """Plant time of this stamp: everything up to here has been sent."""
    wall: Moment
    """Wall time of this stamp."""
    speed: float | None
    """Plant seconds per real second; 0 when paused, None for as fast as the office follows."""
    achieved: float = 0.0
    """Plant seconds per real second over the last real seconds."""
    catching_up_to: Moment | None = None
    """While the plant lives through its past: where it will go on at its speed. None once there."""
    attended: bool = True
    """False while the plant goes on without an office."""
    seed: int | None = None
    """Seed of the run's random numbers; None from a plant without one."""
    lost_ms: Count = 0
    """Machine time whose readings were dropped before an office came for them, since the plant started."""
    kept_for_ms: Count = 86_400_000
    """So much plant time the readings are kept for an office that is away; then the oldest go first."""


class Tick(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The plant has sent everything up to `at`, on `<root>/_plant/tick`."""

    run: Text
    """The run."""
    at: Moment
    """Plant time up to which the broker has acknowledged everything."""
    twin: Moment | bool | None = None
    """The same of the plant's twin, which is no further; None where it has none. `true`, as simulators from
    before 0.1.0 say it, is as far as the plant."""
    sent: Moment | None = None
    """Wall time at which the plant began to send what this tick closes; None where it does not say."""

    @property
    def twin_at(self) -> Moment | None:
        """Up to where the broker has acknowledged everything of the twin; None where there is none."""
        return (self.at if self.twin else None) if isinstance(self.twin, bool) else self.twin


class Watermark(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The office has processed and committed everything up to `at`, on `<root>/_plant/watermark`."""

    office: str
    """Which of the names in the `OfficeNotice` says so."""
    run: Text
    """The run."""
    at: Moment
    """Plant time up to which everything has been processed."""
    calls: Count = 0
    """Number of calls of the run raised up to `at`; they are published before this on the same connection."""
    committed: Moment | None = None
    """Plant time up to which everything is in the history; None when nothing of this run is."""


class OfficeNotice(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Who the barrier waits for, retained on `<root>/_plant/office`; a will says `online` false."""

    names: tuple[str, ...]
    """The offices whose watermark the plant waits for."""
    elsewhere: tuple[str, ...] = ()
    """Those of them that say on a topic of their own, below this one, whether they are there."""
    boot: str
    """Changes with every connection of an office: what was on its way may be lost, send it again."""
    online: bool = True
    """False from the will."""


class PlantCommand(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the operator asks of the plant, on `<root>/_plant/command`."""

    id: Text
    """Name of the command, made up by who asks; one that comes again is answered and not done again."""
    what: Literal[
        "start-over", "bench", "speed", "pause", "resume", "step", "jump",
        "fault", "clear", "add", "clone", "change", "remove", "save", "assume",
        "check", "kinds", "machines",
    ]  # fmt: skip
    """What is asked.

    - `start-over` ends the run and opens a new one; `bench` puts up or takes away the calibration bench
    - `speed`, `pause`, `resume`, `step` and `jump` (to the end of the shift) are about the plant's clock
    - `pause` and `resume` with a machine are about that machine alone
    - `fault` begins a fault, `clear` ends one, all of a machine, or all
    - `add`, `clone`, `change`, `remove` and `save` are about the machines of the plant
    - `assume` changes what is assumed of the plant, and begins a new segment of the run
    - `check`, `kinds` and `machines` ask, and change nothing
    """
    seed: int | None = None
    """For `start-over`: the seed of the new run; None for the one after the present."""
    on: bool | None = None
    """For `bench`: whether it is to be there."""
    speed: float | Literal["max"] | None = None
    """For `speed`: plant seconds per real second, or `max` for as fast as the office follows."""
    seconds: float | None = None
    """For `step`: how many plant seconds a paused plant goes on."""
    machine: Text = ""
    """The machine it is about; for `clone` the one that is copied."""
    name: Text = ""
    """For `clone`: the name of the copy; for `check`: the machine that it would take the place of."""
    text: str = ""
    """For `add`, `change` and `check`: the TOML text of the machine's file."""
    fault: Text = ""
    """For `fault`: which one; for `clear`: the only one of its machine that is to end."""
    severity: float | None = None
    """For `fault`: from 0 (hardly) to 1 (as bad as it gets); None for a half."""
    duration_s: float | None = None
    """For `fault`: plant seconds until it clears itself; None for as long as such a fault usually lasts."""
    signal: Text = ""
    """For `fault` of a sensor: the signal it is about."""
    values: Values = {}
    """For `assume`: what is assumed from now on, by name; what is not named stays."""


class PlantResult(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What came of something that was asked of the plant, on `<root>/_plant/result`."""

    id: Text = ""
    """The command that it answers; empty for news of a machine's file."""
    at: Moment
    """Plant time."""
    ok: bool
    """Whether it was done."""
    what: str
    """What was asked: `simulator/machines/mill-7.toml`, `bench`."""
    message: str = ""
    """What was wrong, and what is allowed; of a command that was done, what came of it."""
    text: str = ""
    """Of `save`: the TOML text of the machine's file."""
    kinds: dict[str, KindOffer] = {}
    """Of `kinds`: the kinds by name."""
    machines: dict[str, Standing] = {}
    """Of `machines`: the machines of the plant by name."""


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who said first that a call is heard, and when."""

    at: Moment
    """Plant time."""
    by: Text = ""
    """Who: a person of the plant, or whoever clicked at the page."""


class Call(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The office asks for a person, retained on `<root>/_call/<machine>/<id>` until it is closed.

    The last message has `closed`; then an empty one clears the topic. A call that is said again is the
    same one: its id is a function of run, machine, rule and `raised`.
    """

    id: Text
    """Name of the call, 12 hexadecimal digits."""
    run: Text
    """The run; empty without a simulated plant."""
    machine: Text
    """The machine that needs somebody."""
    rule: Text
    """The rule that raised it: `stopped`, `micro-stops`, `slow-cycle`, `no-data`, `trend`."""
    cause: Text
    """Why, in words: the machine's own cause where it says one."""
    since: Moment
    """When what is wrong began: the beginning of the stop."""
    raised: Moment
    """Event time at which the rule's condition was met; never when it was noticed or sent."""
    acknowledged: Acknowledged | None = None
    """The first acknowledgement; None before it."""
    escalated: Moment | None = None
    """When nobody had acknowledged for too long; None while that is not so."""
    closed: Moment | None = None
    """When the machine ran again, or its data came back; None while it is open."""
    office: Text = ""
    """Which of several offices counts it in its watermark; empty where there is one."""


class Response(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What came of a call in the plant, on `<root>/_plant/response`; one said again changes nothing."""

    call: Text
    """Id of the call."""
    run: Text = ""
    """The run it belongs to; empty without a simulated plant."""
    machine: Text
    """The machine of the call."""
    what: Literal["acknowledged", "at-machine", "restored"]
    """How far it is: somebody has heard it, is at the machine, has made it able to run again."""
    at: Moment
    """Plant time at which it was so."""
    by: Text = ""
    """Who."""


class TruthChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One moment at which a machine truly changed."""

    offset_ms: Count
    """Milliseconds after the message's `at`."""
    state: State | None = None
    """Its state from here on; None when only the counters change."""
    phase: Text = ""
    """What it is going through: `cycle`, `waiting`, `setup`, `micro-stop`, `repair` …"""
    cause: Text = ""
    """What made it stop."""
    parts: Count | None = None
    """Cumulative parts, good and rejected."""
    rejects: Count | None = None
    """Cumulative rejects."""


class TruthFault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fault that somebody asked for, of the machine, of a sensor of it, or of its link."""

    fault: Text
    """Which one, `jam`."""
    severity: float
    """From 0 (hardly) to 1 (as bad as it gets)."""
    signal: Text = ""
    """The signal that is wrong; empty when it is no fault of a sensor."""
    begun: Moment
    """When it began."""
    until: Moment
    """When it ends by itself or was cleared, as far as is known by then."""


class SensorTruth(msgspec.Struct, frozen=True, kw_only=True):
    """What was truly wrong with a sensor for a while."""

    signal: Text
    """Name of the signal."""
    what: Text
    """What was wrong: `stuck`, `spike`, `dropout`."""
    begin: Moment
    """Since when; it may have been before the message's `at`."""
    end: Moment
    """Until when; it may be after the message's `until`."""


class Truth(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a machine really did in (`at`, `until`], on `<root>/_truth/<machine>`."""

    run: Text
    """The run."""
    at: Moment
    """Beginning of the span."""
    until: Moment
    """End of the span."""
    state: State
    """State at the beginning."""
    phase: Text = ""
    """Phase at the beginning."""
    cause: Text = ""
    """Cause at the beginning."""
    parts: Count = 0
    """Cumulative parts at the beginning."""
    rejects: Count = 0
    """Cumulative rejects at the beginning."""
    changes: tuple[TruthChange, ...] = ()
    """What changed within the span, in order."""
    faults: tuple[TruthFault, ...] = ()
    """The faults that were on within the span, and those that ended where it begins."""
    sensors: tuple[SensorTruth, ...] = ()
    """What was wrong with its sensors at any moment of the span, in order."""


class Truths(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What many machines really did, on `<root>/_truth/_batch`."""

    machines: dict[Text, Truth]
    """The truth of each, by its name."""


_M = TypeVar("_M", bound=Message)
_ENCODER = msgspec.json.Encoder()
_DECODERS: dict[type[Message], msgspec.json.Decoder[Message]] = {}


def encode(message: Message) -> bytes:
    """The JSON of a message; fields at their defaults are left out, but never the version."""
    return _ENCODER.encode(message)


def decode(payload: bytes | bytearray, message_type: type[_M], *, reader: str = "the dashboard") -> _M:
    """The message in a payload.

    Args:
        payload: The message.
        message_type: What it is to be.
        reader: Who reads it, for the sentence about a message that is of a later version.

    Raises:
        MessageError: It is not JSON, of a later version, or a field is missing, of the wrong type or out of
            range.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise MessageError(
            f"{len(payload):,} bytes are too many for a {message_type.__name__.lower()}: "
            f"allowed are {MAX_PAYLOAD_BYTES:,}"
        )
    decoder = _DECODERS.get(message_type)
    if decoder is None:
        decoder = _DECODERS[message_type] = msgspec.json.Decoder(message_type)
    try:
        message: _M = decoder.decode(payload)  # type: ignore[assignment]
    except UNREADABLE as error:
        wrong = refusal_in(payload, reader) or f"not a {message_type.__name__.lower()}: {in_words(error)}"
        raise MessageError(wrong) from error
    if message.v != VERSION and (wrong := refusal_of(message.v, reader)):
        raise MessageError(wrong)
    check_moments(message)
    return message


def check_moments(said: object) -> None:
    """See that no moment in something that came from outside is years off.

    Raises:
        MessageError: Names the key, the moment and what is allowed.
    """
    if isinstance(said, msgspec.Struct):
        for name in _timed(type(said)):
            value = getattr(said, name)
            if isinstance(value, datetime):
                if not EARLIEST <= value <= LATEST:
                    raise MessageError(
                        f"key {name!r}: {value.isoformat()!r} is no time of a plant: allowed is 2000 to 2100"
                    )
            elif value is not None:
                check_moments(value)
    elif isinstance(said, dict | tuple | list):
        for one in said.values() if isinstance(said, dict) else said:
            check_moments(one)


@cache
def _timed(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields of a message that hold moments, in themselves or in what they are made of."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - what it is for a struct
    return tuple(field.name for field in info.fields if _holds_moments(field.type))


def _holds_moments(info: inspect.Type) -> bool:
    match info:
        case inspect.DateTimeType():
            return True
        case inspect.StructType():
            return bool(_timed(info.cls))
        case inspect.UnionType(types=types) | inspect.TupleType(item_types=types):
            return any(map(_holds_moments, types))
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return _holds_moments(item)
        case inspect.DictType(value_type=item):
            return _holds_moments(item)
        case _:
            return False


def in_words(error: Exception) -> str:
    """What is wrong with bytes that msgspec cannot read."""
    return "nested too deeply: allowed are its own keys" if isinstance(error, RecursionError) else str(error)


def decode_online(payload: bytes | bytearray) -> bool | None:
    """What a machine or a gateway says of its link; None when that is taken away.

    Raises:
        MessageError: It is neither true nor false nor empty.
    """
    if bytes(payload) not in {b"true", b"false", b""}:
        raise MessageError(
            f"{bytes(payload[:40])!r} says nothing of being online: allowed are true and false"
        )
    return payload == b"true" if payload else None
