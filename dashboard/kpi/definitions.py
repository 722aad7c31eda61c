"""What every number is called, what it means, by which standard, and what it is made of.

The one place of definitions: README, pages, the API and the tests read them from here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from dashboard.kpi import formulas, iso22400, semi
from dashboard.kpi.account import Account
from dashboard.kpi.choices import Choices
from dashboard.kpi.pieces import Use
from protocol.states import State

Value = Callable[[Account, Choices], float | None]
Unit = Literal["share", "ms", "parts", "count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One thing that is added up above or below the line."""

    label: str
    """What it is, `running`."""
    unit: Unit
    """What it counts."""
    value: Callable[[Account, Choices], float]
    """How much of it an account has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another definition that goes by nearly the same name."""

    name: str
    """Its name, `total utilization`."""
    standard: str
    """Whose it is, `SEMI E10`."""
    formula: str
    """What it divides by what."""
    value: Value
    """The same account by that definition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One number."""

    key: str
    """Its key in the API."""
    word: str
    """What it is called on the page."""
    question: str
    """The question that it answers."""
    formula: str
    """What is divided by what, with the recommended choices."""
    unit: Unit
    """What it counts."""
    value: Value
    """The formula."""
    top: tuple[Term, ...]
    """What is added up above the line."""
    bottom: tuple[Term, ...] = ()
    """What is added up below the line; nothing for a number that is not divided."""
    iso: str = "-"
    """Its name in ISO 22400-2."""
    semi: str = "-"
    """Its name in SEMI E10 or E79."""
    vendor: str = "-"
    """Its name at MachineMetrics."""
    source: str = ""
    """Where the definition comes from."""
    note: str = ""
    """What else has to be known, in a sentence."""
    neighbours: tuple[Neighbour, ...] = ()
    """Definitions that it is easily taken for."""


def _state(*states: State) -> tuple[Term, ...]:
    return tuple(Term(label=str(state), unit="ms", value=_in_state(state)) for state in states)


def _in_state(state: State) -> Callable[[Account, Choices], float]:
    return lambda account, _choices: account[state]


def _field(label: str, name: str, unit: Unit) -> Term:
    return Term(label=label, unit=unit, value=lambda a, _c: a[name])


_OBSERVED = (Term(label="observed", unit="ms", value=formulas.load),)
_RUNNING = (Term(label="running", unit="ms", value=formulas.productive),)
_PLANNED = (Term(label="planned", unit="ms", value=lambda a, _c: a.planned_ms),)


def _times(*factors: Value) -> Callable[[Account, Choices], float]:
    """Their product; 0 where one of them is undefined."""

    def value(account: Account, choices: Choices) -> float:
        found = 1.0
        for factor in factors:
            found *= factor(account, choices) or 0.0
        return found

    return value


def _of_judged(value: Callable[[Account, Choices], float]) -> Callable[[Account, Choices], float]:
    """The same of those machines alone that count parts and rejects and know their ideal cycle."""
    return lambda account, choices: value(account.of_judged(), choices)


_IDEAL_PARTS = Term(
    label="ideal cycle × parts", unit="ms", value=lambda a, _c: a.of_paced()["ideal_run_us"] / 1_000
)
_PACED_RUNNING = Term(label="running", unit="ms", value=lambda a, c: formulas.productive(a.of_paced(), c))
_JUDGED_OBSERVED = Term(label="observed", unit="ms", value=_of_judged(formulas.load))
_JUDGED_CALENDAR = Term(label="calendar", unit="ms", value=lambda a, _c: a.of_judged().calendar_ms)
_IDEAL_GOOD = Term(
    # Where parts were counted across unknown time, the good ones of those made in known time.
    label="ideal cycle × good",
    unit="ms",
    value=_times(lambda a, _c: a.of_judged()["ideal_run_us"] / 1_000, lambda a, _c: formulas.quality(a)),
)
_NET_GOOD = Term(
    label="(running + setup) × performance × quality",
    unit="ms",
    value=_times(
        _of_judged(lambda a, c: formulas.productive(a, c) + a[Use.SETUP]),
        lambda a, c: formulas.performance(a.of_judged(), c),
        lambda a, _c: formulas.quality(a),
    ),
)
_OEE_PLANNED = Term(
    label="OEE × planned", unit="ms", value=_times(formulas.oee, lambda a, _c: a.of_judged().planned_ms)
)


