"""A pattern: what a machine does over and over, to the millisecond, in place of chance.

A machine whose every second is laid down has KPIs that are known beforehand. That is what the
calibration bench is for: what the dashboard works out of such a machine can be checked by eye.
"""

from dataclasses import dataclass

from simulator.phase import STOP_PHASES, Phase
from simulator.specs.settings import Section

DAY_MS = 86_400_000
SHORTEST_SILENCE_S = 61
"""Longer than any span of plant time that is sent at once, so that no message speaks on both sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One piece of a pattern."""

    phase: Phase
    """What the machine goes through."""
    length_ms: int
    """For how long, in milliseconds; of cycles, a whole number of them."""
    cause: str
    """What the machine says of it; empty while it runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A part of each period in which a machine says nothing, though it goes on."""

    every_ms: int
    """From one to the next, in milliseconds; counted from 1970-01-01 UTC."""
    from_ms: int
    """Its last words are at this moment of the period."""
    to_ms: int
    """At this one it speaks again."""

    def spoken(self, from_ms: int, to_ms: int) -> tuple[int, int] | None:
        """The part of a span of which the machine speaks; None when it is silent all through.

        Raises:
            ValueError: The span reaches across the whole silence.
        """
        begun_ms = from_ms // self.every_ms * self.every_ms
        begin_ms, end_ms = begun_ms + self.from_ms, begun_ms + self.to_ms
        if from_ms >= end_ms:
            begin_ms, end_ms = begin_ms + self.every_ms, end_ms + self.every_ms
        if from_ms < begin_ms and to_ms > end_ms:
            raise ValueError(f"{to_ms - from_ms} ms reach across a silence: ask for a shorter span")
        if from_ms < begin_ms:
            return from_ms, min(to_ms, begin_ms)
        return (end_ms, to_ms) if to_ms > end_ms else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What a machine does over and over. Every period begins at whole periods since 1970-01-01 UTC."""

    steps: tuple[Step, ...]
    """The pieces of a period, in order."""
    reject_every: int
    """Each part of this count is rejected, 5 for every fifth; 0 for none."""
    silence: Silence | None
    """When it says nothing; None when it always speaks."""

    @property
    def period_ms(self) -> int:
        """Length of a period, in milliseconds."""
        return sum(step.length_ms for step in self.steps)

    @property
    def pauses(self) -> tuple[tuple[Phase, str], ...]:
        """The steps in which it does not run, each sort once: phase and cause."""
        return tuple(
            dict.fromkeys((step.phase, step.cause) for step in self.steps if step.phase is not Phase.CYCLE)
        )


def pattern_of(table: Section, *, cycle_ms: int) -> Pattern:
    """The pattern in a table of a kind's file.

    Args:
        table: The table.
        cycle_ms: Length of a cycle, in milliseconds.

    Raises:
        SpecError: A key is missing, unknown, or has a value that is not allowed.
    """
    allowed = 'steps such as { phase = "cycle", length_s = 480 }'
    rows = table.rows("steps", allowed=allowed)
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise table.refusal("steps", allowed)
    steps = tuple(
        _step(Section(row, source=table.source, path=f"{table.path}steps."), cycle_ms) for row in rows
    )
    pattern = Pattern(
        steps=steps,
        reject_every=table.whole("reject_every", least=0, most=1_000_000, default=0),
        silence=_silence(table.section("silence")) if "silence" in table else None,
    )
    table.close()
    if DAY_MS % pattern.period_ms:
        raise table.refusal(
            "steps", f"lengths whose sum divides a day; these make {pattern.period_ms / 1_000:g} s"
        )
    if all(step.phase is not Phase.CYCLE for step in steps):
        raise table.refusal("steps", "at least one cycle")
    return pattern


def _step(table: Section, cycle_ms: int) -> Step:
    allowed = (Phase.CYCLE, *STOP_PHASES)
    word = table.text("phase")
    if word not in allowed:
        raise table.refusal("phase", f"one of {', '.join(allowed)}")
    phase = Phase(word)
    length_ms = round(table.number("length_s", above=0, most=DAY_MS / 1_000) * 1_000)
    if phase is Phase.CYCLE and length_ms % cycle_ms:
        raise table.refusal("length_s", f"a whole number of cycles of {cycle_ms / 1_000:g} s")
    step = Step(phase=phase, length_ms=length_ms, cause="" if phase is Phase.CYCLE else table.text("cause"))
    table.close()
    return step


def _silence(table: Section) -> Silence:
    every_s = table.whole("every_s", least=SHORTEST_SILENCE_S + 1, most=DAY_MS // 1_000)
    from_s = table.whole("from_s", least=0, most=every_s - SHORTEST_SILENCE_S)
    to_s = table.whole("to_s", least=from_s + SHORTEST_SILENCE_S, most=every_s)
    table.close()
    return Silence(every_ms=every_s * 1_000, from_ms=from_s * 1_000, to_ms=to_s * 1_000)
