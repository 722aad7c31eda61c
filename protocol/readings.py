"""The batch of readings: what one machine's sensors showed at one or many moments, in columns.

One form serves a hand-made device and a fleet: a key that is not one of `RESERVED` is a signal, and
its value is a number for one reading or a list for several.

    {"power_kw": 3.2}
    {"at": "2026-01-05T06:00:00Z", "offsets_ms": [0, 1000], "power_kw": [3.2, 3.1], "parts": [7, 8]}

A control adds the state at `at` and the changes after it, so that a batch stands by itself:

    {"at": "2026-01-05T06:00:00Z", "offsets_ms": [1000], "power_kw": [3.2], "state": "running",
     "changes": [{"offset_ms": 412, "state": "idle", "cause": "waiting"}, {"offset_ms": 412, "parts": 9}]}
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import isnan
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from protocol.contract import BESIDE, VERSION, is_extended, refusal_in, refusal_of, version_in
from protocol.messages import MAX_SIGNALS, MessageError
from protocol.moments import EARLIEST_MS, LATEST_MS, from_text, to_text
from protocol.states import REPORTABLE, State
from protocol.topics import MAX_NAME_LENGTH

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]

RESERVED = frozenset({"v", "run", "seq", "at", "offsets_ms", "state", "cause", "changes", "parts", "rejects"})
"""Keys of a batch that are not signals."""
MAX_PAYLOAD_BYTES = 1 << 20
MAX_READINGS = 10_000
MAX_CHANGES = 10_000
MAX_COUNT = 1 << 40
"""No counter goes beyond a million million; those of 32 bits wrap long before."""
MAX_SPAN_MS = 86_400_000
MAX_CAUSE_LENGTH = 64
EMPTY_BYTES = len(b"{}")
READER = "the dashboard"


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Something a control noticed at a moment between two readings."""

    offset_ms: int
    """Milliseconds after the batch's `at`."""
    state: State | None = None
    """The state from here on; None when only a counter changed."""
    cause: str = ""
    """What made it stop, in the machine's own words."""
    parts: int | None = None
    """Cumulative parts, good and rejected."""
    rejects: int | None = None
    """Cumulative rejects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Readings of one machine; n of them."""

    at_ms: int | None
    """Moment the offsets count from, ms since 1970; None for plant-now."""
    offsets_ms: Int64s
    """When each reading was taken, in ms after `at_ms`, increasing; shape (n,)."""
    signals: dict[str, Float64s]
    """Values by signal, each of shape (n,); NaN where a sensor said nothing."""
    run: str = ""
    """The run of a simulated machine; empty for a real one."""
    seq: int | None = None
    """Sequence number of the message, for counting gaps."""
    state: State | None = None
    """State at `at_ms`, from a control; None when it has none."""
    cause: str = ""
    """Cause that goes with `state`."""
    changes: tuple[Change, ...] = field(default=())
    """Changes after `at_ms`, in order."""
    parts: Float64s | None = None
    """Cumulative parts at each reading, shape (n,)."""
    rejects: Float64s | None = None
    """Cumulative rejects at each reading, shape (n,)."""


_Value = int | float | str | None | list[int | float | Change | None]
_TYPED = msgspec.json.Decoder(dict[str, _Value])
_ANY = msgspec.json.Decoder()
_TOO_DEEP = "nested too deeply: allowed are numbers and lists of numbers"
_ENCODER = msgspec.json.Encoder()


