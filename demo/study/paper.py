"""What pairs found, on paper: as a table to read, or as JSON with every digit."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from demo.study.plan import HOUR_MS, Plan
from demo.study.study import PLANT, Findings, Versus
from simulator.study.estimate import CONFIDENCE, Estimate
from simulator.study.grid import grid

FEW = 0.05
"""Of a phase with fewer hours on average in both plants nothing is printed."""


def as_table(plan: Plan, found: Findings) -> str:
    """Three tables: good parts of each line, hours in each state, hours in each phase."""
    hours, pairs = plan.length_ms / HOUR_MS, len(found.seeds)
    seeds = f"seed {found.seeds[0]}" if pairs == 1 else f"seeds {found.seeds[0]} to {found.seeds[-1]}"
    heading = (
        f"{len(plan.machines)} machines, {hours:g} h, {pairs} pair{'s' if pairs > 1 else ''}, {seeds}; "
        f"{_number(found.calls.mean)} calls a pair"
    )
    good = [[line, *_cells(one), f"{found.ahead[line]:.0%}"] for line, one in found.good.items()]
    states = [[state.value, *_cells(one, 2)] for state, one in found.state_hours.items()]
    phases = [[phase.value, *_cells(one, 2)] for phase, one in found.phase_hours.items() if _is_any(one)]
    columns = ["plant", "twin", "gain", f"{CONFIDENCE:.0%} interval of the gain"]
    pieces = [
        heading,
        grid(["good parts", *columns, "plant ahead"], good),
        grid(["hours by state", *columns], states),
        grid(["hours by phase", *columns], phases),
    ]
    return "\n\n".join([*pieces, "\n".join(_sentences(found, hours))]) + "\n"


def as_json(plan: Plan, found: Findings) -> str:
    """The same as JSON."""
    document: dict[str, Any] = {
        "study": {
            "digest": plan.digest,
            "machines": [one.name for one in plan.machines],
            "hours": plan.length_ms / HOUR_MS,
            "warm_up_hours": plan.warm_up_ms / HOUR_MS,
            "seeds": list(found.seeds),
            "confidence": CONFIDENCE,
        },
        "good": {line: {**_plain(one), "ahead": found.ahead[line]} for line, one in found.good.items()},
        "state_hours": {state.value: _plain(one) for state, one in found.state_hours.items()},
        "phase_hours": {phase.value: _plain(one) for phase, one in found.phase_hours.items()},
        "calls": asdict(found.calls),
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _sentences(found: Findings, hours: float) -> Iterable[str]:
    """How sure each line's gain is, in words."""
    for line, one in found.good.items():
        gain = one.gain
        if gain.mean is None or one.twin.mean is None:
            continue
        where = "All lines together" if line == PLANT else f"Line {line}"
        share = f" ({gain.mean / one.twin.mean:+.1%})" if one.twin.mean else ""
        said = f"{where}: {gain.mean:+,.1f} good parts in {hours:g} h{share}"
        if gain.low is None or gain.high is None:
            yield f"{said}; one pair says nothing of how sure that is."
        elif gain.low > 0 or gain.high < 0:
            yield f"{said}; 0 lies outside the interval."
        else:
            yield f"{said}, which may be chance: 0 lies within the interval."


def _is_any(one: Versus) -> bool:
    return any((side.mean or 0) >= FEW for side in (one.plant, one.twin))


def _cells(one: Versus, places: int = 1) -> list[str]:
    gain = one.gain
    interval = (
        "–"
        if gain.low is None or gain.high is None
        else (f"{gain.low:+,.{places}f} to {gain.high:+,.{places}f}")
    )
    mean = "–" if gain.mean is None else f"{gain.mean:+,.{places}f}"
    return [_number(one.plant.mean, places), _number(one.twin.mean, places), mean, interval]


def _number(value: float | None, places: int = 1) -> str:
    return "–" if value is None else f"{value:,.{places}f}"


def _plain(one: Versus) -> dict[str, dict[str, Any]]:
    sides: dict[str, Estimate] = {"plant": one.plant, "twin": one.twin, "gain": one.gain}
    return {side: asdict(value) for side, value in sides.items()}
