"""What pairs of plants say of the gain, retained on `_office/study` by whoever lives them in the background.

The message grows truer with each pair and replaces the one before. Each figure is for one pair: so many
hours of the plant and of its twin from one seed.
"""

from typing import Any

import msgspec

from dashboard.conclusions import ConclusionError
from protocol.messages import UNREADABLE, in_words


class Mean(msgspec.Struct, frozen=True, kw_only=True):
    """The mean of a figure over the pairs, and how sure it is."""

    mean: float
    """The mean."""
    low: float | None
    """Lower end of its confidence interval (Student's t); None below two pairs."""
    high: float | None
    """Upper end of it."""


class LineGain(msgspec.Struct, frozen=True, kw_only=True):
    """Good parts out of one line, or of all lines together."""

    line: str
    """Path of the line; `""` for all lines together."""
    plant: Mean
    """In the monitored plant."""
    twin: Mean
    """In its twin."""
    gain: Mean
    """The one less the other, pair by pair."""
    ahead: float
    """Share of the pairs in which the monitored plant made more than its twin."""


class Study(msgspec.Struct, frozen=True, kw_only=True):
    """What the pairs say so far."""

    digest: str
    """Digest of all that it was made with: machines, people, rules, hours. With another it says nothing."""
    assumptions: dict[str, Any]
    """What was assumed, by key, as the plant says it on `_plant/assumptions`."""
    hours: float
    """Plant hours of one pair."""
    pairs: int
    """Pairs lived so far."""
    pairs_in_all: int
    """Pairs after which it rests."""
    first_seed: int
    """Seed of the first pair; the others have those that follow."""
    confidence: float
    """So often an interval holds what endless pairs would say."""
    lines: list[LineGain]
    """The gain of each line."""
    plant: LineGain
    """That of all lines together."""
    phase_hours: dict[str, Mean]
    """Machine-hours of each phase that monitoring saved: those of the twin less those of the plant."""


_DECODER = msgspec.json.Decoder(Study)


def encode(study: Study) -> bytes:
    """The JSON of a study."""
    return msgspec.json.encode(study)


def decode(payload: bytes) -> Study:
    """The study in a payload.

    Raises:
        ConclusionError: The payload is no study.
    """
    try:
        return _DECODER.decode(payload)
    except UNREADABLE as error:
        raise ConclusionError(f"not a study of this version: {in_words(error)}") from error
