"""Which version of the contract a message is of, and whether who reads it may take it in.

`v` is a number. Its whole part says what a reader has to know: it rises when something that was said
before is said otherwise. What stands behind the point rises with every addition, and says no more than
that there may be keys which the reader does not know and may pass over.
"""

import msgspec

VERSION = 1
"""Version of the messages that this program says, and the latest that it takes in."""
LATER = "is a later version of the messages"
"""What every refusal of a later version says."""
BESIDE = "_"
"""Keys that were added to what has a key for each signal, or for each thing asked, begin with it."""


class _Versioned(msgspec.Struct):
    v: object = None


_ANY = msgspec.json.Decoder(_Versioned)


def refusal_of(version: object, reader: str) -> str:
    """What is wrong with the `v` of a message; `""` where its reader may take it in.

    >>> refusal_of(1, "the dashboard"), refusal_of(1.4, "the dashboard")
    ('', '')
    >>> refusal_of(2, "this one")
    "key 'v': 2 is a later version of the messages than this one knows: allowed is 1; upgrade this one"
    """
    if isinstance(version, bool) or not isinstance(version, int | float) or not version >= 1:
        return f"key 'v': {str(version)[:64]!r} is no version of a message: allowed is {VERSION}"
    if version >= VERSION + 1:
        return f"key 'v': {version!r:.64} {LATER} than {reader} knows: allowed is {VERSION}; upgrade {reader}"
    return ""


def refusal_in(payload: bytes | bytearray, reader: str) -> str:
    """The same of a message that could not be understood: in a later version anything may be otherwise."""
    version = version_in(payload)
    return "" if version is None else refusal_of(version, reader)


def version_in(payload: bytes | bytearray) -> object:
    """The `v` of a message, whatever else is in it; None where it says none."""
    try:
        return _ANY.decode(payload).v
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def is_extended(version: object) -> bool:
    """Whether a message may hold keys that were added after this program, and may be passed over."""
    return isinstance(version, int | float) and VERSION < version < VERSION + 1