def decode_batch(payload: bytes | bytearray) -> Batch:
    """The readings in a payload.

    Raises:
        MessageError: Names the key, the value and what is allowed.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise MessageError(
            f"{len(payload):,} bytes are too many: allowed are {MAX_PAYLOAD_BYTES:,} a message"
        )
    fields = _fields_of(payload)
    offsets = _offsets(fields.get("offsets_ms"))
    names = fields.keys() - RESERVED
    if len(names) > MAX_SIGNALS:
        raise MessageError(f"{len(names)} signals are too many: allowed are {MAX_SIGNALS}")
    return Batch(
        at_ms=_at(fields.get("at")),
        offsets_ms=offsets,
        # In the order of the message, so that a page shows them as the machine does.
        signals=_columns({name: value for name, value in fields.items() if name in names}, len(offsets)),
        run=_text("run", fields.get("run"), MAX_NAME_LENGTH),
        seq=_sequence(fields.get("seq")),
        state=_state(fields.get("state")),
        cause=_text("cause", fields.get("cause"), MAX_CAUSE_LENGTH),
        changes=_changes(fields.get("changes")),
        parts=_counter("parts", fields.get("parts"), len(offsets)),
        rejects=_counter("rejects", fields.get("rejects"), len(offsets)),
    )


def _fields_of(payload: bytes | bytearray) -> dict[str, _Value]:
    """What a batch says by key, without what was added after this program and may be passed over."""
    try:
        fields = _TYPED.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if wrong := refusal_in(payload, READER):
            raise MessageError(wrong) from error
        if is_extended(version_in(payload)):
            return _known_part(payload)
        raise MessageError(_what_is_wrong(payload, error)) from error
    version = fields.get("v")
    if version is None or version == VERSION:
        return fields
    if wrong := refusal_of(version, READER):
        raise MessageError(wrong)
    return _known_part(payload)


def _known_part(payload: bytes | bytearray) -> dict[str, _Value]:
    try:
        said = _without_additions(_ANY.decode(payload))
    except RecursionError as error:
        raise MessageError(_TOO_DEEP) from error
    changes = said.get("changes")
    if isinstance(changes, list):
        said["changes"] = [_without_additions(one) if isinstance(one, dict) else one for one in changes]
    known = _ENCODER.encode(said)
    try:
        return _TYPED.decode(known)
    except msgspec.DecodeError as error:
        raise MessageError(_what_is_wrong(known, error)) from error


def _without_additions(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if not name.startswith(BESIDE)}


class WrittenBatch(NamedTuple):
    """A batch as JSON in two halves, of which machines that were read together share the first."""

    moments: bytes
    """An object: version, run, `at` and `offsets_ms`."""
    own: bytes
    """An object: all that is the machine's own."""

    @property
    def payload(self) -> bytes:
        """The batch."""
        return joined(self.moments, self.own)


def joined(one: bytes, other: bytes) -> bytes:
    """Two JSON objects as one."""
    if len(other) == EMPTY_BYTES or len(one) == EMPTY_BYTES:
        return one if len(other) == EMPTY_BYTES else other
    return one[:-1] + b"," + other[1:]


def write_batch(batch: Batch, *, decimals: int = 3) -> WrittenBatch:
    """A batch in two halves, values rounded to `decimals` places."""
    return WrittenBatch(
        _ENCODER.encode(moments_of(batch)), _ENCODER.encode(said_of(batch, decimals=decimals))
    )


def write_own(batch: Batch) -> bytes:
    """The second half of a batch."""
    return _ENCODER.encode(said_of(batch))


def write_signals(signals: Mapping[str, Sequence[float | None]]) -> bytes:
    """The signals of a batch, each with its values, rounded already, None where it says nothing."""
    return _ENCODER.encode(signals)


def encode_batch(batch: Batch, *, decimals: int = 3) -> bytes:
    """The JSON of a batch, values rounded to `decimals` places."""
    return write_batch(batch, decimals=decimals).payload


def moments_of(batch: Batch) -> dict[str, Any]:
    """The fields of a batch that many machines of one run, read at the same moments, have in common."""
    fields: dict[str, Any] = {"v": VERSION}
    if batch.run:
        fields["run"] = batch.run
    if batch.at_ms is not None:
        fields["at"] = to_text(batch.at_ms)
    fields["offsets_ms"] = batch.offsets_ms.tolist()
    return fields


