"""The map of metrics: which device is which machine, which of its metrics is what; the rest is guessed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboard.settings import LARGEST, devices_of, refused, text_of
from dashboard.sparkplug.guesses import NOTHING, PACKML, WORDS, Meaning, guessed, slug
from dashboard.sparkplug.refusal import SparkplugError
from protocol.messages import LONGEST_CYCLE_S, MAX_SIGNALS, MessageError
from protocol.sparkplug.births import RUN
from protocol.sparkplug.payloads import Metric
from protocol.sparkplug.topics import NodeTopic
from protocol.states import REPORTABLE, State
from protocol.topics import MAX_LOCATION_LEVELS, check_name

DEFAULT_FILE = Path(__file__).parents[1] / "sparkplug.toml"
"""The map of the demo: an example that is not in use."""
ANY = "*"
KEYS = (
    "group", "node", "device", "machine", "line", "kind", "period_s", "ideal_cycle_s", "guess",
    "signals", "state", "cause", "parts", "rejects",
)  # fmt: skip
SIGNAL_KEYS = ("metric", "factor", "offset")
STATE_KEYS = ("metric", "words")
LONGEST_PERIOD_S = 86_400.0
PERIOD_MS = 15_000
"""For how long the word of a device is evidence that says itself no more than what changes."""
_UNFIT = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRule:
    """One table of the map."""

    group: str = ANY
    node: str = ANY
    device: str = ANY
    machine: str = ""
    """Name of the machine; empty for that of the device."""
    location: tuple[str, ...] | None = None
    """Where it stands; None for where its edge node says."""
    kind: str = ""
    period_ms: int = PERIOD_MS
    """For how long what it says is evidence, in milliseconds."""
    ideal_cycle_s: float | None = None
    guess: bool = True
    """Whether metrics that the table does not name are guessed."""
    named: Mapping[str, tuple[Meaning, ...]] = field(default_factory=dict)
    """What the metrics are that it names."""

    def is_about(self, topic: NodeTopic) -> bool:
        """Whether a device is its own."""
        said = ((self.group, topic.group), (self.node, topic.node), (self.device, topic.device))
        return all(mine in {ANY, its} for mine, its in said)


class MetricMap:
    """What devices and metrics mean.

    Args:
        rules: The first that is about a device counts.
    """

    def __init__(self, rules: tuple[DeviceRule, ...] = ()) -> None:
        self.rules = rules

    @classmethod
    def read(cls, file: Path = DEFAULT_FILE) -> "MetricMap":
        """The map in a TOML file.

        Raises:
            SparkplugError: Names the file, the key, the value and what is allowed.
        """
        return cls.of(text_of(file, SparkplugError), file.name)

    @classmethod
    def of(cls, text: str, source: str = "sparkplug.toml") -> "MetricMap":
        r"""The map in the text of a TOML file.

        >>> MetricMap.of('[[device]]\ndevice = "Saw"\nmachine = "saw-1"\nparts = "Count"').rules[0].machine
        'saw-1'

        Raises:
            SparkplugError: Names the file, the key, the value and what is allowed.
        """
        tables = devices_of(text, source, SparkplugError)
        return cls(tuple(_rule(one, f"{source}: device {i}") for i, one in enumerate(tables, 1)))

    def rule(self, topic: NodeTopic) -> DeviceRule:
        """What holds for a device."""
        return next((one for one in self.rules if one.is_about(topic)), DeviceRule())

    @staticmethod
    def meanings(rule: DeviceRule, metrics: Iterable[Metric]) -> dict[str, tuple[Meaning, ...]]:
        """What the metrics of a birth are, by name; at most as many signals as a machine may have."""
        found: dict[str, tuple[Meaning, ...]] = {}
        taken: set[str] = {one.signal or one.what for said in rule.named.values() for one in said}
        signals = len(taken)
        for metric in metrics:
            if metric.name in rule.named:
                found[metric.name] = rule.named[metric.name]
                continue
            meaning = guessed(metric) if rule.guess else NOTHING
            if meaning.what == "signal" and meaning.signal in taken:
                # Two of one name in different folders: the folder tells them apart.
                meaning = Meaning(what="signal", signal=slug(metric.name))
            if meaning.what == "nothing" or (meaning.signal or meaning.what) in taken:
                continue
            if meaning.what == "signal":
                if signals >= MAX_SIGNALS:
                    continue
                signals += 1
            taken.add(meaning.signal or meaning.what)
            found[metric.name] = (meaning,)
        return found


def machine_name(rule: DeviceRule, topic: NodeTopic, metrics: Iterable[Metric]) -> str:
    """What the machine is called that a device is.

    Raises:
        MessageError: Its name is none that a machine may have.
    """
    if rule.machine:
        return rule.machine
    # A simulated one has its name already; others are called as they would be in a topic of ours.
    ours = any(one.name == RUN for one in metrics)
    name = topic.device if ours else _UNFIT.sub("-", topic.device.lower()).strip("-")
    return check_name(name, f"the machine's name from {topic.device!r}")


def _rule(table: dict[str, Any], where: str) -> DeviceRule:
    for key, value in table.items():
        if key not in KEYS:
            raise _refusal(where, key, value, f"only {', '.join(KEYS)}")
    texts = {key: _text(table, key, where) for key in ("group", "node", "device", "machine", "line", "kind")}
    if texts["machine"] and (table.get("device", ANY) == ANY or not texts["machine"]):
        raise _refusal(where, "machine", texts["machine"], "a name together with the one device that has it")
    location = texts["line"].split("/") if texts["line"] else None
    if location is not None and len(location) > MAX_LOCATION_LEVELS:
        raise _refusal(where, "line", texts["line"], f"up to {MAX_LOCATION_LEVELS} names joined by /")
    for key, names in (("machine", [texts["machine"]] if texts["machine"] else []), ("line", location or [])):
        for name in names:
            try:
                check_name(name, key)
            except MessageError as error:
                raise _refusal(where, key, name, "a name as in a topic of its own") from error
    guess = table.get("guess", True)
    if not isinstance(guess, bool):
        raise _refusal(where, "guess", guess, "true or false")
    period_s = _number(table, "period_s", PERIOD_MS / 1_000, where, least=0.1, most=LONGEST_PERIOD_S)
    return DeviceRule(
        group=texts["group"] or ANY,
        node=texts["node"] or ANY,
        device=texts["device"] or ANY,
        machine=texts["machine"],
        location=None if location is None else tuple(location),
        kind=texts["kind"],
        period_ms=round(period_s * 1_000),
        ideal_cycle_s=_number(table, "ideal_cycle_s", 0.0, where, least=0.0, most=LONGEST_CYCLE_S) or None,
        guess=guess,
        named=_named(table, where),
    )


def _named(table: dict[str, Any], where: str) -> dict[str, tuple[Meaning, ...]]:
    named: dict[str, tuple[Meaning, ...]] = {}

    def add(metric: Any, key: str, meaning: Meaning) -> None:
        if not isinstance(metric, str) or not metric:
            raise _refusal(where, key, metric, "the name of a metric, as its birth has it")
        named[metric] = (*named.get(metric, ()), meaning)

    signals = table.get("signals", {})
    if not isinstance(signals, dict) or len(signals) > MAX_SIGNALS:
        raise _refusal(where, "signals", signals, f"up to {MAX_SIGNALS} tables by name")
    for name, given in signals.items():
        key = f"signals.{name}"
        if not name.isidentifier() or name.startswith("_"):
            raise _refusal(where, key, given, "letters, digits and _ in its name, as in power_kw")
        part = {"metric": given} if isinstance(given, str) else given
        if not isinstance(part, dict) or not part.keys() <= set(SIGNAL_KEYS):
            raise _refusal(where, key, given, f"a metric, or a table with {', '.join(SIGNAL_KEYS)}")
        factor, offset = (
            _number(part, one, default, where) for one, default in (("factor", 1.0), ("offset", 0.0))
        )
        add(
            part.get("metric"),
            f"{key}.metric",
            Meaning(what="signal", signal=name, factor=factor, offset=offset),
        )
    if "state" in table:
        part, meaning = _state(table["state"], where)
        add(part, "state.metric", meaning)
    for what in ("cause", "parts", "rejects"):
        if what in table:
            add(table[what], what, Meaning(what=what))
    return named


def _state(given: Any, where: str) -> tuple[Any, Meaning]:
    """The metric that says the state, and what it says."""
    part = {"metric": given} if isinstance(given, str) else given
    if not isinstance(part, dict) or not part.keys() <= set(STATE_KEYS):
        raise _refusal(where, "state", given, f"a metric, or a table with {', '.join(STATE_KEYS)}")
    return part.get("metric"), Meaning(what="state", words=_words(part.get("words", {}), where))


def _words(given: Any, where: str) -> dict[str, State]:
    allowed = f"a table from what it says to {', '.join(sorted(REPORTABLE))}"
    if not isinstance(given, dict):
        raise _refusal(where, "state.words", given, allowed)
    for word, state in given.items():
        if not isinstance(state, str) or state not in REPORTABLE:
            raise _refusal(where, f"state.words.{word}", state, allowed)
    return {**WORDS, **PACKML, **{word.lower(): State(state) for word, state in given.items()}}


def _text(table: dict[str, Any], key: str, where: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or not (not value or value.isprintable()):
        raise _refusal(where, key, value, "printable text")
    return value


def _number(
    given: dict[str, Any],
    name: str,
    default: float,
    where: str,
    *,
    least: float = -LARGEST,
    most: float = LARGEST,
) -> float:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise _refusal(where, name, value, f"a number from {least:g} to {most:g}")
    return float(value)


def _refusal(where: str, key: str, value: Any, allowed: str) -> ValueError:
    return refused(SparkplugError, where, key, value, allowed)
