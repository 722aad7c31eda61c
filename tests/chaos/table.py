"""What `make chaos` prints: kinds by parts, and what was counted."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tests.chaos.faults import KINDS
from tests.chaos.said import NOTHING, is_harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.chaos.comparison import Comparison
    from tests.chaos.journey import Befallen

COLUMNS = ("broker", "simulator", "ingest", "web", "database")
HEAD = ("kind", "part", "faults", "longest until the history went on", "said by the page after at most")


def in_a_line(one: Befallen, hour_ms: int) -> str:
    """One fault as it came."""
    fault = one.fault
    unit = {"stepped": "by {} s", "slowed": "to {} kbit/s"}.get(fault.kind, "").format(fault.much)
    said = "" if one.said_s is None else f"   after {one.said_s:.1f} s: {one.said or one.unsaid}"
    return (
        f"{fault.part:<10} {f'{fault.kind} {unit}':<26} for {fault.lasts_s:5.2f} s "
        f"at {one.at_ms / hour_ms:7.3f} h   on after {one.back_s:5.2f} s{said}"
    )


def report(befallen: Sequence[Befallen], found: Iterable[Comparison], *, seed: int, took_s: float) -> str:
    """Everything in Markdown, so that it can be put on a page as it is."""
    told = sum(one.said_s is not None for one in befallen)
    begun = f"seed {seed}: {len(befallen)} faults in {took_s / 60:.1f} min, {told} until the page had said it"
    lines = ["", begun, "", _row(HEAD), _row("---" for _ in HEAD)]
    cells: defaultdict[tuple[str, str], list[Befallen]] = defaultdict(list)
    for one in befallen:
        cells[one.fault.kind, one.fault.part.partition("-")[0]].append(one)
    for kind in KINDS:
        for part in COLUMNS:
            if here := cells.get((kind, part)):
                longest_s = max(one.back_s for one in here)
                lines.append(_row((kind, part, str(len(here)), f"{longest_s:.1f} s", _said(here))))
    lines += ["", *(f"Not said: {one.unsaid}" for one in befallen if one.unsaid)]
    for comparison in found:
        lines += ["", *comparison.in_words()]
    return "\n".join(lines)


def _said(here: Sequence[Befallen]) -> str:
    told = [one for one in here if one.said_s is not None]
    if not told:
        return "too short to be said"
    if all(is_harmless(one.fault) for one in told):
        return f"{NOTHING} ({len(told)})"
    return f"{max(one.said_s or 0.0 for one in told):.1f} s ({len(told)})"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
