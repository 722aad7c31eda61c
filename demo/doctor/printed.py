"""How findings are printed: the chain as a table, then each sentence with what to do."""

from __future__ import annotations

import textwrap
from datetime import datetime
from typing import TYPE_CHECKING

from dashboard.chain.links import Link, Measure

if TYPE_CHECKING:
    from demo.doctor.findings import Findings

WIDTH = 100
WORDS = {"well": "well", "warning": "LOOK", "broken": "BROKEN", "unknown": "not known", "absent": "none"}
_INDENT = 24
_BYTES = ("bytes", "kB", "MB", "GB", "TB")
_STEP = 1_000


def printed(findings: Findings) -> str:
    """All of it, as text of `WIDTH` columns."""
    lines = [_row(link) for link in findings.links]
    if lines:
        lines = [f"  {'link':<11} {'':<10}what is measured", *lines, ""]
    if not findings.sentences:
        return "\n".join([*lines, "All is well."])
    for number, one in enumerate(findings.sentences, 1):
        since = "" if one.since_wall_ms is None else f" Since {_clock(one.since_wall_ms)}."
        lines.append(_wrapped(f"{number}. ", f"{one.link}: {one.what}{since}"))
        todo = one.remedy.docker if findings.place == "docker" else one.remedy.demo
        lines.append(_wrapped("   ", f"To do: {todo}"))
    if findings.well:
        lines.append("Nothing is broken.")
    return "\n".join(lines)


def _row(link: Link) -> str:
    head = f"  {link.link:<11} {WORDS[link.lamp]:<10}"
    words = " · ".join(f"{one.words} {value_of(one)}" for one in link.measures if one.value is not None)
    return _wrapped(head, words or "–")


def _wrapped(head: str, text: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_on_hyphens=False,
        break_long_words=False,
    )


def _clock(wall_ms: int) -> str:
    return datetime.fromtimestamp(wall_ms / 1_000).astimezone().strftime("%H:%M:%S")


def value_of(measure: Measure) -> str:
    """A value with its unit.

    >>> value_of(Measure(key="size", words="size", value=21_900_000, unit="bytes"))
    '21.9 MB'
    >>> value_of(Measure(key="waiting", words="messages that wait", value=5, of=100_000.0))
    '5 of 100,000'
    """
    value = measure.value
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    of = "" if measure.of is None else f" of {_number(measure.of, measure.unit)}"
    return f"{_number(value, measure.unit)}{of}"


def _number(value: float, unit: str) -> str:
    if unit == "bytes":
        step = 0
        while value >= _STEP and step < len(_BYTES) - 1:
            value, step = value / _STEP, step + 1
        return f"{value:,.1f} {_BYTES[step]}" if step else f"{value:,.0f} bytes"
    if unit == "x":
        return f"×{value:g}"
    number = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return {"/s": f"{number} a second", "": number}.get(unit, f"{number} {unit}")