def said_of(batch: Batch, *, decimals: int = 3) -> dict[str, Any]:
    """The fields of a batch that are the machine's own, values rounded to `decimals` places."""
    fields: dict[str, Any] = {}
    if batch.seq is not None:
        fields["seq"] = batch.seq
    if batch.state is not None:
        fields["state"] = batch.state
    if batch.cause:
        fields["cause"] = batch.cause
    if batch.changes:
        fields["changes"] = batch.changes
    for name, column in (("parts", batch.parts), ("rejects", batch.rejects)):
        if column is not None:
            fields[name] = [None if isnan(value) else int(value) for value in column.tolist()]
    if batch.signals:
        # All signals at once: a call of NumPy for each costs more than its values.
        table = np.round(np.array(list(batch.signals.values())), decimals)
        rows = table.tolist()
        if np.isnan(table).any():
            rows = [[None if isnan(value) else value for value in row] for row in rows]
        fields.update(zip(batch.signals, rows, strict=True))
    return fields


def _what_is_wrong(payload: bytes | bytearray, error: Exception) -> str:
    """The sentence for a payload that the typed decoder refused."""
    try:
        fields = _ANY.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        head = bytes(payload[:40]).decode("utf-8", "replace")
        return f'not JSON ({error}): it begins {head!r}; allowed is e.g. {{"power_kw": 3.2}}'
    except RecursionError:
        return _TOO_DEEP
    if not isinstance(fields, dict):
        return f'a {type(fields).__name__} is no batch: allowed is an object such as {{"power_kw": 3.2}}'
    for name, value in fields.items():
        if name == "changes" or (isinstance(value, str) and name in RESERVED):
            continue
        values = value if isinstance(value, list) else [value]
        for one in values:
            if isinstance(one, bool) or not isinstance(one, int | float | None):
                return f"key {name[:64]!r}: {str(one)[:64]!r} is not a number"
    return f"not a batch of readings: {error}"


def _at(value: _Value) -> int | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            at_ms = from_text(value)
        except ValueError as error:
            raise MessageError(
                f"key 'at': {value[:64]!r} is no moment ({error}): "
                "allowed is ISO 8601 with a time zone, or milliseconds since 1970"
            ) from error
    elif isinstance(value, int):
        at_ms = value
    else:
        raise MessageError(
            f"key 'at': {str(value)[:64]!r} is no moment: "
            "allowed is ISO 8601 with a time zone, or whole milliseconds since 1970"
        )
    if not EARLIEST_MS <= at_ms <= LATEST_MS:
        raise MessageError(
            f"key 'at': {str(value)[:64]!r} is no time of a plant: allowed is 2000 to 2100 "
            "(a number is milliseconds since 1970)"
        )
    return at_ms


def _offsets(value: _Value) -> Int64s:
    if value is None:
        return np.zeros(1, dtype=np.int64)
    if not isinstance(value, list):
        raise MessageError(f"key 'offsets_ms': {str(value)[:64]!r} is not a list of milliseconds")
    if len(value) > MAX_READINGS:
        raise MessageError(f"{len(value):,} readings are too many: allowed are {MAX_READINGS:,}")
    if not value:
        return np.zeros(0, dtype=np.int64)
    offsets = np.array(value)
    if offsets.dtype != np.int64:
        raise MessageError("key 'offsets_ms' holds something that is not a whole number")
    if offsets[0] < 0 or offsets[-1] > MAX_SPAN_MS or (offsets[1:] <= offsets[:-1]).any():
        raise MessageError(
            f"key 'offsets_ms' does not increase from 0 or later to {MAX_SPAN_MS:,} ms at most"
        )
    return offsets


def _signal_name(name: str) -> str:
    if not name.isidentifier() or name.startswith("_") or len(name) > MAX_NAME_LENGTH:
        raise MessageError(
            f"signal {name[:64]!r}: allowed are letters, digits and _, beginning with a letter, "
            f"up to {MAX_NAME_LENGTH}, best with the unit at the end as in power_kw"
        )
    return name


