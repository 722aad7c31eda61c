"""The sorts of machine: how each works, stops, and shows it. One TOML file is one kind, and no Python."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol.messages import Threshold
from protocol.states import State
from simulator.specs.flaws import machine_flaws_of
from simulator.specs.law import DAY_S, Law, mean_law
from simulator.specs.pattern import Pattern, pattern_of
from simulator.specs.sensor import Sensor, check_together, lowest_running, sensor_of
from simulator.specs.settings import Section, SpecError, file_stem, parse_toml, read_text
from simulator.specs.stop import Stop, stop_of

RETROFIT_SIGNALS = ("power_kw", "vibration_mm_s", "temperature_c")
"""What a retrofit kit measures; every kind has these sensors."""
PRESSURE = "pressure_bar"
"""The signal that a receiver's balance decides on."""
TOOL = "tool"
"""The symptom whose wear scrap follows."""
ATMOSPHERE_BAR = 1.013
"""Pressure of the air that a compressor takes in."""
SHORTEST_S = 0.1
"""More than ten cycles a second are too many to report one by one."""
MARGIN = 6.0
"""So many standard deviations of its noise keep the power of a running machine above the threshold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """What a compressor fills: it loads at the lower end of the band, and unloads at the upper."""

    volume_m3: float
    """Volume of the receiver and the pipes, in cubic metres."""
    low_bar: float
    """Lower end of the pressure band, in bar above the air outside."""
    high_bar: float
    """Upper end of the pressure band."""
    delivery_m3_min: float
    """Free air delivered while loaded, in cubic metres a minute."""
    leak_m3_min: float
    """Free air that is lost in leaks, in cubic metres a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One sort of machine, with all its settings."""

    name: str
    """As in its file's name, `cnc-mill`."""
    title: str
    """In words, `CNC mill`."""
    cycle: Law
    """One cycle."""
    cycle_s: float
    """Mean of one cycle, in seconds."""
    ideal_cycle_s: float
    """Shortest time for one part, in seconds."""
    handling: Law | None
    """From the end of a cycle to the beginning of the next; None when one follows the other at once."""
    handling_cause: str
    """What the machine says meanwhile."""
    makes_parts: bool
    """Whether a cycle ends in a part."""
    scrap: float
    """Share of the parts that are rejected, with a new tool."""
    scrap_worn: float
    """The same with a tool that is worn out; between the two it rises with its wear."""
    fresh: bool
    """Whether a machine begins new: with a whole life of everything, and at the beginning of a cycle."""
    air_m3_min: float
    """Free air that it draws while at work, in cubic metres a minute."""
    receiver: Receiver | None
    """What it fills, if it is a compressor."""
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
    receiver = _receiver(table)
    cycle_s = table.number("cycle_s", above=0, most=DAY_S, default=_loaded_s(receiver))
    handling_s = table.number("handling_s", least=0, most=DAY_S, default=0)
    handling_cv = table.number("handling_cv", least=0, most=3, default=0)
    makes_parts = table.flag("makes_parts", default=receiver is None)
    scrap = table.number("scrap", least=0, most=1, default=0)
    kind = Kind(
        name=name,
        title=table.text("title"),
        cycle=mean_law(cycle_s, table.number("cycle_cv", least=0, most=3, default=0 if receiver else None)),
        cycle_s=cycle_s,
        ideal_cycle_s=round(
            cycle_s * (1 - table.number("speed_loss", least=0, most=0.9, default=0 if receiver else None)),
            3,
        ),
        handling=mean_law(handling_s, handling_cv) if handling_s else None,
        handling_cause=table.text("handling_cause", default="unloaded" if receiver else "loading"),
        makes_parts=makes_parts,
        scrap=scrap,
        scrap_worn=table.number("scrap_worn", least=scrap, most=1, default=scrap),
        fresh=table.flag("fresh", default=False),
        air_m3_min=table.number("air_m3_min", least=0, most=10_000, default=0),
        receiver=receiver,
        period_ms=table.whole("period_ms", least=100, most=3_600_000, default=1000),
        stops=tuple(
            stop_of(stop, part, makes_parts=makes_parts, cycle_s=cycle_s)
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
    if not kind.ideal_cycle_s:
        # Who takes a birth takes no cycle of nothing, and it travels in thousandths of a second.
        raise table.refusal("cycle_s", "at least 0.001 when a part is made without loss of speed")
    _check_wear(kind, table)
    _check_signals(kind, table)
    check_together(
        kind.sensors,
        [stop.symptom for stop in kind.stops if stop.symptom],
        (PRESSURE,) if kind.receiver else (),
        table,
    )
    return kind


def _sensors(table: Section, cycle_s: float | None) -> tuple[Sensor, ...]:
    """The sensors, each by its own table and `[imperfections]`, which holds for all of them."""
    period_ms = table.whole("period_ms", least=100, most=3_600_000, default=1000)
    flaws = machine_flaws_of(table.section("imperfections"))
    return tuple(
        sensor_of(signal, part, period_ms=period_ms, cycle_s=cycle_s, machine=flaws)
        for signal, part in table.section("signals").sections().items()
    )


def _loaded_s(receiver: Receiver | None) -> float | None:
    """How long a compressor loads when half of what it delivers is drawn, in seconds; None for others."""
    if receiver is None:
        return None
    band = receiver.volume_m3 * (receiver.high_bar - receiver.low_bar) / ATMOSPHERE_BAR
    return round(band / (receiver.delivery_m3_min / 2) * 60, 1)


def _check_wear(kind: Kind, table: Section) -> None:
    symptoms = [stop.symptom for stop in kind.stops if stop.symptom]
    for stop in kind.stops:
        if stop.symptom and symptoms.count(stop.symptom) > 1:
            raise (
                table.section("stops").section(stop.name).refusal("symptom", "the wearing of one stop alone")
            )
    if kind.scrap_worn != kind.scrap and TOOL not in symptoms:
        raise table.refusal(
            "scrap_worn", f'only beside a stop with symptom = "{TOOL}", whose wear it follows'
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


def _receiver(table: Section) -> Receiver | None:
    part = table.section("receiver")
    if "receiver" not in table:
        return None
    low_bar = part.number("low_bar", above=0, most=100)
    receiver = Receiver(
        volume_m3=part.number("volume_m3", above=0, most=10_000),
        low_bar=low_bar,
        high_bar=part.number("high_bar", above=low_bar, most=100),
        delivery_m3_min=part.number("delivery_m3_min", above=0, most=10_000),
        leak_m3_min=part.number("leak_m3_min", least=0, most=10_000, default=0),
    )
    part.close()
    for key in ("handling_s", "pattern", "air_m3_min", "cycle_s"):
        if key in table:
            raise table.refusal(key, "none beside a receiver, whose balance says how long it loads")
    return receiver


def _check_signals(kind: Kind, table: Section) -> None:
    names = [sensor.name for sensor in kind.sensors]
    for name in RETROFIT_SIGNALS:
        if name not in names:
            raise table.missing(f"signals.{name}", f"every kind has {', '.join(RETROFIT_SIGNALS)}")
    if kind.receiver is not None and any(one.tau_ms for one in kind.sensors if one.name == PRESSURE):
        pressure = table.section("signals").section(PRESSURE)
        raise pressure.refusal("tau_s", "none beside a receiver, whose balance says how pressure moves")
    _check_power(kind.power, kind.period_ms, table.section("signals").section("power_kw"))


def _check_power(power: Sensor, period_ms: int, part: Section) -> None:
    """Refuse a power that does not tell running from not running, and nothing more, at every reading."""
    for key in ("tau_s", "per", "quotient", "column", "ambient"):
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
