"""The sorts of machine: how each works, stops, and shows it. One TOML file is one kind, and no Python."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol.messages import Threshold
from protocol.states import State
from simulator.phase import STOP_PHASES, Phase
from simulator.specs.flaws import machine_flaws_of
from simulator.specs.pattern import Pattern, pattern_of
from simulator.specs.sensor import DAY_S, Sensor, check_together, lowest_running, sensor_of
from simulator.specs.settings import Section, SpecError, file_stem, parse_toml, read_text
from simulator.streams import median_and_sigma

RETROFIT_SIGNALS = ("power_kw", "vibration_mm_s", "temperature_c")
"""What a retrofit kit measures; every kind has these sensors."""
SHORTEST_S = 0.1
"""More than ten cycles a second are too many to report one by one."""
MARGIN = 6.0
"""So many standard deviations of its noise keep the power of a running machine above the threshold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How long something takes, lognormal."""

    median_ms: float
    """Half of them are shorter, in milliseconds."""
    sigma: float
    """Standard deviation of the logarithm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One sort of stop: how often it comes, and how long it lasts."""

    name: str
    """As in the kind's file, `jam`."""
    phase: Phase
    """What the machine goes through meanwhile."""
    every_ms: float | None
    """Mean running time from one to the next, in milliseconds; None when it is counted in parts."""
    shape: float
    """Weibull shape of that running time: 1 is exponential, more is wear."""
    every_parts: tuple[int, int] | None
    """Fewest and most parts from one to the next; None when it comes by running time."""
    length: Length
    """How long it lasts."""
    causes: tuple[tuple[str, float], ...]
    """What the machine says of it, each with its weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One sort of machine, with all its settings."""

    name: str
    """As in its file's name, `cnc-mill`."""
    title: str
    """In words, `CNC mill`."""
    cycle: Length
    """One cycle."""
    cycle_s: float
    """Mean of one cycle, in seconds."""
    ideal_cycle_s: float
    """Shortest time for one part, in seconds."""
    handling: Length | None
    """From the end of a cycle to the beginning of the next; None when one follows the other at once."""
    handling_cause: str
    """What the machine says meanwhile."""
    makes_parts: bool
    """Whether a cycle ends in a part."""
    scrap: float
    """Share of the parts that are rejected."""
    period_ms: int
    """Sampling period in milliseconds."""
    stops: tuple[Stop, ...]
    """Every sort of stop."""
    sensors: tuple[Sensor, ...]
    """Every sensor, in the order of the page."""
    pattern: Pattern | None
    """What it does over and over; None when it lives by chance."""
    answer: Mapping[str, float]
    """What its KPIs are known to be, by their keys in the API; empty when chance decides."""
    settings: Mapping[str, Any]
    """All of it as it stands in the file, for a machine's own settings to be laid over."""

    @property
    def power(self) -> Sensor:
        """The sensor that tells running from not running."""
        return next(sensor for sensor in self.sensors if sensor.name == "power_kw")

    @property
    def threshold(self) -> Threshold:
        """Where power tells running from not running: mid-gap, a tenth of the gap as hysteresis."""
        stopped = self.power.levels[State.IDLE]
        gap = lowest_running(self.power) - stopped
        return Threshold(
            signal=self.power.name,
            above=round(stopped + 0.55 * gap, 3),
            below=round(stopped + 0.45 * gap, 3),
        )


