"""One sensor of a kind: its levels, how it nears them, how often it is read, and what is wrong with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from protocol.states import State
from simulator.specs.flaws import Flaws, flaws_of
from simulator.specs.settings import Section, SpecError
from simulator.specs.wear import Growth, Worn, growth_of, worn_of, zones_of

STATES = (State.RUNNING, State.IDLE, State.DOWN, State.SETUP)
"""The states a machine can truly be in."""
DAY_S = 86_400
LONGEST_PERIOD_MS = 3_600_000
SHORTEST_EVENT_S = 10.0
"""Cycles shorter than this are not told one by one, which would be a flood."""
LEVELS = ("running", "idle", "down", "setup", "shape", "tau_s", "worn", "growth", "ambient")
"""Keys that mean nothing for a value that does not come from levels of its own."""
BY_CYCLE_HAS_NONE = (
    "idle", "down", "setup", "shape", "tau_s", "growth", "ambient", "stuck", "quotient", "column",
)  # fmt: skip
"""Keys that mean nothing for a value that comes once a cycle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambient:
    """The slow swing of the air around, over a day."""

    swing: float
    """By how much it is warmer than the mean at its warmest, in the signal's unit."""
    warmest_ms: int
    """When it is warmest, in ms after midnight UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotient:
    """A signal that follows from two others: times * (of - less) / by, and 0 where `by` is too little."""

    of: str
    """Name of the signal above the line."""
    less: float
    """What of it does not count, in its unit."""
    by: str
    """Name of the signal below the line."""
    least: float
    """Up to here `by` is too little to divide by, in its unit; at least 0."""
    times: float
    """What makes the unit right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """What one sensor shows in each state and at each point of the cycle."""

    name: str
    """Name of the signal, `power_kw`."""
    title: str
    """What it measures, in words."""
    unit: str
    """Unit as printed."""
    low: float | None
    """Lower end of the normal range, in `unit`."""
    high: float | None
    """Upper end of the normal range, in `unit`."""
    levels: Mapping[State, float]
    """Its value in each state of `STATES`, in `unit`."""
    shape: tuple[tuple[float, float], ...]
    """Points (share of the cycle, share of the running level), joined by straight lines."""
    tau_ms: float | None
    """Time constant with which it nears the level of the state, in milliseconds; None: at once."""
    noise: float
    """Standard deviation of its noise, as a share of the value."""
    decimals: int
    """Places that are sent."""
    period_ms: int
    """From one value to the next, in ms: a multiple of the machine's; 0 for one at each cycle's end."""
    by_cycle: bool
    """Whether it has a value for each cycle, and none in between."""
    of_cycle: float | None
    """Share of the length of the cycle that it tells, in seconds; None when it tells something else."""
    worn: Worn | None
    """How it rises with the wear of a component."""
    growth: Growth | None
    """How it grows at the end of a component's life."""
    ambient: Ambient | None
    """The air around, which it follows."""
    quotient: Quotient | None
    """The two signals it follows from."""
    column: str
    """What of the machine's diary it shows, `pressure_bar`; empty when it has levels of its own."""
    flaws: Flaws
    """What is wrong with it."""

    @property
    def components(self) -> tuple[str, ...]:
        """The components whose wear it shows."""
        return tuple(part.component for part in (self.worn, self.growth) if part is not None)


def lowest_running(sensor: Sensor) -> float:
    """The least that a sensor shows within a cycle, whatever is worn, but for its noise."""
    least = sensor.levels[State.RUNNING] * min((share for _, share in sensor.shape), default=1.0)
    return least * (1 + min(sensor.worn.gain, 0.0)) if sensor.worn else least


