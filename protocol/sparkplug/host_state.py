"""What a host application says of itself, retained on `spBv1.0/STATE/<host>`: JSON, and not protobuf."""

import msgspec

from protocol.messages import UNREADABLE, MessageError, in_words


class HostState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a host application is online."""

    online: bool
    """False from its will."""
    timestamp: int
    """When its connection was made, ms since 1970; the will of a connection has that of its birth."""


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(HostState)
MAX_BYTES = 1_024


def encode_state(state: HostState) -> bytes:
    """The JSON of it."""
    return _ENCODER.encode(state)


def decode_state(payload: bytes | bytearray) -> HostState:
    """What a host has said of itself.

    Raises:
        MessageError: It is none of that form.
    """
    try:
        return _DECODER.decode(payload[:MAX_BYTES])
    except UNREADABLE as error:
        raise MessageError(
            f'not a STATE: {in_words(error)}; allowed is {{"online": true, "timestamp": 1767225600000}}'
        ) from error
