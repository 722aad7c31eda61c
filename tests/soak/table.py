"""What a soak says in the end: what it came to, and every series with its slope and verdict."""

from collections.abc import Mapping

import numpy as np

from tests.soak.judged import DAY_H, Judged, judge
from tests.soak.slope import Floats

NONE_OF = {
    "lost": "readings lost",
    "doubled": "readings doubled",
    "errors": "errors in the logs",
    "restarts": "parts started again",
    "failed": "questions without an answer",
    "refused": "orders that the plant did not take",
}
"""What there may be none of."""
COUNTS = {
    "messages": "messages taken in",
    "readings": "readings taken in",
    "checked": "of them looked for in the history",
    "values": "values in these",
    "taken_away": "readings that faults of a link took away",
    "faults": "faults",
    "orders": "orders of faults",
    "calls": "calls for people",
    "unattended": "times that the plant went on without its office",
    "asked": "questions to the API",
    "updates": "words to one of the viewers",
    "streams_ended": "streams that ended",
    "silent_s": "longest silence of a stream, s",
    "warnings": "warnings in the logs",
}


def table(columns: Mapping[str, Floats]) -> str:
    """Everything, as Markdown."""
    hours, times = columns["plant_h"], columns["time_s"]
    passed_s = float(times[-1] - times[0])
    plant_h = float(hours[-1] - hours[0])
    reached = (
        f"{passed_s / 60:.1f} minutes, {plant_h / DAY_H:.2f} plant days, {len(times)} samples, "
        f"{plant_h * 3_600 / passed_s:.0f} plant seconds a second."
    )
    lines = [
        reached,
        "",
        "| what | how much |",
        "| --- | --- |",
        *(f"| {words} | {_last(columns, name):,.0f} |" for name, words in (NONE_OF | COUNTS).items()),
        "",
        "| series | level | growth a plant day | 95 % interval | in the time judged | allowed | verdict |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    judged = judge(columns)
    still = [one for one in judged if not one.slope.low and not one.slope.high]
    lines += [_row(one) for one in judged if one not in still]
    if still:
        named = ", ".join(f"{one.held.name} ({_amount(one.slope.level, one.held.unit)})" for one in still)
        lines += ["", f"The same from block to block: {named}."]
    return "\n".join(lines)


def wrong(columns: Mapping[str, Floats]) -> list[str]:
    """What is not as it must be, in words; nothing where all holds."""
    counted = [
        f"{words}: {_last(columns, name):,.0f}" for name, words in NONE_OF.items() if _last(columns, name) > 0
    ]
    return counted + [f"{one.held.name} grows" for one in judge(columns) if not one.holds]


def _last(columns: Mapping[str, Floats], name: str) -> float:
    known = columns[name][np.isfinite(columns[name])] if name in columns else np.zeros(0)
    return float(known[-1]) if len(known) else 0.0


def _amount(value: float, unit: str) -> str:
    return f"{value:,.4g} {unit}".rstrip()


def _row(one: Judged) -> str:
    slope, unit = one.slope, one.held.unit
    verdict = "within noise" if one.holds else "**grows**"
    if one.holds and slope.low > 0 and one.held.a_day:
        verdict = f"by design: {one.held.why}"
    grown = " | ".join(_amount(value, unit) for value in (slope.growth, one.held.bound(slope)))
    return (
        f"| {one.held.name} | {_amount(slope.level, unit)} | {_amount(slope.slope, unit)} "
        f"| {slope.low:.3g} to {slope.high:.3g} | {grown} | {verdict} |"
    )