def sensor_of(name: str, table: Section, *, period_ms: int, cycle_s: float | None, machine: Flaws) -> Sensor:
    """The sensor that a table `[signals.NAME]` describes.

    Args:
        name: Name of the signal.
        table: Its table.
        period_ms: Sampling period of the machine, in milliseconds.
        cycle_s: Mean length of a cycle with its handling, in seconds; None when a cycle ends in no part.
        machine: What is wrong with every sensor of the machine.

    Raises:
        SpecError: A key is missing, unknown, or has a value that is not allowed.
    """
    if not name.isidentifier() or name.startswith("_") or len(name) > 64:  # noqa: PLR2004 - as the message allows
        raise SpecError(
            f"{table.source}: key {table.path[:-1]!r}: allowed are letters, digits and _, "
            "beginning with a letter, best with the unit at the end as in power_kw"
        )
    by_cycle = _by_cycle(table, cycle_s)
    quotient = _quotient(table)
    zones = zones_of(table)
    levels = _levels(table, by_cycle=by_cycle)
    # What comes once a cycle cannot go on to show what it showed.
    flaws = flaws_of(table, whole_machine=replace(machine, stuck=None) if by_cycle else machine)
    sensor = Sensor(
        name=name,
        title=table.text("title"),
        unit=table.text("unit", most=16),
        low=table.number("low", least=-1e9, most=1e9) if "low" in table else None,
        high=_high(table, zones),
        levels=levels,
        shape=_shape(table),
        tau_ms=table.number("tau_s", above=0, most=DAY_S) * 1000 if "tau_s" in table else None,
        noise=table.number("noise", least=0, most=0.5, default=0),
        decimals=table.whole("decimals", least=0, most=6, default=2),
        period_ms=_period_ms(table, period_ms, by_cycle=by_cycle),
        by_cycle=by_cycle,
        of_cycle=table.number("of_cycle", above=0, most=100) if by_cycle and "of_cycle" in table else None,
        worn=worn_of(table.section("worn")) if "worn" in table else None,
        growth=growth_of(table.section("growth"), level=levels[State.RUNNING], zones=zones)
        if "growth" in table
        else None,
        ambient=_ambient(table),
        quotient=quotient,
        column=table.text("column", default=""),
        flaws=flaws,
    )
    table.close()
    if sensor.low is not None and sensor.high is not None and not sensor.low < sensor.high:
        raise table.refusal("high", f"more than low, {sensor.low:g}")
    if sensor.tau_ms:
        for key in ("shape", "worn", "growth"):
            if key in table:
                raise table.refusal(key, f"either {key} or tau_s")
    return sensor


def check_together(
    sensors: Collection[Sensor], components: Collection[str], columns: Collection[str], table: Section
) -> None:
    """Refuse what a sensor says of other sensors, of components, or of the diary, that is not there.

    Args:
        sensors: All sensors of the kind.
        components: What wears of it.
        columns: What its diary holds beside.
        table: The table of the kind.

    Raises:
        SpecError: With the names that are.
    """
    known = {sensor.name: sensor for sensor in sensors}
    for sensor in sensors:
        part = table.section("signals").section(sensor.name)
        for key, wears in (("worn", sensor.worn), ("growth", sensor.growth)):
            if wears is not None and wears.component not in components:
                named = ", ".join(sorted(components)) or "nothing"
                raise part.section(key).refusal("component", f"what wears of this kind: {named}")
        if sensor.column and sensor.column not in columns:
            held = ", ".join(columns) or "none: only a machine with a receiver has one"
            raise part.refusal("column", f"what the plant works out for this kind: {held}")
        if sensor.quotient is not None:
            for key, name in (("of", sensor.quotient.of), ("by", sensor.quotient.by)):
                other = known.get(name)
                if (
                    other is None
                    or other.by_cycle
                    or other.quotient
                    or other.column
                    or other.period_ms != sensor.period_ms
                ):
                    raise part.section("quotient").refusal(
                        key, "another signal that is measured, and read as often as this one"
                    )


