"""One machine of the fleet: a few lines of TOML over the settings of its kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol.messages import Birth, Signal
from protocol.moments import from_ms
from protocol.states import State
from protocol.topics import MAX_LOCATION_LEVELS
from simulator.specs.kind import RETROFIT_SIGNALS, Kind, kind_of
from simulator.specs.sensor import STATES, Sensor
from simulator.specs.settings import ALLOWED_NAME, NAME, Section, SpecError, file_stem, parse_toml, read_text

__all__ = ["MachineSpec", "SpecError", "birth_of", "load_machine", "parse_machine"]

OWN_KEYS = ("kind", "line", "name", "controller", "after", "buffer_parts", "container_parts")
"""The keys of a machine's file that are not settings of its kind."""
EITHER_OR = (
    (frozenset({"mean_s", "cv"}), frozenset({"median_s", "sigma"})),
    (frozenset({"every_h", "shape", "life", "life_cv"}), frozenset({"every_parts"})),
    (frozenset({"life"}), frozenset({"shape", "life_cv"})),
    (frozenset({"length"}), frozenset({"cv", "median_s", "sigma", "length_shape"})),
)
"""Two ways to say the same: a machine that uses one of them does away with its kind's other."""
WHOLE = ("causes", "answer")
"""Tables that a machine replaces whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Where a machine gets its parts from."""

    after: str
    """The machine before it."""
    buffer_parts: int
    """So many parts find room between the two; 0 couples them rigidly."""
    container_parts: int
    """So many parts move at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSpec:
    """What the file of a machine says."""

    name: str
    """Name of the machine, as in its file's name."""
    location: tuple[str, ...]
    """Where it stands, from the largest to the smallest; the last is the line."""
    kind: str
    """Name of its kind."""
    settings: Kind
    """The kind with the machine's own settings laid over."""
    controller: bool
    """True when its control reports states and parts, false for a retrofit."""
    text: str
    """The TOML text it came from."""
    feed: Feed | None = None
    """Where its parts come from; None for material without end."""
    brief: bool = False
    """True when it sends nothing but what its state and its parts are known by."""

    @property
    def sensors(self) -> tuple[Sensor, ...]:
        """The sensors whose readings it sends."""
        sensors = self.settings.sensors
        if self.brief:
            telling = "" if self.controller else self.settings.threshold.signal
            return tuple(sensor for sensor in sensors if sensor.name == telling)
        return (
            sensors
            if self.controller
            else tuple(sensor for sensor in sensors if sensor.name in RETROFIT_SIGNALS)
        )


def load_machine(file: Path, kinds: Mapping[str, Kind]) -> MachineSpec:
    """The machine in a file.

    Raises:
        SpecError: The file cannot be read, or is wrong.
    """
    return parse_machine(read_text(file), file.name, kinds)


def parse_machine(text: str, source: str, kinds: Mapping[str, Kind]) -> MachineSpec:
    """The machine in a TOML text.

    Args:
        text: The TOML text.
        source: Name of the file, `mill-7.toml`; its stem is the machine's name.
        kinds: The kinds by name.

    Raises:
        SpecError: Names file, key, value and what is allowed.
    """
    settings = parse_toml(text, source)
    own = Section({key: settings[key] for key in OWN_KEYS if key in settings}, source=source)
    name = _name(own, Path(source))
    kind = own.text("kind")
    if kind not in kinds:
        raise own.refusal("kind", f"one of {', '.join(sorted(kinds))}")
    location = _location(own)
    if name in location:
        raise own.refusal("line", f"any name but the machine's own, {name!r}")
    overrides = {key: value for key, value in settings.items() if key not in OWN_KEYS}
    laid = kinds[kind]
    if overrides:
        # Machines without settings of their own share those of their kind.
        laid = kind_of(kind, laid_over(laid.settings, overrides), source=source)
    return MachineSpec(
        name=name,
        location=location,
        kind=kind,
        settings=laid,
        controller=own.flag("controller", default=True),
        text=text,
        feed=_feed(own, name, laid),
    )


def laid_over(settings: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a kind with those of a machine over them, table by table."""
    kept = dict(settings)
    for ways in EITHER_OR:
        for way, other in (ways, ways[::-1]):
            if way & overrides.keys():
                kept = {key: value for key, value in kept.items() if key not in other}
    for key, value in overrides.items():
        below = kept.get(key)
        deep = isinstance(value, dict) and isinstance(below, dict) and key not in WHOLE
        kept[key] = laid_over(below, value) if deep and isinstance(below, dict) else value
    return kept


def birth_of(spec: MachineSpec, *, at_ms: int, run: str) -> Birth:
    """What a machine says of itself, existing since `at_ms`."""
    return Birth(
        at=from_ms(at_ms),
        kind=spec.kind,
        run=run,
        simulated=True,
        states="reported" if spec.controller else "sensed",
        tells=STATES if spec.controller else (State.RUNNING, State.STOPPED),
        threshold=None if spec.controller else spec.settings.threshold,
        period_ms=spec.settings.period_ms,
        ideal_cycle_s=spec.settings.ideal_cycle_s if spec.settings.makes_parts else None,
        signals={
            sensor.name: Signal(
                unit=sensor.unit,
                low=sensor.low,
                high=sensor.high,
                title=sensor.title,
                period_ms=_own_period_ms(sensor, spec.settings),
                per="cycle" if sensor.by_cycle else "reading",
            )
            for sensor in spec.sensors
        },
        answer=dict(spec.settings.answer),
        after=spec.feed.after if spec.feed else "",
    )


def _own_period_ms(sensor: Sensor, kind: Kind) -> int | None:
    """How often a sensor is read, where its machine's period does not say it; None at each cycle's end."""
    if sensor.by_cycle:
        return sensor.period_ms or None
    return sensor.period_ms if sensor.period_ms != kind.period_ms else None


def _feed(own: Section, name: str, kind: Kind) -> Feed | None:
    if "after" not in own:
        for key in ("buffer_parts", "container_parts"):
            if key in own:
                raise own.refusal(key, "only beside after, which names the machine before this one")
        return None
    after = own.text("after")
    if not NAME.fullmatch(after) or after == name:
        raise own.refusal("after", f"the name of another machine: {ALLOWED_NAME}")
    if not kind.makes_parts or kind.pattern:
        raise own.refusal("after", "none for a machine that makes no parts or follows a pattern")
    buffer = own.whole("buffer_parts", least=0, most=1_000_000)
    container = own.whole("container_parts", least=1, most=100_000, default=1)
    if buffer and container > buffer:
        raise own.refusal("container_parts", f"up to buffer_parts, {buffer}")
    if not buffer and container > 1:
        raise own.refusal("container_parts", "1 where buffer_parts = 0 couples two machines rigidly")
    return Feed(after=after, buffer_parts=buffer, container_parts=container)


def _name(own: Section, source: Path) -> str:
    name = file_stem(source.name)
    if own.text("name", default=name) != name:
        raise own.refusal("name", f"{name!r}, as the file is called, or no such key")
    return name


def _location(own: Section) -> tuple[str, ...]:
    location = tuple(own.text("line", most=128).split("/"))
    if len(location) > MAX_LOCATION_LEVELS or not all(NAME.fullmatch(level) for level in location):
        raise own.refusal(
            "line", f"{ALLOWED_NAME}; up to {MAX_LOCATION_LEVELS} of them joined by /, the largest first"
        )
    return location
