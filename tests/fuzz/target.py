"""What is fuzzed, how it is run, and what came of it."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, seed, settings

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

LONGEST_SENTENCE = 600
SHOWN = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something that takes input from outside."""

    name: str
    """What the table calls it."""

    inputs: SearchStrategy[Any]
    """What it is given."""

    take: Callable[[Any], object]
    """Takes one input; returns a `Refusal` where it refuses by an answer."""

    refusals: tuple[type[Exception], ...] = ()
    """What it raises to refuse; the text of that is a sentence for people."""

    names: str = ""
    """What the sentence has to name: the file, say."""

    share: float = 1.0
    """Of the examples that are asked for: below 1 where one costs more than others."""


class Refusal(str):
    """The sentence of what refuses by answering."""

    __slots__ = ()


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of the inputs of one target."""

    name: str
    tried: int = 0
    refused: int = 0
    taken: int = 0
    took_s: float = 0.0
    findings: list[str] = field(default_factory=list)
    """One for each input that was neither taken nor refused with a sentence."""


def tried(target: Target, tally: Tally, *, examples: int, number: int) -> None:
    """Give a target so many inputs, the same ones for the same number.

    Args:
        target: What takes them.
        tally: Where what came of them is added.
        examples: How many.
        number: Seed.
    """

    @seed(number)
    @settings(
        max_examples=max(1, round(examples * target.share)),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
    )
    @given(given_=target.inputs)
    def all_of_them(given_: Any) -> None:
        tally.tried += 1
        try:
            answer = target.take(given_)
        except target.refusals as error:
            answer = Refusal(error)
        if isinstance(answer, Refusal):
            tally.refused += 1
            _is_a_sentence(str(answer), target.names)
        else:
            tally.taken += 1

    begun_s = time.monotonic()
    try:
        all_of_them()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        where = traceback.extract_tb(error.__traceback__)[-1]
        notes = " ".join(getattr(error, "__notes__", ()))
        tally.findings.append(
            f"{type(error).__name__}: {str(error)[:SHOWN]} at {where.filename}:{where.lineno}\n"
            f"    {notes[:SHOWN]}"
        )
    tally.took_s += time.monotonic() - begun_s


def _is_a_sentence(text: str, names: str) -> None:
    """Fail unless a refusal says what is wrong in words that a page can show."""
    assert text.strip(), "a refusal without a word"
    assert names in text, f"the refusal does not name {names!r}: {text[:SHOWN]!r}"
    assert len(text) <= LONGEST_SENTENCE, f"{len(text):,} characters are no sentence: {text[:SHOWN]!r}"
    text.encode("utf-8")