def load_kinds(folder: Path) -> dict[str, Kind]:
    """All kinds in a folder, by name.

    Raises:
        SpecError: One of them is wrong, or there is none.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise SpecError(f"{folder}: holds no kind: at least one file such as cnc-mill.toml is needed")
    return {
        file.stem: kind_of(file_stem(file.name), parse_toml(read_text(file), file.name), source=file.name)
        for file in files
    }


def kind_of(name: str, settings: Mapping[str, Any], *, source: str) -> Kind:
    """The kind that a table of settings describes.

    Raises:
        SpecError: A key is missing, unknown, or has a value that is not allowed.
    """
    table = Section(settings, source=source)
    cycle_s = table.number("cycle_s", above=0, most=DAY_S)
    handling_s = table.number("handling_s", least=0, most=DAY_S, default=0)
    handling_cv = table.number("handling_cv", least=0, most=3, default=0)
    makes_parts = table.flag("makes_parts", default=True)
    kind = Kind(
        name=name,
        title=table.text("title"),
        cycle=_mean_length(cycle_s, table.number("cycle_cv", least=0, most=3)),
        cycle_s=cycle_s,
        ideal_cycle_s=round(cycle_s * (1 - table.number("speed_loss", least=0, most=0.9)), 3),
        handling=_mean_length(handling_s, handling_cv) if handling_s else None,
        handling_cause=table.text("handling_cause", default="loading"),
        makes_parts=makes_parts,
        scrap=table.number("scrap", least=0, most=1, default=0),
        period_ms=table.whole("period_ms", least=100, most=3_600_000, default=1000),
        stops=tuple(
            _stop(stop, part, makes_parts=makes_parts)
            for stop, part in table.section("stops").sections().items()
        ),
        sensors=_sensors(table, cycle_s + handling_s if makes_parts else None),
        pattern=_pattern(table, cycle_s),
        answer=_answer(table.section("answer")),
        settings=settings,
    )
    table.close()
    if cycle_s + handling_s < SHORTEST_S:
        raise table.refusal("cycle_s", f"at least {SHORTEST_S:g} together with handling_s")
    _check_signals(kind, table)
    check_together(kind.sensors, [stop.name for stop in kind.stops], (), table)
    return kind


def _sensors(table: Section, cycle_s: float | None) -> tuple[Sensor, ...]:
    """The sensors, each by its own table and `[imperfections]`, which holds for all of them."""
    period_ms = table.whole("period_ms", least=100, most=3_600_000, default=1000)
    flaws = machine_flaws_of(table.section("imperfections"))
    return tuple(
        sensor_of(signal, part, period_ms=period_ms, cycle_s=cycle_s, machine=flaws)
        for signal, part in table.section("signals").sections().items()
    )


def _pattern(table: Section, cycle_s: float) -> Pattern | None:
    part = table.section("pattern")
    if "pattern" not in table:
        return None
    for key in ("stops", "handling_s"):
        if key in table:
            raise table.refusal(key, "none beside a pattern, which says what happens when")
    # Without chance a cycle lasts a whole number of milliseconds, and none is longer than another.
    if table.number("cycle_cv", least=0, most=3) or (cycle_s * 1_000) % 1:
        raise table.refusal("cycle_cv", "0 beside a pattern, with a cycle_s of whole milliseconds")
    return pattern_of(part, cycle_ms=round(cycle_s * 1_000))


def _answer(table: Section) -> dict[str, float]:
    return {key: table.number(key, least=0, most=1e9) for key in table}


def _stop(name: str, table: Section, *, makes_parts: bool) -> Stop:
    phases = ", ".join(STOP_PHASES)
    phase = table.text("phase")
    if phase not in STOP_PHASES:
        raise table.refusal("phase", f"one of {phases}")
    if ("every_h" in table) == ("every_parts" in table):
        raise table.missing("every_h", "either this (running hours) or every_parts, and not both")
    every_parts = None
    every_ms = None
    if "every_parts" in table:
        every_parts = _parts(table, makes_parts=makes_parts)
    else:
        every_ms = table.number("every_h", least=0.01, most=1e6) * 3_600_000
    stop = Stop(
        name=name,
        phase=Phase(phase),
        every_ms=every_ms,
        shape=table.number("shape", least=0.2, most=20, default=1) if every_ms else 1.0,
        every_parts=every_parts,
        length=_length(table),
        causes=_causes(table),
    )
    table.close()
    return stop


def _parts(table: Section, *, makes_parts: bool) -> tuple[int, int]:
    allowed = "two whole numbers from 1 to 1000000, the fewest and the most parts"
    if not makes_parts:
        raise table.refusal("every_parts", "only every_h: this kind makes no parts")
    rows = table.rows("every_parts", allowed=allowed)
    whole = all(isinstance(row, int) and not isinstance(row, bool) for row in rows)
    if len(rows) != 2 or not whole or not 1 <= rows[0] <= rows[1] <= 1_000_000:  # noqa: PLR2004 - fewest, most
        raise table.refusal("every_parts", allowed)
    return rows[0], rows[1]


def _length(table: Section) -> Length:
    if ("mean_s" in table) == ("median_s" in table):
        raise table.missing("mean_s", "either this with cv, or median_s with sigma, and not both")
    if "mean_s" in table:
        return _mean_length(
            table.number("mean_s", above=0, most=30 * DAY_S), table.number("cv", least=0, most=3)
        )
    return Length(
        median_ms=table.number("median_s", above=0, most=30 * DAY_S) * 1000,
        sigma=table.number("sigma", least=0, most=3),
    )


def _mean_length(mean_s: float, cv: float) -> Length:
    median_ms, sigma = median_and_sigma(mean=mean_s * 1000, cv=cv)
    return Length(median_ms=median_ms, sigma=sigma)


def _causes(table: Section) -> tuple[tuple[str, float], ...]:
    part = table.section("causes")
    causes = tuple((cause, part.number(cause, above=0, most=1e6)) for cause in part)
    if not causes:
        raise table.missing("causes", 'at least one with its weight, as in causes = { "jam" = 1 }')
    for cause, _ in causes:
        if not 1 <= len(cause) <= 64 or not cause.isprintable():  # noqa: PLR2004 - as the message allows
            raise part.refusal(cause, "a cause of 1 to 64 printable characters")
    return causes


def _check_signals(kind: Kind, table: Section) -> None:
    names = [sensor.name for sensor in kind.sensors]
    for name in RETROFIT_SIGNALS:
        if name not in names:
            raise table.missing(f"signals.{name}", f"every kind has {', '.join(RETROFIT_SIGNALS)}")
    _check_power(kind.power, kind.period_ms, table.section("signals").section("power_kw"))


def _check_power(power: Sensor, period_ms: int, part: Section) -> None:
    """Refuse a power that does not tell running from not running, and nothing more, at every reading."""
    for key in ("tau_s", "per", "quotient", "ambient"):
        if key in part:
            raise part.refusal(key, "none: power follows at once")
    if power.period_ms != period_ms:
        raise part.refusal(
            "period_ms", f"none: power is in every reading, as the machine's {period_ms} ms say"
        )
    stopped = power.levels[State.IDLE]
    for state in (State.DOWN, State.SETUP):
        if power.levels[state] != stopped:
            raise part.refusal(
                state, f"the same as idle, {stopped:g}: power tells running from not running alone"
            )
    least = lowest_running(power)
    middle = stopped + 0.55 * (least - stopped)
    step = power.flaws.quantisation
    lowest = least * (1 - MARGIN * power.noise) - step
    if not (lowest > middle > stopped * (1 + 2 * MARGIN * power.noise) + step >= 0):
        raise part.refusal(
            "running",
            f"clearly more than idle, {stopped:g}, at every point of the cycle and whatever the noise",
        )