def _columns(signals: Mapping[str, _Value], count: int) -> dict[str, Float64s]:
    """The columns of all signals, made at once where nothing is wrong: one by one costs half more."""
    names = [_signal_name(name) for name in signals]
    rows = [value if isinstance(value, list) else [value] for value in signals.values()]
    if rows and all(len(row) == count and not isinstance(row[0], str) for row in rows if row):
        with suppress(TypeError, ValueError, OverflowError):
            table = np.array(rows, dtype=np.float64)
            if table.shape == (len(rows), count) and not np.isinf(table).any():
                return dict(zip(names, table, strict=True))
    return {name: _column(name, value, count) for name, value in signals.items()}


def _column(name: str, value: _Value, count: int) -> Float64s:
    if isinstance(value, str):
        raise MessageError(f"key {name[:64]!r}: {value[:64]!r} is not a number")
    values: Sequence[object] = value if isinstance(value, list) else [value]
    if len(values) != count:
        raise MessageError(
            f"key {name[:64]!r} has {len(values)} values for {count} readings: "
            "a list needs 'offsets_ms' with as many entries"
        )
    try:
        column = np.array(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise MessageError(f"key {name[:64]!r} holds something that is not a number") from error
    if np.isinf(column).any():
        raise MessageError(f"key {name[:64]!r} holds an infinite value: allowed are finite numbers")
    return column


def _counter(name: str, value: _Value, count: int) -> Float64s | None:
    if value is None:
        return None
    if not isinstance(value, list):
        # One count for a whole batch is the count at its last reading.
        column = np.full(max(count, 1), np.nan)
        column[-1:] = _column(name, value, 1)
    else:
        column = _column(name, value, count)
    known = column[~np.isnan(column)]
    if (known < 0).any() or (known != np.floor(known)).any() or (known > MAX_COUNT).any():
        raise MessageError(f"key {name!r} holds a value that is no count: allowed are 0 to {MAX_COUNT:,}")
    return column


def _state(value: _Value) -> State | None:
    if value is None:
        return None
    if not isinstance(value, str) or value not in REPORTABLE:
        raise MessageError(
            f"key 'state': {str(value)[:64]!r} is no state a machine reports: "
            f"allowed are {', '.join(sorted(REPORTABLE))}"
        )
    return State(value)


def _sequence(value: _Value) -> int | None:
    if value is not None and (not isinstance(value, int) or value < 0):
        raise MessageError(f"key 'seq': {str(value)[:64]!r} is no sequence number: allowed are 0, 1 …")
    return value


def _text(name: str, value: _Value, length: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > length or not value.isprintable():
        raise MessageError(
            f"key {name!r}: {str(value)[:64]!r}: allowed is printable text of up to {length} characters"
        )
    return value


def _changes(value: _Value) -> tuple[Change, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise MessageError("key 'changes' is not a list")
    if len(value) > MAX_CHANGES:
        raise MessageError(f"{len(value):,} changes are too many: allowed are {MAX_CHANGES:,}")
    before = 0
    changes: list[Change] = []
    for change in value:
        if not isinstance(change, Change):
            raise MessageError(f"key 'changes': {str(change)[:64]!r} is no change with an 'offset_ms'")
        if not before <= change.offset_ms <= MAX_SPAN_MS:
            raise MessageError(
                f"key 'changes': offset_ms {change.offset_ms} is before the one ahead of it, "
                f"or not within 0 to {MAX_SPAN_MS:,}"
            )
        if change.state is not None and change.state not in REPORTABLE:
            raise MessageError(f"key 'changes': a machine cannot report the state {change.state!s}")
        for name, count in (("parts", change.parts), ("rejects", change.rejects)):
            if count is not None and not 0 <= count <= MAX_COUNT:
                raise MessageError(
                    f"key 'changes': {name} {count} is no count: allowed are 0 to {MAX_COUNT:,}"
                )
        _text("cause", change.cause, MAX_CAUSE_LENGTH)
        before = change.offset_ms
        changes.append(change)
    return tuple(changes)
