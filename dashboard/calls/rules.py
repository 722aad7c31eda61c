"""The settings of the rules that call for a person, in one TOML file: for all machines or for some."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, cast

from dashboard.calls.webhook import Webhook, webhook_of
from dashboard.settings import fields_of, text_of
from protocol.sentences import RefusalError

DEFAULT_FILE = Path(__file__).parent.with_suffix(".toml")
"""The settings of the demo."""
LONGEST_S = 7 * 86_400
MOST = 1_000
HIGHEST_SHARE = 10.0
MOST_MOMENTS = 18
"""In a row: three hours."""
WHOLE = {"count": (2, MOST), "parts": (2, MOST), "falls_to": (0, MOST), "moments": (1, MOST_MOMENTS)}
"""Settings that are whole numbers, with the least and the most."""
NARROWER = ("kind", "line", "machine")
"""For whom something else may be set, the last word last."""
WEBHOOK = "webhook"
"""The section that is no rule."""


class CallsError(RefusalError):
    """Raised when the settings cannot be understood; says which key, which value and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What all rules have in common."""

    on: bool = True
    """Whether it raises calls."""
    quiet_ms: int = 60_000
    """After a call is closed, how long the machine is left alone by this rule, in milliseconds."""
    escalate_ms: int = 900_000
    """How long nobody need acknowledge before a call is escalated, in milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(Rule):
    """Stopped for longer than x."""

    after_ms: int = 120_000
    """How long it must be down or stopped, in milliseconds."""
    idle_ms: int | None = None
    """How long it must be idle, in milliseconds; None for never."""
    setup_ms: int | None = None
    """How long it must be in setup, in milliseconds; None for never."""
    clear_ms: int = 10_000
    """How long it must run for the stop to be over, in milliseconds; it is over from when it ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MicroStops(Rule):
    """Micro-stops that repeat."""

    count: int = 6
    """How many."""
    within_ms: int = 1_800_000
    """Within what time, in milliseconds."""
    shorter_ms: int = 120_000
    """A stop of this length is no micro-stop, in milliseconds."""
    falls_to: int = 2
    """The call is closed once no more than so many lie within the time."""
    quiet_ms: int = 1_800_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowCycle(Rule):
    """Cycles that are slower than they could be."""

    parts: int = 20
    """How many parts are judged together, the last ones."""
    above: float = 0.25
    """By what share of the ideal cycle they must be slower."""
    clear: float = 0.15
    """By what share they may be slower for the call to be closed."""
    quiet_ms: int = 1_800_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NoData(Rule):
    """Nothing is known of what it does."""

    after_ms: int = 300_000
    """For how long, in milliseconds."""
    clear_ms: int = 10_000
    """For how long it must be known again, in milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend(Rule):
    """A signal that is going to leave its normal range."""

    horizon_ms: int = 86_400_000
    """How far ahead its end is looked for, in milliseconds."""
    units: tuple[str, ...] = ("mm/s",)
    """Signals in these units are looked at, of those with a normal range."""
    moments: int = 3
    """The call is closed once nothing is foreseen at so many moments in a row, each after some running."""
    quiet_ms: int = 14_400_000
    escalate_ms: int = 14_400_000


TREND = "trend"
"""The rule that looks ahead."""
OF_NAME: dict[str, type[Rule]] = {
    "stopped": Stopped,
    "micro-stops": MicroStops,
    "slow-cycle": SlowCycle,
    "no-data": NoData,
    TREND: Trend,
}
"""Each rule by the name that calls have it by, and its section in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesOfOne:
    """The rules that hold for one machine."""

    stopped: Stopped = field(default_factory=Stopped)
    micro_stops: MicroStops = field(default_factory=MicroStops)
    slow_cycle: SlowCycle = field(default_factory=SlowCycle)
    no_data: NoData = field(default_factory=NoData)
    trend: Trend = field(default_factory=Trend)

    def named(self, name: str) -> Rule:
        """The rule of a name."""
        return cast("Rule", getattr(self, name.replace("-", "_")))


Sections = Mapping[str, Mapping[str, Any]]
"""What is set otherwise, by rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRules:
    """The rules of every machine."""

    site: Sections = field(default_factory=dict)
    """What is set for all machines."""
    narrower: Mapping[str, Mapping[str, Sections]] = field(default_factory=dict)
    """What is set for those of a kind, in a line, or for one, by the word and then by the name."""
    webhook: Webhook = field(default_factory=Webhook)
    """Where else calls are delivered to."""

    @classmethod
    def of(cls, text: str, source: str = "calls.toml") -> "CallRules":
        r"""The settings in the text of a TOML file.

        >>> rules = CallRules.of('[stopped]\nafter_s = 60\n[machine."saw-1".stopped]\nafter_s = 20')
        >>> [rules.rules("cutting", name, "saw").stopped.after_ms for name in ("saw-1", "saw-2")]
        [20000, 60000]

        Raises:
            CallsError: Names the file, the key, the value and what is allowed.
        """
        given = fields_of(text, source, CallsError)
        site = {key: value for key, value in given.items() if key not in (*NARROWER, WEBHOOK)}
        rules = cls(
            site=_sections(site, source, (*OF_NAME, *NARROWER, WEBHOOK)),
            narrower={word: _named(given.get(word, {}), word, source) for word in NARROWER},
            webhook=webhook_of(given.get(WEBHOOK, {}), source, rules=tuple(OF_NAME), refusal=CallsError),
        )
        _check(rules, source)
        return rules

    @classmethod
    def read(cls, file: Path = DEFAULT_FILE) -> "CallRules":
        """The settings in a TOML file.

        Raises:
            CallsError: Names the file, the key, the value and what is allowed.
        """
        return cls.of(text_of(file, CallsError), file.name)

    def rules(self, path: str, machine: str, kind: str) -> RulesOfOne:
        """What holds for a machine: its own setting, else its line's, else its kind's, else the site's.

        Args:
            path: Location of the machine, `north/machining`; of its levels the innermost comes first.
            machine: Name of the machine.
            kind: Sort of machine; `""` if it never said.
        """
        levels = path.split("/")
        places = [name for depth, level in enumerate(levels, 1) for name in (level, "/".join(levels[:depth]))]
        layers = [
            self.site,
            self._of("kind", kind),
            *(self._of("line", place) for place in places),
            self._of("machine", machine),
        ]
        made = {}
        for name, sort in OF_NAME.items():
            found: dict[str, Any] = {}
            for layer in layers:
                found.update(layer.get(name, {}))
            made[name.replace("-", "_")] = replace(sort(), **found) if found else sort()
        return RulesOfOne(**cast("Any", made))

    def _of(self, word: str, name: str) -> Sections:
        return self.narrower.get(word, {}).get(name, {})


