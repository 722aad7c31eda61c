"""The tables of the gain: durations in seconds, shares from 0 to 1, undefined is null."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from heapq import nsmallest
from typing import Any

from dashboard.gain.holes import Hole
from dashboard.gain.order import place_of_line
from dashboard.gain.pairs import Pair, Seen
from dashboard.gain.paper import Habits
from dashboard.gain.phase import MEANING
from dashboard.gain.replicas import SURE_PAIRS, Expected, Replicas
from dashboard.gain.segments import Segment
from dashboard.gain.tally import MONITORED, TWIN
from dashboard.history.gain import Gain, by_line
from dashboard.kpi.account import total
from dashboard.kpi.basis import Basis
from dashboard.kpi.report import numbers
from dashboard.study import Mean, Study
from protocol.moments import to_text

KPIS = ("utilization", "uptime", "uptime_low", "uptime_high", "oee", "coverage")
PLANTS = (("monitored", MONITORED), ("twin", TWIN))
"""Both plants, and where their numbers stand."""
TABLES: dict[str, tuple[str, ...]] = {
    "line": (
        "line", "monitored", "twin", "gained", "share", "lead_s", "margin", "money", "counted", "not_counted",
    ),
    "phase": ("phase", "twin_s", "monitored_s", "gained_s"),
    "machine": ("machine", "line", "common_s", "monitored_s", "twin_s", "gained_s"),
    "pair": (
        "machine", "cause", "number", "what", "gained_s", "monitored_start", "monitored_noticed_s",
        "monitored_s", "twin_start", "twin_noticed_s", "twin_s",
    ),
}  # fmt: skip
"""The columns of each table as CSV."""

CYCLE = "cycle"
"""The phase of the pairs in which a machine runs."""
HOUR_S = 3_600


def share(part: float, whole: float) -> float | None:
    """A part of a whole; None of nothing."""
    return part / whole if whole else None


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for a spreadsheet: lists in one cell."""
    return {
        key: "; ".join(map(str, value)) if isinstance(value, list) else value for key, value in row.items()
    }


def pool(both: tuple[int, int]) -> dict[str, float]:
    """Milliseconds of both plants as seconds."""
    return {"monitored": both[MONITORED] / 1_000, "twin": both[TWIN] / 1_000}


def lines(found: Gain, margins: Mapping[str, Decimal]) -> list[dict[str, Any]]:
    """Good parts of each line, and what they are worth."""
    rows = []
    for one in found.lines:
        margin = margins.get(one.line, margins.get(""))
        worth = None if margin is None or one.gained is None else margin * one.gained
        rows.append(
            {
                "line": one.line,
                "monitored": one.monitored,
                "twin": one.twin,
                "gained": one.gained,
                "share": one.share,
                "lead_s": None if one.lead_ms is None else one.lead_ms / 1_000,
                "margin": None if margin is None else float(margin),
                "money": None if worth is None else float(worth),
                "counted": [
                    name if name not in one.outlets.instead_of
                    else f"{name} in the place of {one.outlets.instead_of[name]}"
                    for name in one.outlets.counted
                ],
                "not_counted": list(one.outlets.not_counted),
            }
        )  # fmt: skip
    return rows


def phases(found: Gain) -> list[dict[str, Any]]:
    """Time without running by phase, in both plants."""
    return [
        {
            "phase": str(one.phase),
            "meaning": MEANING[one.phase],
            "monitored_s": one.monitored_ms / 1_000,
            "twin_s": one.twin_ms / 1_000,
            "gained_s": one.gained_ms / 1_000,
        }
        for one in found.split.shares
        if one.monitored_ms or one.twin_ms
    ]


