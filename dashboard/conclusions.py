"""What the office concludes and tells the pages, retained under `<root>/_office/`.

Each message is the newest word on its subject and replaces the one before, so that a page process
that missed some, or has just started, is right again with the next.
"""

from typing import Any, TypeVar

import msgspec

from protocol.messages import UNREADABLE, in_words
from protocol.sentences import RefusalError


class ConclusionError(RefusalError):
    """Raised when a message under `_office/` is not of this version of the product."""


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """The KPIs of a machine, a line or the plant in one window, with all that they are made of."""

    from_ms: int
    """Beginning of the window, ms since 1970."""
    to_ms: int
    """End of the window; for a running shift that is now."""
    planned_ms: int
    """Time in which production was planned."""
    observed_ms: int
    """Planned time in which the state is known."""
    running_ms: int
    """Time running."""
    idle_ms: int
    """Time idle."""
    stopped_ms: int
    """Time not running of which nothing tells whether idle, down or in setup."""
    down_ms: int
    """Time down."""
    setup_ms: int
    """Time in setup."""
    unknown_ms: int
    """Planned time without evidence."""
    calendar_ms: int
    """All time of the window since the machine exists, planned or not."""
    parts: int | None
    """Parts counted in planned time, rejects included, added over machines; None when nothing counts them."""
    good: int | None
    """Those of them that were not rejected; None when rejects are not counted."""
    rejects: int | None
    """Those that were rejected."""
    parts_in_silence: int
    """Those counted across unknown time; performance leaves them out."""
    parts_off_shift: int
    """Parts counted outside planned time, which are not among `parts`."""
    target_parts: float | None
    """planned / ideal cycle: parts if all planned time had run at the ideal pace; None without one."""
    stops: int
    """Unbroken stretches of planned, known time without running that began in the window."""
    micro_stops: int
    """Those of them shorter than `micro_stop_ms`, with running before and after."""
    micro_stop_ms: int
    """Length from which a stop is no micro-stop."""
    failures: int
    """Unbroken stretches of planned down time that began in the window."""
    mtbf_ms: float | None
    """(running + setup) / failures; None without a failure."""
    mttr_ms: float | None
    """down / failures; None without a failure."""
    cycle_ms: float | None
    """running / parts: mean running time for a part; None when none was counted in known time."""
    ideal_cycle_ms: float | None
    """The ideal cycle; None without one, or where machines of different ones are added up."""
    utilization: float | None
    """running / observed, 0 to 1; None when nothing was observed."""
    utilization_low: float | None
    """The same if everything unknown had not been running."""
    utilization_high: float | None
    """The same if everything unknown had been running."""
    uptime: float | None
    """(running + idle) / observed; None when not observed, or when time stopped cannot be told."""
    uptime_low: float | None
    """The same if everything unknown or merely stopped had been down."""
    uptime_high: float | None
    """The same if everything unknown or merely stopped had been up."""
    coverage: float | None
    """observed / planned; None when nothing was planned."""
    performance: float | None
    """ideal cycle x parts / running; may exceed 1; None without parts, cycle or running."""
    quality: float | None
    """good / parts, 0 to 1; None when nothing was made or rejects are not counted."""
    oee: float | None
    """utilization x performance x quality."""
    nee: float | None
    """OEE with setup not counted as lost."""
    teep: float | None
    """OEE x planned / calendar."""


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """The newest of one machine, retained on `_office/machine/<name>`."""

    run: str
    """The run, or `""` where there is no simulated plant."""
    name: str
    """Name of the machine."""
    path: str
    """Location as in its topic, `machining`; `""` outside every line."""
    line: str
    """Last level of the location; `""` outside every line."""
    kind: str
    """Sort of machine; `""` when it never said."""
    simulated: bool
    """True for a simulated machine."""
    how: str
    """How its state is known: `reported`, `sensed` or `learned`."""
    online: bool | None
    """What it, or its will, last said of its link; None when it never did."""
    state: str
    """Newest state, as in `protocol.states`."""
    cause: str
    """Cause that goes with it."""
    since_ms: int
    """Since when the state lasts, plant time."""
    known_until_ms: int
    """Up to when there is evidence."""
    learning: str
    """What is still missing before its power says whether it runs; `""` when nothing is."""
    now_ms: int
    """Plant time of this word."""
    shift: Numbers
    """The running shift so far; where none is on, the last one that has begun."""
    last_shift: Numbers | None
    """The shift before, if the machine existed then."""
    timeline_from_ms: int
    """The intervals below replace all that was known from here on."""
    timeline: list[tuple[int, str]]
    """`[start_ms, state]`, each up to the start of the next, the last up to now."""
    power: list[tuple[int, float]]
    """`[minute_ms, mean]` of the power signal, the newest minutes; replaces minutes of the same start."""
    power_unit: str
    """Unit of `power`."""
    signals: dict[str, tuple[int, float, float, float, float]]
    """By signal the newest minute: `[minute_ms, mean, min, max, last]`."""
    over: dict[str, tuple[int, float, float, float, float]] = {}
    """The same of the minute before that, which is over; where a word comes once a minute, the newest holds
    a single reading."""
    after: str = ""
    """The machine that it takes parts from; `""` where its birth names none."""
    goal: float | None = None
    """Share of planned time in which it should run, 0 to 1; None where nobody set one."""
    shift_planned_ms: int = 0
    """Planned time of the whole shift of `shift`, from the machine's beginning on."""
    closes: bool = False
    """Told at once, between two rounds: pages show it and what came before it without a board."""


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """The newest of the plant as a whole, retained on `_office/plant`."""

    run: str
    """The run shown."""
    epoch_ms: int
    """Plant time at which it began."""
    now_ms: int
    """Plant time up to which everything is worked out."""
    wall_ms: int
    """Wall time of this message, ms since 1970."""
    speed: float | None
    """Plant seconds per real second; None for as fast as the office follows."""
    achieved: float
    """What it really is."""
    catching_up_to_ms: int | None
    """While the plant lives through its past: up to where."""
    attended: bool
    """False while the plant goes on without an office."""
    zone: str
    """Time zone of the plant, an IANA name."""
    shift_name: str
    """Name of the running shift; `""` where none is on, and then the three below are of the last one."""
    shift_from_ms: int
    """When it began."""
    shift_to_ms: int
    """When it ends, or ended."""
    last_shift_from_ms: int | None
    """Beginning of the shift before, None when the run began later."""
    last_shift_name: str
    """Name of the shift before, `""` when the run began later."""
    plant: Numbers
    """The whole plant in this shift."""
    lines: dict[str, Numbers]
    """Each line in this shift, by location path."""
    machines: int
    """Number of machines."""
    refused: int
    """Messages refused since the office began, all reasons."""
    gaps: int
    """Messages missing by their sequence numbers."""
    repeats: int
    """Messages that came again and changed nothing."""
    ahead_s: dict[str, float] = {}
    """Machines whose clock is ahead of the plant's by more than two minutes, and by how many seconds."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """One message that could not be used; the newest are on `_office/refused` and in the history."""

    wall_ms: int
    """When it came, ms since 1970."""
    topic: str
    """Where it came, shortened."""
    reason: str
    """What was wrong, and what is allowed."""
    head: str
    """The beginning of its payload."""


class Refusals(msgspec.Struct, frozen=True, kw_only=True):
    """The newest refused messages, retained on `_office/refused`."""

    total: int
    """All of them since the office began."""
    newest: list[Refusal]
    """The newest first, at most 20."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """The newest message on one topic of a device of one's own, and what was understood of it."""

    wall_ms: int
    """When it came, ms since 1970."""
    topic: str
    """Where it came, shortened."""
    head: str
    """The beginning of its payload."""
    count: int
    """How many came there since the office began, or the topic was last forgotten."""
    machine: str
    """The machine it is."""
    at_ms: int
    """When it was read, plant time."""
    values: dict[str, tuple[float, str]]
    """Value and unit of each signal."""
    state: str
    """What the machine is concluded to be doing; `""` where it is no more."""
    learning: str
    """What is still missing before that is known."""


