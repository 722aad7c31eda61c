"""The gain in three sentences: what was gained, why, and how sure that is."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.gain.parts import LineParts
from dashboard.gain.split import Share, Split

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
WORTH_NAMING = 0.05
"""A phase with less than this share of all that moved is not named."""
NAMED = 3
"""So many phases are named at most."""


def what(lines: Sequence[LineParts], window_ms: int) -> str:
    """What was gained, in good parts of each line."""
    counted = [one for one in lines if one.gained is not None]
    if not counted:
        return "No line has a machine at its end that counts parts, so nothing can be said of parts."
    said = ", ".join(
        f"{one.line or 'the plant'} {signed(one.gained or 0)} ({grouped(one.monitored or 0)} instead of "
        f"{grouped(one.twin or 0)})"
        for one in counted
    )
    text = f"Good parts in {length(window_ms)}, with calls less without: {said}."
    if all((one.gained or 0) == 0 for one in counted):
        return f"{text} Both plants made the same."
    if any((one.gained or 0) < 0 for one in counted):
        text += (
            " Less is no mistake: in a single day people may be called to one machine while another stands, "
            "and a line may be held up by what it gained elsewhere. What to expect on average is said below."
        )
    return text


def why(split: Split) -> str:
    """Where the time came from."""
    if not split.common_ms:
        return "There is no time yet in which both plants are observed."
    gained_ms = split.gained_ms
    ran = f"ran {length(abs(gained_ms))} {'longer' if gained_ms >= 0 else 'shorter'}"
    text = f"Its machines {ran} (of {length(split.common_ms)} of machine time observed in both plants)"
    if not gained_ms:
        text = f"Its machines ran equally long, {length(split.common_ms)} of machine time observed in both"
    moved = sum(abs(one.gained_ms) for one in split.shares)
    named = sorted(split.shares, key=lambda one: -abs(one.gained_ms))[:NAMED]
    named = [one for one in named if moved and abs(one.gained_ms) >= WORTH_NAMING * moved]
    return f"{text}: {', '.join(_moved(one) for one in named)}." if named else f"{text}."


def how_sure(study: Mapping[str, Any] | None) -> str:
    """What paired replicas say about how much of it was luck."""
    pairs = int(study.get("pairs", 0)) if study else 0
    if study is None or pairs < 2:  # noqa: PLR2004 - one pair has no interval
        return (
            "What is above was measured and did happen. Whether another day would bring the same is not "
            "known yet: " + ("no pair of replicas so far." if not pairs else "1 pair of replicas so far.")
        )
    hours = float(study.get("hours", 0) or 0)
    lines = study.get("lines", [])
    groups = (
        ([one for one in lines if float(one["low"]) > 0], "surely more (the 95 % interval lies above zero)"),
        (
            [one for one in lines if float(one["high"]) < 0],
            "surely fewer (the 95 % interval lies below zero)",
        ),
        (
            [one for one in lines if float(one["low"]) <= 0 <= float(one["high"])],
            "not sure yet (the 95 % interval holds zero)",
        ),
    )
    said = [f"{words}: {', '.join(_expected(one) for one in group)}" for group, words in groups if group]
    span = f" of {hours:g} h" if hours else ""
    return f"Good parts gained on average over {grouped(pairs)} pairs of replicas{span}: {'; '.join(said)}."


def _expected(one: Mapping[str, Any]) -> str:
    return f"{one['line']} {signed(float(one['mean']))}"


def _moved(one: Share) -> str:
    word = "less" if one.gained_ms > 0 else "more"
    return f"{length(abs(one.gained_ms))} {word} {one.phase}"


def length(ms: int) -> str:
    """A length of time as people say it.

    >>> length(5_400_000), length(90_000), length(400)
    ('1 h 30 min', '1 min', '0 s')
    """
    if ms >= HOUR_MS:
        hours, rest = divmod(ms, HOUR_MS)
        return f"{grouped(hours)} h {rest // MINUTE_MS} min" if rest >= MINUTE_MS else f"{grouped(hours)} h"
    return f"{ms // MINUTE_MS} min" if ms >= MINUTE_MS else f"{ms // 1_000} s"


def grouped(number: float) -> str:
    """A whole number with thin spaces between thousands."""
    return f"{round(number):,}".replace(",", "\u202f")


def signed(number: float) -> str:
    """A number with its sign, one decimal below ten."""
    shown = round(number, 1) if abs(number) < 10 and number != round(number) else round(number)  # noqa: PLR2004
    text = f"{abs(shown):,}".replace(",", "\u202f")
    return "0" if shown == 0 else f"{'+' if shown > 0 else '−'}{text}"