def _counting(account: Account) -> Account:
    """Those machines that count parts and know their ideal cycle; all where none does."""
    return account.of_paced() if account.paced.any() else account


_CYCLING = Term(label="running", unit="ms", value=lambda a, _c: _counting(a)[State.RUNNING])
_CYCLES = Term(
    label="parts in known time",
    unit="parts",
    value=lambda a, _c: _counting(a)["parts"] - _counting(a)["silent_parts"],
)


def _quality_term(label: str, ideal: str, plain: Callable[[Account], int]) -> Term:
    """Parts weighted by ideal cycle, or as they are where no machine has one."""

    def value(account: Account, _choices: Choices) -> float:
        judged = account.of_judged()
        return judged[ideal] / 1_000 if judged["ideal_parts_us"] else plain(account)

    return Term(label=label, unit="ms", value=value)


def _ratio(part: Callable[[Account], float], whole: Callable[[Account], float]) -> Value:
    def value(account: Account, _choices: Choices) -> float | None:
        below = whole(account)
        return part(account) / below if below else None

    return value


def _shift_ms(account: Account) -> int:
    """Time in shifts that is observed, breaks and planned maintenance included."""
    return formulas.observed(account) + account[Use.BREAK] + account[Use.MAINTENANCE]


_ISO = "ISO 22400-2"
_SEMI = "SEMI E10"
_MM = "MachineMetrics"

_UTILIZATION_NEIGHBOURS = (
    Neighbour(
        name="of calendar time", standard="-", formula="running / calendar",
        value=_ratio(lambda a: a[State.RUNNING], lambda a: a.calendar_ms),
    ),
    Neighbour(
        name="of planned time, silence counted as not running", standard="-", formula="running / planned",
        value=_ratio(lambda a: a[State.RUNNING], lambda a: a.planned_ms),
    ),
    Neighbour(
        name="availability", standard=_ISO, formula="APT / PBT",
        value=lambda a, _c: iso22400.availability(iso22400.elements_of(a)),
    ),
    Neighbour(
        name="utilization efficiency", standard=_ISO, formula="APT / AUBT: running / (observed - idle)",
        value=lambda a, _c: iso22400.utilization_efficiency(iso22400.elements_of(a)),
    ),
    Neighbour(
        name="technical efficiency", standard=_ISO, formula="APT / (APT + ADET)",
        value=lambda a, _c: iso22400.technical_efficiency(iso22400.elements_of(a)),
    ),
    Neighbour(
        name="operational utilization", standard=_SEMI, formula="PRD / operations time",
        value=lambda a, _c: semi.operational_utilization(semi.equipment_time(a)),
    ),
    Neighbour(
        name="total utilization", standard=_SEMI, formula="PRD / total time",
        value=lambda a, _c: semi.total_utilization(semi.equipment_time(a)),
    ),
    Neighbour(
        name="availability", standard=_MM, formula="in-cycle / scheduled, breaks counted as lost",
        value=_ratio(lambda a: a[State.RUNNING], _shift_ms),
    ),
)  # fmt: skip

_UPTIME_NEIGHBOURS = (
    Neighbour(
        name="of calendar time", standard="-", formula="(running + idle) / calendar",
        value=_ratio(lambda a: a[State.RUNNING] + a[State.IDLE], lambda a: a.calendar_ms),
    ),
    Neighbour(
        name="operational uptime", standard=_SEMI, formula="(PRD + SBY + ENG) / operations time",
        value=lambda a, _c: semi.operational_uptime(semi.equipment_time(a)),
    ),
    Neighbour(
        name="total uptime", standard=_SEMI, formula="(PRD + SBY + ENG) / total time",
        value=lambda a, _c: semi.total_uptime(semi.equipment_time(a)),
    ),
    Neighbour(
        name="availability, standby counted as lost", standard=_ISO, formula="APT / PBT",
        value=lambda a, _c: iso22400.availability(iso22400.elements_of(a)),
    ),
    Neighbour(
        name="availability", standard=_MM, formula="in-cycle / scheduled, breaks counted as lost",
        value=_ratio(lambda a: a[State.RUNNING], _shift_ms),
    ),
)  # fmt: skip