def _by_cycle(table: Section, cycle_s: float | None) -> bool:
    if "per" not in table:
        if "of_cycle" in table:
            raise table.refusal("of_cycle", 'only beside per = "cycle"')
        return False
    if table.text("per") != "cycle":
        raise table.refusal("per", "cycle, or no such key: a value at every reading")
    if cycle_s is None:
        raise table.refusal("per", "only where a cycle ends in a part: this kind makes none")
    if "period_ms" not in table and cycle_s < SHORTEST_EVENT_S:
        raise table.refusal(
            "per",
            f"only with a period_ms, whose highest value is told: a cycle of {cycle_s:g} s is shorter than "
            f"{SHORTEST_EVENT_S:g} s, too short for a reading of its own",
        )
    for key in BY_CYCLE_HAS_NONE:
        if key in table:
            raise table.refusal(key, 'none beside per = "cycle", which has a value for each cycle alone')
    return True


def _levels(table: Section, *, by_cycle: bool) -> dict[State, float]:
    for whole in ("quotient", "column"):
        if whole in table and not by_cycle:
            for key in (*LEVELS, *({"quotient", "column"} - {whole})):
                if key in table:
                    raise table.refusal(key, f"none beside {whole}, which says all of its value")
            return dict.fromkeys(STATES, 0.0)
    if by_cycle:
        if ("of_cycle" in table) == ("running" in table):
            raise table.missing("running", "either this or of_cycle, and not both")
        running = 0.0 if "of_cycle" in table else table.number("running", least=-1e9, most=1e9)
        return dict.fromkeys(STATES, running)
    idle = table.number("idle", least=-1e9, most=1e9)
    return {
        State.RUNNING: table.number("running", least=-1e9, most=1e9),
        State.IDLE: idle,
        State.DOWN: table.number("down", least=-1e9, most=1e9, default=idle),
        State.SETUP: table.number("setup", least=-1e9, most=1e9, default=idle),
    }


def _period_ms(table: Section, machine_ms: int, *, by_cycle: bool) -> int:
    if "period_ms" not in table:
        return 0 if by_cycle else machine_ms
    period_ms = table.whole("period_ms", least=100, most=LONGEST_PERIOD_MS)
    if period_ms % machine_ms:
        raise table.refusal("period_ms", f"a multiple of the machine's period_ms, {machine_ms}")
    return period_ms


def _high(table: Section, zones: tuple[float, ...] | None) -> float | None:
    if "high" in table:
        return table.number("high", least=-1e9, most=1e9)
    # Up to boundary B/C a machine may run without limit.
    return zones[1] if zones else None


def _ambient(table: Section) -> Ambient | None:
    if "ambient" not in table:
        return None
    part = table.section("ambient")
    ambient = Ambient(
        swing=part.number("swing", least=0, most=1e6),
        warmest_ms=round(part.number("warmest_h", least=0, most=24, default=15) * 3_600_000),
    )
    part.close()
    return ambient


def _quotient(table: Section) -> Quotient | None:
    if "quotient" not in table:
        return None
    part = table.section("quotient")
    quotient = Quotient(
        of=part.text("of"),
        less=part.number("less", least=-1e9, most=1e9, default=0),
        by=part.text("by"),
        least=part.number("least", least=0, most=1e9, default=0),
        times=part.number("times", least=-1e9, most=1e9, default=1),
    )
    part.close()
    return quotient


def _shape(table: Section) -> tuple[tuple[float, float], ...]:
    allowed = "points [share of the cycle from 0 up to 1, share of the level from 0 to 100]"
    points: list[tuple[float, float]] = []
    for row in table.rows("shape", default=[], allowed=allowed):
        if not isinstance(row, list) or len(row) != 2:  # noqa: PLR2004 - a point
            raise table.refusal("shape", allowed)
        for number in row:
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise table.refusal("shape", allowed)
        at, share = float(row[0]), float(row[1])
        before = points[-1][0] if points else 0.0
        if not (before <= at <= 1 and 0 <= share <= 100):  # noqa: PLR2004 - as `allowed` says
            raise table.refusal("shape", allowed)
        points.append((at, share))
    return tuple(points)