def machines(found: Gain, basis: Basis, from_ms: int, to_ms: int) -> list[dict[str, Any]]:
    """Running time of each machine in both plants, with the KPIs of both."""
    rows = []
    for one, split in found.machines:
        both = [numbers(account, basis.choices, from_ms, to_ms) for account in found.accounts[one.name]]
        rows.append(
            {
                "machine": one.name,
                "line": one.line,
                "common_s": split.common_ms / 1_000,
                "monitored_s": split.running_ms[MONITORED] / 1_000,
                "twin_s": split.running_ms[TWIN] / 1_000,
                "gained_s": split.gained_ms / 1_000,
                "good": [account.good for account in both],
                "utilization": [account.utilization for account in both],
            }
        )
    return rows


def kpis(found: Gain, basis: Basis, from_ms: int, to_ms: int) -> list[dict[str, Any]]:
    """Utilization, uptime and OEE of the plant and of each line, in both plants, as the KPI code has them."""
    groups = [(None, list(found.accounts)), *by_line([one for one, _ in found.machines]).items()]
    rows = []
    for line, names in groups:
        row: dict[str, Any] = {"line": line}
        for plant, which in PLANTS:
            added = total(found.accounts[name][which] for name in names)
            said = numbers(added, basis.choices, from_ms, to_ms)
            row[plant] = {
                **{key: getattr(said, key) for key in KPIS},
                "planned_s": said.planned_ms / 1_000,
                "observed_s": said.observed_ms / 1_000,
                "running_s": said.running_ms / 1_000,
            }
        rows.append(row)
    return rows


def paper(found: Gain, habits: Habits) -> dict[str, Any]:
    """Utilization as a log by hand has it, as measured, and as it truly was."""
    split = found.split
    answer: dict[str, Any] = {
        "logged_from_s": habits.logged_from_ms / 1_000,
        "rounded_to_s": habits.rounded_to_ms / 1_000,
        "reason_share": habits.reason_share,
    }
    for plant, which in PLANTS:
        log, observed = found.logs[which], split.common_ms
        told = split.told_ms[which]
        answer[plant] = {
            "observed_s": observed / 1_000,
            "believed": share(log.believed_ms(observed), observed),
            "measured": share(split.running_ms[which], observed),
            "true": share(split.running_true_ms[which], told),
            "stops": log.stops,
            "missed": log.missed,
            "stopped_s": log.stopped_ms / 1_000,
            "missed_s": log.missed_ms / 1_000,
            "reasoned": log.reasoned,
        }
    return answer


def pair_counts(pairs: Sequence[Pair]) -> dict[str, Any]:
    """How many stops have a pair, and what those add up to."""
    paired = gained_ms = going_on = only_monitored = only_twin = told = 0
    noticed_ms = [0, 0]
    for pair in pairs:
        if pair.monitored is None or pair.twin is None:
            only_monitored += pair.twin is None
            only_twin += pair.monitored is None
            continue
        gained = pair.gained_ms
        if gained is None:
            going_on += 1
            continue
        paired += 1
        gained_ms += gained
        mine, other = _noticed(pair.monitored), _noticed(pair.twin)
        # What clears by itself, or stops before somebody's eyes in both plants, needs no call.
        if mine is not None and other is not None and (mine or other):
            told += 1
            noticed_ms[MONITORED] += mine
            noticed_ms[TWIN] += other
    return {
        "paired": paired,
        "gained_s": gained_ms / 1_000,
        "noticed_s": {plant: noticed_ms[which] / told / 1_000 for plant, which in PLANTS} if told else None,
        "only_monitored": only_monitored,
        "only_twin": only_twin,
        "going_on": going_on,
    }


def pairs(found: Sequence[Pair], limit: int) -> list[dict[str, Any]]:
    """The stops whose lengths differ most, and after them those without a pair or not over, longest first.

    Args:
        found: All of them.
        limit: So many of either sort at most.
    """
    both = [
        (-abs(gained), place) for place, pair in enumerate(found) if (gained := pair.gained_ms) is not None
    ]
    alone = [(-_longest(pair), place) for place, pair in enumerate(found) if pair.gained_ms is None]
    chosen = [found[place] for sort in (both, alone) for _, place in nsmallest(limit, sort)]
    return [
        {
            "machine": pair.machine,
            "cause": pair.cause,
            "number": pair.number,
            "what": None if pair.what is None else str(pair.what),
            "gained_s": None if pair.gained_ms is None else pair.gained_ms / 1_000,
            **_seen("monitored", pair.monitored),
            **_seen("twin", pair.twin),
        }
        for pair in chosen
    ]