class HeardLately(msgspec.Struct, frozen=True, kw_only=True):
    """What devices of one's own have said, retained on `_office/heard`."""

    patterns: list[str]
    """What is listened for beside the plant's own topics, by the topic map."""
    newest: list[Heard]
    """The newest first, one for each topic, at most 12."""


class OpenCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that is open, and how far it is."""

    id: str
    """Its id."""
    machine: str
    """The machine that needs somebody."""
    rule: str
    """The rule that raised it."""
    cause: str
    """Why, in words."""
    since_ms: int
    """When what is wrong began, plant time."""
    raised_ms: int
    """When it was raised."""
    escalated_ms: int | None
    """When nobody had acknowledged for too long; None while that is not so."""
    acknowledged_ms: int | None
    """When it was heard; None before."""
    acknowledged_by: str
    """Who has heard it; `""` where nobody has, or nobody said who."""
    at_machine_ms: int | None
    """When somebody was at the machine; None before."""
    restored_ms: int | None
    """When it was made able to run again; None before."""


class OpenCalls(msgspec.Struct, frozen=True, kw_only=True):
    """The calls that are open, retained on `_office/calls`."""

    run: str
    """The run."""
    total: int
    """All of them."""
    raised: int
    """All calls of the run so far."""
    calls: list[OpenCall]
    """The oldest of them, in the order in which they were raised."""


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """How the delivery of calls by webhook goes, since the office began."""

    receiver: str
    """Scheme, host and port of who gets them."""
    delivered: int
    """Events that have arrived."""
    waiting: int
    """Events on their way."""
    refused: int
    """Events that the receiver will not take."""
    given_up: int
    """Events given up because too many waited."""
    failures: int
    """Posts that have not arrived."""
    failing: str
    """Why the last post has not arrived; `""` when it has."""
    failing_since_wall_ms: int | None
    """Since when none arrives, ms since 1970; None when they do."""


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    """How the history takes what the office writes."""

    committed_wall_ms: int | None
    """When it took something last, ms since 1970; None before the first time."""
    took_ms: float | None
    """How long that took, in milliseconds."""
    failing: str
    """Why it takes nothing, in the words of the database; `""` while it does."""
    failing_since_wall_ms: int | None
    """Since when, ms since 1970; None while it does."""
    size_bytes: int | None
    """What it takes on the disk; None where that cannot be told."""
    free_bytes: int | None
    """What is free there; None where that cannot be told."""


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """How the process of the office is."""

    wall_ms: int
    """When it said so, ms since 1970."""
    waiting: int
    """Messages that have come and wait to be taken in."""
    dropped: int
    """Messages for which there was no room; what asked to be acknowledged comes again."""
    late: int
    """Messages that came after later ones, since the office began."""
    memory_bytes: int | None
    """What the process holds in memory; None where that cannot be told."""
    keeping: Keeping
    """How the history is."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """How much the office does, retained on `_office/work`."""

    run: str
    """The run."""
    messages: int
    """MQTT messages taken in of this run."""
    readings: int
    """Readings taken in of it, each of all sensors of one machine at one moment."""
    measured: int
    """Single values in them."""
    messages_per_s: float
    """Messages in a real second, over the last ten."""
    readings_per_s: float
    """Readings in a real second, over the last ten."""
    posting: Posting | None = None
    """How the webhook goes; None without one."""
    process: Process | None = None
    """How the office's process is."""