def _named(given: object, word: str, source: str) -> dict[str, Sections]:
    if not isinstance(given, dict) or not all(isinstance(one, dict) for one in given.values()):
        raise CallsError(
            f'{source}: key {word!r}: allowed is [{word}."name".stopped] with settings of its own'
        )
    return {name: _sections(one, f'{source}: {word} "{name}"', tuple(OF_NAME)) for name, one in given.items()}


def _sections(given: Mapping[str, Any], where: str, allowed: tuple[str, ...]) -> Sections:
    found: dict[str, dict[str, Any]] = {}
    for name, section in given.items():
        if name not in OF_NAME:
            raise CallsError(f"{where}: unknown rule {name!r}: allowed are {', '.join(allowed)}")
        if not isinstance(section, dict):
            raise CallsError(f"{where}: key {name!r}: {section!r} is no section: allowed is [{name}]")
        found[name] = _values(section, f"{where}: [{name}]", OF_NAME[name])
    return found


def _values(given: Mapping[str, Any], where: str, sort: type[Rule]) -> dict[str, Any]:
    known = {_key(one.name): one.name for one in fields(sort)}
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known:
            raise CallsError(f"{where}: unknown key {key!r}: allowed are {', '.join(known)}")
        found[known[key]] = _value(known[key], key, value, where)
    return found


def _value(name: str, key: str, value: object, where: str) -> Any:
    if name == "on":
        if not isinstance(value, bool):
            raise CallsError(
                f"{where}: key {key!r}: {value!r} is none of its values: allowed are true and false"
            )
        return value
    if name in {"idle_ms", "setup_ms"} and value is False:
        return None
    if name == "units":
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise CallsError(
                f'{where}: key {key!r}: {value!r} is none of its values: allowed is a list like ["mm/s"]'
            )
        return tuple(value)
    if name in WHOLE:
        least, most = WHOLE[name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise CallsError(
                f"{where}: key {key!r}: {value!r} is none of its values: "
                f"allowed is a whole number from {least} to {most:,}"
            )
        return value
    if name in {"above", "clear"}:
        return _number(value, where, key, least=0.0, most=HIGHEST_SHARE, what="a share of the ideal cycle")
    least_s = 0.0 if name in {"quiet_ms", "clear_ms"} else 1.0
    what = "false or seconds" if name in {"idle_ms", "setup_ms"} else "seconds"
    return round(_number(value, where, key, least=least_s, most=LONGEST_S, what=what) * 1_000)


def _number(value: object, where: str, key: str, *, least: float, most: float, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise CallsError(
            f"{where}: key {key!r}: {value!r} is none of its values: "
            f"allowed is {what} from {least:,.0f} to {most:,.0f}"
        )
    return float(value)


def _check(rules: CallRules, source: str) -> None:
    """See that what closes a call is less than what raises it, wherever either is set."""
    named = [("", "", "")]
    named += [("", "", name) for name in rules.narrower.get("kind", {})]
    named += [(name, "", "") for name in rules.narrower.get("line", {})]
    named += [("", name, "") for name in rules.narrower.get("machine", {})]
    for place in named:
        found = rules.rules(*place)
        slow, micro = found.slow_cycle, found.micro_stops
        if slow.clear > slow.above:
            raise CallsError(
                f"{source}: [slow-cycle]: key 'clear': {slow.clear:g} is above 'above', {slow.above:g}: "
                "allowed is up to that"
            )
        if micro.falls_to >= micro.count:
            raise CallsError(
                f"{source}: [micro-stops]: key 'falls_to': {micro.falls_to} is not below 'count', "
                f"{micro.count}: allowed is less than that"
            )


def _key(name: str) -> str:
    return name.removesuffix("_ms") + "_s" if name.endswith("_ms") else name
