"""The JSON of a request, read as strictly as a message: no NaN, no halves of characters, no endless depth."""

from typing import Any

import msgspec
from flask import Request

from protocol.messages import UNREADABLE

_ANY = msgspec.json.Decoder()


def json_of(request: Request) -> Any:
    """What the body of a request says; None where it is no JSON."""
    try:
        return _ANY.decode(request.get_data())
    except UNREADABLE:
        return None