_OEE_NEIGHBOURS = (
    Neighbour(
        name="NEE index", standard=_ISO, formula="(running + setup) / observed × performance × quality",
        value=formulas.nee,
    ),
    Neighbour(
        name="OOE, breaks and planned maintenance counted as lost", standard=_MM,
        formula="ideal cycle × good / time in shifts",
        value=_ratio(lambda a: a.of_judged()["ideal_good_us"] / 1_000, lambda a: _shift_ms(a.of_judged())),
    ),
    Neighbour(
        name="TEEP", standard=_MM, formula="OEE × planned / calendar", value=formulas.teep,
    ),
)  # fmt: skip

_ALL = (
    Definition(
        key="planned_s", word="planned", question="When was production intended?",
        formula="shifts - breaks - planned maintenance", unit="ms",
        value=lambda a, _c: a.planned_ms, top=_PLANNED,
        iso="planned busy time, PBT", semi="operations time less scheduled down time",
        vendor="scheduled time", source="[ISO-OWL]", note="From the calendar file alone.",
    ),
    Definition(
        key="observed_s", word="observed", question="Of how much of it is the state known?",
        formula="planned - unknown", unit="ms",
        value=formulas.observed, top=_PLANNED,
        note="Silence is unknown, never down.", source="[LINC-122]",
    ),
    Definition(
        key="coverage", word="coverage", question="How much was seen?",
        formula="observed / planned", unit="share",
        value=lambda a, _c: formulas.coverage(a),
        top=(Term(label="observed", unit="ms", value=lambda a, _c: a.planned_ms - a[State.UNKNOWN]),),
        bottom=_PLANNED, source="[SAP-AV]",
        note="The bounds of a number say what it would be if all unknown time had been bad, or good.",
    ),
    Definition(
        key="utilization", word="utilization", question="Did it run?",
        formula="running / observed", unit="share",
        value=formulas.utilization, top=_RUNNING, bottom=_OBSERVED,
        iso="availability, APT / PBT", semi="operational utilization", vendor="utilization, in-cycle",
        source="[ISO-OWL], [MM-UTIL]", neighbours=_UTILIZATION_NEIGHBOURS,
    ),
    Definition(
        key="uptime", word="uptime", question="Could it run?",
        formula="(running + idle) / observed", unit="share",
        value=formulas.uptime, top=_state(State.RUNNING, State.IDLE), bottom=_OBSERVED,
        semi="operational uptime", source="[OPC-MV]", neighbours=_UPTIME_NEIGHBOURS,
        note="Undefined where power alone cannot tell idle from down; its bounds are given.",
    ),
    Definition(
        key="performance", word="performance", question="How fast did it run?",
        formula="ideal cycle × parts / running", unit="share",
        value=formulas.performance, top=(_IDEAL_PARTS,), bottom=(_PACED_RUNNING,),
        iso="effectiveness, PRU × PQ / APT", semi="rate efficiency", vendor="performance",
        source="[ISO-OWL]",
        note="Above 100 % the ideal cycle is wrong: shown and flagged, never capped silently. "
        "Parts counted across unknown time are left out.",
    ),
    Definition(
        key="quality", word="quality", question="How much of it was good?",
        formula="good / parts, in a group weighted by ideal cycle", unit="share",
        value=lambda a, _c: formulas.quality(a),
        top=(_quality_term("ideal cycle × good", "ideal_good_us", lambda a: a["parts"] - a["rejects"]),),
        bottom=(_quality_term("ideal cycle × parts", "ideal_parts_us", lambda a: a["parts"]),),
        iso="quality ratio, GQ / PQ", semi="quality efficiency", vendor="quality", source="[ISO-OWL]",
    ),
    Definition(
        key="oee", word="OEE", question="How much of the time made good parts at the ideal pace?",
        formula="utilization × performance × quality", unit="share",
        value=formulas.oee, top=(_IDEAL_GOOD,), bottom=(_JUDGED_OBSERVED,),
        iso="OEE index", semi="OEE, there of total time", vendor="OEE", source="[ISO-OWL]",
        neighbours=_OEE_NEIGHBOURS,
        note="The same as ideal cycle × good / observed where no parts were counted across unknown time. "
        "In a group, of its machines that count parts and rejects and know their ideal cycle.",
    ),
    Definition(
        key="nee", word="NEE", question="And if setup were no loss?",
        formula="(running + setup) / observed × performance × quality", unit="share",
        value=formulas.nee, top=(_NET_GOOD,), bottom=(_JUDGED_OBSERVED,),
        iso="NEE index", source="[ISO-OWL]",
    ),
    Definition(
        key="teep", word="TEEP", question="And of all the hours there are?",
        formula="OEE × planned / calendar", unit="share",
        value=formulas.teep, top=(_OEE_PLANNED,),
        bottom=(_JUDGED_CALENDAR,), vendor="TEEP", source="[MM-OOE], [OEE-PY]",
    ),
    Definition(
        key="mtbf_s", word="MTBF", question="How long does it run between failures?",
        formula="(running + setup) / failures", unit="ms",
        value=lambda a, _c: formulas.mtbf_ms(a), top=_state(State.RUNNING, State.SETUP),
        bottom=(_field("failures", "failures", "count"),), iso="mean operating time between failures",
        semi="MTBF", source="[ISO-OWL]", note="Undefined without a failure.",
    ),
    Definition(
        key="mttr_s", word="MTTR", question="How long until it runs again?",
        formula="down / failures", unit="ms",
        value=lambda a, _c: formulas.mttr_ms(a), top=_state(State.DOWN),
        bottom=(_field("failures", "failures", "count"),), iso="mean time to restoration", semi="MTTR",
        source="[ISO-OWL]", note="Undefined without a failure.",
    ),
    Definition(
        key="failures", word="failures", question="How often did it break down?",
        formula="unbroken stretches of planned down time that begin in the window", unit="count",
        value=lambda a, _c: a["failures"], top=(_field("failures", "failures", "count"),),
    ),
    Definition(
        key="stops", word="stops", question="How often did it stop?",
        formula="unbroken stretches of planned, known time without running that begin in the window",
        unit="count", value=lambda a, _c: a["stops"], top=(_field("stops", "stops", "count"),),
    ),
    Definition(
        key="micro_stops", word="micro-stops", question="How often did it stop for a moment?",
        formula="stops shorter than micro_stop_s, with running before and after", unit="count",
        value=lambda a, _c: a["micro_stops"], top=(_field("micro-stops", "micro_stops", "count"),),
        vendor="microstops", source="[MM-DOWN]",
    ),
    Definition(
        key="parts", word="parts", question="How many did it make?",
        formula="what the parts counters rose by in planned time, rejects included", unit="parts",
        value=lambda a, _c: a["parts"] if a.counts_parts else None,
        top=(_field("parts", "parts", "parts"),), iso="produced quantity, PQ", source="[ISO-OWL]",
        note="Added over machines: a part that passes three machines counts three times.",
    ),
    Definition(
        key="good", word="good parts", question="How many of them were good?",
        formula="parts - rejects", unit="parts",
        value=lambda a, _c: a["parts"] - a["rejects"] if a.counts_parts and a.counts_rejects else None,
        top=(_field("parts", "parts", "parts"), Term(label="less rejects", unit="parts",
             value=lambda a, _c: -a["rejects"])),
        iso="good quantity, GQ", source="[ISO-OWL]", note="Undefined where rejects are not counted.",
    ),
    Definition(
        key="cycle_s", word="cycle time", question="How long does a part take while it runs?",
        formula="running / parts", unit="ms",
        value=lambda a, _c: formulas.cycle_ms(a), top=(_CYCLING,), bottom=(_CYCLES,),
        iso="actual production time per part",
    ),
    Definition(
        key="target_parts", word="planned parts", question="How many parts would the plan allow?",
        formula="planned / ideal cycle", unit="parts",
        value=lambda a, _c: a.target_parts, top=_PLANNED,
        note="Parts at the ideal pace in all planned time: what actual parts are held against.",
    ),
)  # fmt: skip

DEFINITIONS: dict[str, Definition] = {definition.key: definition for definition in _ALL}
"""Every number by its key in the API."""
