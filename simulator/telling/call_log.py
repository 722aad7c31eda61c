"""The calls that the plant has heard, and what its people say of them.

A call takes effect a fixed time after it was raised, which is as far as the plant may be ahead of the
office: so it does at a plant time that follows from the call alone, however fast the computer is, and
the run's log holds it at that time.
"""

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import Literal

from protocol.messages import Call, Watermark
from protocol.messages import Response as Said
from protocol.moments import from_ms, to_ms
from simulator.behaviour.crew import KEPT_MS
from simulator.behaviour.job import TREND, Response, Step
from simulator.histories.run import Run

WORDS: dict[Step, Literal["acknowledged", "at-machine", "restored"]] = {
    "acknowledged": "acknowledged",
    "at the machine": "at-machine",
    "restored": "restored",
}
"""What the office is told of a person's steps; setting out is not among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """A call that was heard."""

    id: str
    """Its id."""
    machine: str
    """The machine that it is about."""
    raised_ms: int
    """When it was raised, ms since 1970."""
    effect_ms: int
    """When it takes effect."""
    trend: bool
    """Whether it speaks of a trend, and not of a stop."""


class CallLog:
    """The calls of a run.

    Args:
        run: The run; its log may grow.
        lookahead_ms: How far the plant may be ahead of the office, in milliseconds.
    """

    def __init__(self, run: Run, *, lookahead_ms: int) -> None:
        self._run = run
        self._lookahead_ms = lookahead_ms
        self._calls: dict[tuple[str, str, int], _Heard] = {}
        self._raised: dict[tuple[str, str, int], tuple[int, str]] = {}
        """When each call that came was raised, whether it concerns the plant's people or not, and by whom."""
        self._unheard: dict[str, int] = {}
        """Calls that each office counts and that did not come."""
        for one in run.inputs:
            if one.call is not None:
                self._keep(one.call, one.at_ms)

    def hear(self, call: Call, machines: Container[str]) -> bool:
        """Write a call into the run's log; says whether it is one to be heard.

        One of another run, one that was heard before, one of a machine that is not of the run, and one
        that comes after the moment of its effect, because the plant went on without the office, are not.
        One that is over before it came is heard as if it had come in time.
        """
        if call.run != self._run.id:
            return False
        self._raised[_key(call)] = to_ms(call.raised), call.office
        # The last moment that the plant cannot have lived yet when the call comes.
        effect_ms = to_ms(call.raised) + self._lookahead_ms - 1
        known = self._calls.get(_key(call))
        if known is not None or self._run.reliving:
            # A run that is lived again has its calls in its log, by the names they had then.
            if known is not None:
                self._keep(call, known.effect_ms)
            return False
        if call.machine not in machines or effect_ms < self._run.position_ms:
            return False
        self._run.note("call", machine=call.machine, call=call, at_ms=effect_ms)
        self._keep(call, effect_ms)
        return True

    def begin_count(self) -> None:
        """Take what did not come until now for what was raised while nobody here listened."""
        self._unheard.clear()

    def lost(self, watermark: Watermark) -> int:
        """How many calls an office counts that were lost on the way since it was last asked."""
        unheard = watermark.calls - self.number(to_ms(watermark.at), watermark.office)
        lost = unheard - self._unheard.setdefault(watermark.office, unheard)
        self._unheard[watermark.office] = unheard
        return lost

    def number(self, until_ms: int, office: str = "") -> int:
        """How many of the calls that came were raised up to a moment, by an office or by nobody named."""
        return sum(raised_ms <= until_ms for raised_ms, by in self._raised.values() if by in {"", office})

    def said(
        self, responses: Callable[[int, int], list[Response]], from_ms: int, until_ms: int
    ) -> Iterator[Said]:
        """What people say of calls in (`from_ms`, `until_ms`], in order.

        Whoever was on the way already, because of a round, says so when the call takes effect.

        Args:
            responses: What was done about stops in a span of plant time.
            from_ms: Beginning of the span.
            until_ms: End of the span.
        """
        # What was said before is not said again, so most calls need not be looked at.
        busy = {one.machine for one in responses(from_ms, until_ms)}
        said = [
            one
            for call in self._calls.values()
            if call.effect_ms <= until_ms and (call.effect_ms > from_ms or call.machine in busy)
            for one in self._of(call, responses, from_ms, until_ms)
        ]
        yield from sorted(said, key=lambda one: one.at)

    def _of(
        self, call: _Heard, responses: Callable[[int, int], list[Response]], begin_ms: int, until_ms: int
    ) -> Iterator[Said]:
        mine = [
            one
            for one in responses(call.raised_ms - KEPT_MS, until_ms)
            if one.machine == call.machine and one.trend == call.trend and one.stopped_ms <= call.raised_ms
        ]
        # What is said of a trend is said of its own call alone.
        stopped_ms = call.raised_ms if call.trend else max((one.stopped_ms for one in mine), default=None)
        mine = [one for one in mine if one.stopped_ms == stopped_ms]
        if any(one.step == "restored" and one.at_ms < call.raised_ms for one in mine):
            return  # the call is about something else
        told_ms = begin_ms if call.effect_ms <= begin_ms else 0
        for one in mine:
            if one.step in WORDS and one.at_ms > told_ms:
                yield Said(
                    call=call.id,
                    run=self._run.id,
                    machine=call.machine,
                    what=WORDS[one.step],
                    at=from_ms(max(one.at_ms, call.raised_ms)),
                    by=one.person,
                )

    def _keep(self, call: Call, effect_ms: int) -> None:
        self._raised[_key(call)] = to_ms(call.raised), call.office
        self._calls[_key(call)] = _Heard(
            id=call.id,
            machine=call.machine,
            raised_ms=to_ms(call.raised),
            effect_ms=effect_ms,
            trend=call.rule == TREND,
        )


def _key(call: Call) -> tuple[str, str, int]:
    return call.machine, call.rule, to_ms(call.raised)