Value = bool | float | str | tuple[str, ...]
"""What an assumption may be: on or off, a number, or the names of persons."""


class Assumption(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is assumed of the plant."""

    value: Value
    """What is assumed."""
    unit: str
    """Unit of a number; `""` where it has none."""
    least: float | None
    """The least number that is allowed; None where it is none."""
    most: float | None
    """The greatest."""
    words: str
    """What it says."""
    source: str
    """Where it comes from; `""` for nowhere."""
    grade: str
    """How good the source is, from A to D, or `assumption`."""


class AssumedSegment(msgspec.Struct, frozen=True, kw_only=True):
    """A span of a run in which the assumptions are the same; it ends where the next begins."""

    from_ms: int
    """When it begins, plant time."""
    label: str
    """What is assumed otherwise than in the one before."""
    values: dict[str, Value]
    """All that is assumed in it, by name."""


class AssumedNow(msgspec.Struct, frozen=True, kw_only=True):
    """What is assumed of the plant, retained on `_office/assumptions`."""

    run: str
    """The run."""
    persons: list[str]
    """The persons who may be on shift."""
    assumptions: dict[str, Assumption]
    """Each by its name, as it is now."""
    segments: list[AssumedSegment]
    """The segments of the run so far, the first at its epoch."""


_C = TypeVar("_C", Tile, Board, Refusals, HeardLately, OpenCalls, AssumedNow, Work)

_ENCODER = msgspec.json.Encoder()
_DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(kind)
    for kind in (Tile, Board, Refusals, HeardLately, OpenCalls, AssumedNow, Work)
}


def encode(conclusion: Tile | Board | Refusals | HeardLately | OpenCalls | AssumedNow | Work) -> bytes:
    """The JSON of a conclusion."""
    return _ENCODER.encode(conclusion)


def decode(payload: bytes, kind: type[_C]) -> _C:
    """The conclusion in a payload.

    Raises:
        ConclusionError: The payload is not such a conclusion.
    """
    try:
        conclusion: _C = _DECODERS[kind].decode(payload)
    except UNREADABLE as error:
        raise ConclusionError(f"not a {kind.__name__} of this version: {in_words(error)}") from error
    return conclusion
