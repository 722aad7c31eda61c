"""True messages made false: a value changed, a key gone, a piece cut off, a bit flipped, all nested."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.fuzz.hostile import DEPTH, MOMENTS, NUMBERS, TEXTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from hypothesis.strategies import SearchStrategy

MOST = 4
"""So many changes are made to a message at once."""
ODD_KEYS = (
    "at",
    "run",
    "seq",
    "state",
    "v",
    "offsets_ms",
    "power_kw",
    "__proto__",
    "",
    "\x00",
    "a b",
    "x" * 65,
)


def hostile(random: Random) -> Any:
    """A value that something may trip over."""
    return random.choice(
        (
            random.choice(NUMBERS),
            random.choice(TEXTS),
            random.choice(MOMENTS),
            None,
            random.random() < 0.5,
            [],
            {},
            [random.choice(NUMBERS), random.choice(TEXTS)],
            {random.choice(TEXTS): random.choice(NUMBERS)},
            [[]],
            list(range(random.choice((0, 1, 2, 4_000)))),
        )
    )


def mutated(random: Random, said: Any) -> Any:
    """The content of a message with up to four changes."""
    # Under a key of its own, so that the whole may change, too.
    whole = {"": copy.deepcopy(said)}
    for _ in range(random.choice((1, 1, 1, 1, 2, MOST))):
        place, key = random.choice(_places(whole))
        _change(random, place, key)
    return whole.get("")


def spoiled(random: Random, payload: bytes) -> bytes:
    """The bytes of a message, cut, flipped, doubled or nested."""
    at = random.randrange(len(payload) + 1)
    what = random.randrange(7)
    if what == 0:
        return payload[:at]
    if what == 1 and payload:
        flipped = bytearray(payload)
        for _ in range(random.randint(1, MOST)):
            flipped[random.randrange(len(flipped))] ^= 1 << random.randrange(8)
        return bytes(flipped)
    if what == 2:
        return payload[:at] + payload[max(0, at - random.randint(1, 40)) :]
    if what == 3:
        return (
            payload[:at]
            + random.choice((b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b",", b"}", b"[", b'"'))
            + payload[at:]
        )
    if what == 4:
        deep = random.choice((b"[", b'{"a":')) * random.choice((100, 1_100, DEPTH))
        return payload[:-1] + b',"deep":' + deep if random.randrange(2) else deep
    if what == 5:
        return payload * random.randint(2, 4)
    return random.randbytes(random.randint(0, 60))


def written(said: Any) -> bytes:
    """JSON of anything, with what JSON does not have where it stands in it."""
    return json.dumps(said, separators=(",", ":")).encode("utf-8")


def altered(random: Random, true: Sequence[bytes]) -> bytes:
    """One of some true messages in JSON, made false."""
    payload = random.choice(true)
    if random.randrange(4) == 0:
        return spoiled(random, payload)
    try:
        said = json.loads(payload)
    except ValueError:
        return spoiled(random, payload)
    changed = written(mutated(random, said))
    return spoiled(random, changed) if random.randrange(8) == 0 else changed


def made_false(true: Sequence[bytes]) -> SearchStrategy[bytes]:
    """True messages in JSON, made false in some way."""
    return st.randoms(use_true_random=True).map(lambda random: altered(random, true))


def _places(said: Any) -> list[tuple[Any, Any]]:
    """Every place of a content: what holds it, and under which key."""
    found: list[tuple[Any, Any]] = []
    rest = [said]
    while rest:
        one = rest.pop()
        keys = (
            list(one) if isinstance(one, dict) else range(min(len(one), 20)) if isinstance(one, list) else ()
        )
        for key in keys:
            found.append((one, key))
            rest.append(one[key])
    return found


def _change(random: Random, place: Any, key: Any) -> None:
    what = random.randrange(8)
    if what <= 2:
        place[key] = hostile(random)
    elif what == 3 and key != "":
        del place[key]
    elif what == 4 and isinstance(place, dict):
        place[random.choice((*ODD_KEYS, random.choice(TEXTS)))] = place[key]
    elif what == 5 and isinstance(place, list):
        place.insert(key, copy.deepcopy(place[random.randrange(len(place))]))
    elif what == 6:
        other = random.choice(list(place) if isinstance(place, dict) else range(len(place)))
        place[key], place[other] = place[other], place[key]
    elif isinstance(place[key], dict):
        place[key][random.choice((*ODD_KEYS, random.choice(TEXTS)))] = hostile(random)
    elif isinstance(place[key], int | float) and not isinstance(place[key], bool):
        place[key] = random.choice(
            (-place[key], place[key] + 2**16, place[key] - 2**32, place[key] * 1_000_000)
        )
    else:
        place[key] = hostile(random)
