"""The edge batch: what many machines of one line showed at the same moments, in one message of their gateway.

The moments stand once, and under each machine's name what is its own:

    {"at": "2026-01-05T06:00:00Z", "offsets_ms": [0, 1000], "machines": {
        "press-7": {"power_kw": [3.2, 3.1], "state": "running", "parts": [7, 8]},
        "press-8": {"power_kw": [0.4, 0.4], "state": "idle", "cause": "waiting"}}}

A machine that was read at other moments says its own `at` and `offsets_ms`. What a machine said is
the batch that it would have sent by itself, byte for byte, and is taken in as that.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from protocol.contract import VERSION, refusal_in
from protocol.messages import MessageError
from protocol.readings import MAX_PAYLOAD_BYTES, READER, WrittenBatch, joined
from protocol.topics import check_name

MAX_MACHINES = 10_000
"""Machines of one message."""


class _Moments(msgspec.Struct):
    v: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    run: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    at: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    offsets_ms: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Message(_Moments, kw_only=True):
    machines: dict[str, msgspec.Raw]


_ENCODER = msgspec.json.Encoder()
_ANY = msgspec.json.Decoder(dict[str, Any])
_WHOLE = msgspec.json.Decoder(_Message)
_OWN = msgspec.json.Decoder(_Moments)
_NOTHING = _Moments()
_PRESENT = msgspec.Raw(b"%d" % VERSION)


def decode_edge_batch(payload: bytes | bytearray) -> dict[str, bytes | MessageError]:
    """The batch of each machine as it would have sent it by itself, or what is wrong with it.

    Raises:
        MessageError: The message as a whole cannot be understood.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise MessageError(
            f"{len(payload):,} bytes are too many: allowed are {MAX_PAYLOAD_BYTES:,} a message"
        )
    try:
        message = _WHOLE.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MessageError(
            refusal_in(payload, READER)
            or f"not an edge batch: {error}; allowed is e.g. "
            '{"at": "2026-01-05T06:00:00Z", "machines": {"press-7": {"power_kw": 3.2}}}'
        ) from error
    # Once for all of them: each would be refused for the same.
    if message.v not in (msgspec.UNSET, _PRESENT) and (wrong := refusal_in(payload, READER)):
        raise MessageError(wrong)
    if len(message.machines) > MAX_MACHINES:
        raise MessageError(f"{len(message.machines):,} machines are too many: allowed are {MAX_MACHINES:,}")
    head = _head(message)
    return {name: _own_batch(name, bytes(own), message, head) for name, own in message.machines.items()}


def encode_edge_batch(batches: Mapping[str, WrittenBatch]) -> bytes:
    """The JSON of one message with the batches of many machines."""
    common = next((one.moments for one in batches.values()), b"{}")
    machines = [b"%s:%s" % (_ENCODER.encode(name), _own_half(one, common)) for name, one in batches.items()]
    return joined(common, b'{"machines":{' + b",".join(machines) + b"}}")


def _own_half(one: WrittenBatch, common: bytes) -> bytes:
    if one.moments == common:
        return one.own
    mine, ours = _ANY.decode(one.moments), _ANY.decode(common)
    # What the others have and this one has not is said to be missing.
    differing = {key: mine.get(key) for key in {**ours, **mine} if mine.get(key) != ours.get(key)}
    return joined(_ENCODER.encode(differing), one.own)


def _own_batch(name: str, own: bytes, message: _Message, head: bytes) -> bytes | MessageError:
    try:
        check_name(name, "the machine's name")
        moments = _OWN.decode(own)
    except MessageError as error:
        return error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return MessageError(f"{error}: allowed is an object of its readings")
    if moments != _NOTHING:
        head = _head(message, moments)
    # The moments come first, as `encode_batch` has them: the same bytes as without a gateway.
    body = own.lstrip()[1:].lstrip()
    return head + body if head == b"{" or body.startswith(b"}") else head + b"," + body


def _head(message: _Moments, own: _Moments = _NOTHING) -> bytes:
    """The beginning of a batch, with the moments that the machine does not say itself."""
    fields = [
        b'"%s":%s' % (name.encode(), bytes(value))
        for name in _Moments.__struct_fields__
        if (value := getattr(message, name)) is not msgspec.UNSET and getattr(own, name) is msgspec.UNSET
    ]
    return b"{" + b",".join(fields)
