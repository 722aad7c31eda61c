"""The gain in three sentences: what was gained, why, and how sure that is."""

from collections.abc import Sequence
from itertools import groupby

from dashboard.gain.order import written
from dashboard.gain.parts import LineParts
from dashboard.gain.phase import Phase
from dashboard.gain.replicas import SURE_PAIRS, Replicas
from dashboard.gain.split import Share, Split

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
WORTH_NAMING = 0.05
"""A phase with less than this share of all that moved is not named."""
NAMED = 3
"""So many phases are named at most."""
WHOLE_HOURS = 100
"""From so many on minutes are left out."""


def headline(split: Split, lines: Sequence[LineParts], window_ms: int) -> str:
    """What monitoring brought, in one sentence for whoever pays for it."""
    if not split.common_ms:
        return "There is no time yet in which both plants are observed."
    gained_ms = split.gained_ms
    counted = [one.gained for one in lines if one.gained is not None]
    more, fewer = sum(one > 0 for one in counted), sum(one < 0 for one in counted)
    if abs(gained_ms) < MINUTE_MS:
        ran = "the machines ran as long with monitoring as without"
    elif gained_ms > 0:
        ran = f"monitoring kept the machines running {length(gained_ms)} longer in all"
    else:
        ran = f"the machines ran {length(-gained_ms)} shorter with monitoring than without"
    parts = ""
    if more:
        parts = f"{more} of {len(counted)} {_lines(len(counted))} made more good parts"
    if fewer:
        parts += f"{', ' if more else ''}{fewer} {'' if more else f'of {len(counted)} '}made fewer"
    joined = f", and {parts}" if parts else ", and every line made as many good parts" if counted else ""
    return f"In {length(window_ms)} {ran}{joined}."


def _lines(count: int) -> str:
    return "line" if count == 1 else "lines"


def expected(replicas: Replicas | None) -> str:
    """What monitoring brings on average in running time, and how sure that is; `""` where nothing tells."""
    found = replicas.running if replicas else None
    if replicas is None or found is None or found.low is None or found.high is None:
        return ""
    ends = " to ".join(_signed_length(hours) for hours in (found.low, found.high))
    verdict = {
        "more": "lies above zero: surely more",
        "fewer": "lies below zero: surely less",
        "so far more": f"lies above zero: so far more, called sure from {SURE_PAIRS} shifts on",
        "so far fewer": f"lies below zero: so far less, called sure from {SURE_PAIRS} shifts on",
        "not sure": "holds zero: not sure yet",
    }[replicas.verdict(found)]
    sure = f"The {replicas.confidence * 100:g} % interval, {ends}, {verdict}."
    ran = f"{length(abs(round(found.mean * HOUR_MS)))} {'longer' if found.mean > 0 else 'shorter'}"
    return (
        f"On average over {grouped(replicas.pairs)} other shifts of {replicas.hours:g} h, each lived with "
        f"and without calls, the machines ran {ran} with calls. {sure}"
    )


def _signed_length(hours: float) -> str:
    ms = round(hours * HOUR_MS)
    return f"{'+' if ms > 0 else '−' if ms < 0 else ''}{length(abs(ms))}"


def what(lines: Sequence[LineParts], window_ms: int) -> str:
    """What was gained, in good parts of each line."""
    counted = [one for one in lines if one.gained is not None]
    if not counted:
        return "No line has a machine at its end that counts parts, so nothing can be said of parts."
    said = ", ".join(
        f"{written(one.line)} {signed(one.gained or 0)} ({grouped(one.monitored or 0)} instead of "
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
    gained_ms, observed = split.gained_ms, length(split.common_ms)
    if gained_ms:
        ran = f"ran {length(abs(gained_ms))} {'longer' if gained_ms > 0 else 'shorter'}"
        text = f"With calls the machines {ran} (of {observed} of machine time observed in both plants)"
    else:
        text = f"The machines ran equally long in both plants, of {observed} observed in both"
    moved = sum(abs(one.gained_ms) for one in split.shares)
    named = sorted(split.shares, key=lambda one: -abs(one.gained_ms))[:NAMED]
    named = [one for one in named if moved and abs(one.gained_ms) >= WORTH_NAMING * moved]
    told = [_moved(one) for one in named]
    # So that what is said adds up to what was gained.
    rest_ms = gained_ms - sum(one.gained_ms for one in named)
    if named and abs(rest_ms) >= MINUTE_MS:
        told.append(f"{length(abs(rest_ms))} {'less' if rest_ms > 0 else 'more'} in all other phases")
    text = f"{text}: {', '.join(told)}." if told else f"{text}."
    if any(one.phase is Phase.PLANNED_WORK and one.gained_ms < 0 for one in named):
        text += " Planned work is done where a trend was called before something broke: it saves a repair."
    return text


def how_sure(replicas: Replicas | None) -> str:
    """What paired replicas say about how much of it was luck."""
    pairs = replicas.pairs if replicas else 0
    if replicas is None or pairs < 2:  # noqa: PLR2004 - one pair has no interval
        return "Whether another day would bring the same is not known yet: " + (
            "no pair of replicas so far." if not pairs else "1 pair of replicas so far."
        )
    sure = f"the {replicas.confidence * 100:g} % interval"
    words = {
        "more": f"surely more ({sure} lies above zero)",
        "fewer": f"surely fewer ({sure} lies below zero)",
        "so far more": f"so far more ({sure} lies above zero; called sure from {SURE_PAIRS} pairs on)",
        "so far fewer": f"so far fewer ({sure} lies below zero; called sure from {SURE_PAIRS} pairs on)",
        "not sure": f"not sure yet ({sure} holds zero)",
    }
    # Neighbours of one verdict share its words, and lines keep their order.
    said = [
        f"{words[verdict]}: {', '.join(f'{written(one.line)} {signed(one.mean)}' for one in group)}"
        for verdict, group in groupby(replicas.lines, key=replicas.verdict)
    ]
    text = (
        f"Good parts gained on average over {grouped(pairs)} pairs of replicas of {replicas.hours:g} h: "
        f"{'; '.join(said)}."
    )
    if replicas.otherwise:
        text += f" They were lived with other assumptions than those chosen: {', '.join(replicas.otherwise)}."
    return text


def _moved(one: Share) -> str:
    word = "less" if one.gained_ms > 0 else "more"
    return f"{length(abs(one.gained_ms))} {word} {one.phase}"


def length(ms: int) -> str:
    """A length of time as people say it, and as the page does: from a hundred hours on in whole ones.

    >>> length(5_400_000), length(90_000), length(400), length(363_594_000)
    ('1 h 30 min', '1 min', '0 s', '101 h')
    """
    if ms >= WHOLE_HOURS * HOUR_MS:
        return f"{grouped(ms / HOUR_MS)} h"
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
