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
    span = f"{hours:g} h" if hours else "a replica"
    said = [_expected(one, span) for one in study.get("lines", [])]
    return f"On average over {grouped(pairs)} pairs of replicas of {span}: {'; '.join(said)}."


def _expected(one: Mapping[str, Any], span: str) -> str:
    mean, low, high = (float(one[key]) for key in ("mean", "low", "high"))
    sure = "surely more" if low > 0 else "surely less" if high < 0 else "zero is possible"
    interval = f"95 % interval {signed(low)} to {signed(high)}: {sure}"
    return f"{one['line']} {signed(mean)} good parts in {span} ({interval})"


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