def _longest(pair: Pair) -> int:
    return max(one.lasts_ms for one in (pair.monitored, pair.twin) if one is not None)


def _noticed(one: Seen | None) -> int | None:
    return None if one is None or one.noticed_ms is None else one.noticed_ms - one.start_ms


def _seen(plant: str, one: Seen | None) -> dict[str, Any]:
    noticed = _noticed(one)
    return {
        f"{plant}_start": None if one is None else to_text(one.start_ms),
        f"{plant}_noticed_s": None if noticed is None else noticed / 1_000,
        f"{plant}_s": None if one is None else one.lasts_ms / 1_000,
        f"{plant}_over": None if one is None else one.over,
    }


def holes(found: Sequence[Hole]) -> list[dict[str, Any]]:
    """Time without an office, and an estimate of what it cost."""
    return [
        {
            "from": to_text(one.without.from_ms),
            "to": to_text(one.without.to_ms),
            "over": one.without.over,
            "lasts_s": one.without.lasts_ms / 1_000,
            "missed": one.without.missed,
            "gained_s": one.without.gained_ms / 1_000,
            "stops": one.stops,
            "noticed_s": None if one.noticed_ms is None else one.noticed_ms / 1_000,
            "usual_s": None if one.usual_ms is None else one.usual_ms / 1_000,
            "cost_s": None if one.cost_ms is None else one.cost_ms / 1_000,
        }
        for one in found
    ]


def segment_row(one: Segment) -> dict[str, Any]:
    """A segment of the run."""
    return {
        "number": one.number,
        "label": one.label,
        "from": to_text(one.from_ms),
        "to": to_text(one.to_ms),
        "values": dict(one.values),
    }


def replicas_of(study: Study | None, segment: Segment) -> Replicas | None:
    """What a study of pairs says, for whoever looks at a segment; None before there is one."""
    if study is None:
        return None
    otherwise = [
        key
        for key, value in segment.values.items()
        if key in study.assumptions and study.assumptions[key] != value
    ]
    return Replicas(
        pairs=study.pairs,
        hours=study.hours,
        confidence=study.confidence,
        lines=tuple(
            Expected(
                line=one.line,
                mean=one.gain.mean,
                low=one.gain.low,
                high=one.gain.high,
                of=one.twin.mean,
            )
            for one in sorted(study.lines, key=lambda one: place_of_line(one.line))
        ),
        running=_running(study.phase_hours.get(CYCLE)),
        otherwise=tuple(otherwise),
    )


def _running(saved: Mean | None) -> Expected | None:
    """Running hours gained: hours in the cycle, of which those saved are the fewer."""
    if saved is None:
        return None
    low, high = (None if end is None else -end for end in (saved.high, saved.low))
    return Expected(line="", mean=-saved.mean, low=low, high=high)


def replica_rows(replicas: Replicas | None) -> dict[str, Any] | None:
    """The same for a page."""
    if replicas is None:
        return None
    return {
        "pairs": replicas.pairs,
        "sure_pairs": SURE_PAIRS,
        "hours": replicas.hours,
        "confidence": replicas.confidence,
        "otherwise": list(replicas.otherwise),
        "running": None
        if replicas.running is None
        else {
            "mean_s": replicas.running.mean * HOUR_S,
            "low_s": None if replicas.running.low is None else replicas.running.low * HOUR_S,
            "high_s": None if replicas.running.high is None else replicas.running.high * HOUR_S,
            "verdict": replicas.verdict(replicas.running),
        },
        "lines": [
            {
                "line": one.line,
                "mean": one.mean,
                "low": one.low,
                "high": one.high,
                "share": one.share,
                "verdict": replicas.verdict(one),
            }
            for one in replicas.lines
        ],
    }
