"""The calls that the plant has heard, and what its people say of them.

A call takes effect a fixed time after it was raised, which is as far as the plant may be ahead of the
office: so it does at a plant time that follows from the call alone, however fast the computer is, and
the run's log holds it at that time.
"""

from bisect import bisect_right, insort
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
_Key = tuple[str, str, int]
"""Machine, rule, and when it was raised: what makes a call the same one."""


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
        self._calls: dict[_Key, _Heard] = {}
        self._raised: dict[_Key, tuple[int, str]] = {}
        """When each call that came was raised, whether it concerns the plant's people or not, and by whom."""
        self._raised_by: dict[str, list[int]] = {}
        """When the calls of each office were raised, rising."""
        self._open: dict[_Key, _Heard] = {}
        """Those of which something may still be said: a log of weeks is not gone through for each span."""
        self._heard_ms: dict[_Key, int] = {}
        """When each of them was first answered."""
        self._over_ms: dict[_Key, int] = {}
        """From when on nothing is said of a call any more."""
        self._said_from_ms = 0
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
        self._note_raised(call)
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
        return sum(bisect_right(self._raised_by.get(by, []), until_ms) for by in {"", office})

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
        if from_ms < self._said_from_ms:
            # Told again: what was over by then is not yet.
            self._open = dict(self._calls)
        self._said_from_ms = from_ms
        # What was said before is not said again, so most calls need not be looked at.
        done = responses(from_ms, until_ms)
        busy = {one.machine for one in done}
        said: list[Said] = []
        for key, call in list(self._open.items()):
            if self._over_ms.get(key, until_ms) <= from_ms:
                del self._open[key]
                self._heard_ms.pop(key, None)
            elif call.effect_ms <= until_ms and (call.effect_ms > from_ms or call.machine in busy):
                said += self._of(call, responses, from_ms, until_ms)
                self._mind_end(key, call, responses, until_ms)
        yield from sorted(said, key=lambda one: one.at)

    def _mind_end(
        self, key: _Key, call: _Heard, responses: Callable[[int, int], list[Response]], until_ms: int
    ) -> None:
        """Note from when on nothing more can be said of a call that was answered.

        Of one about a trend it is when the machine is restored. Any other is over once people have seen to
        a later stop of its machine: they see to one after the other.
        """
        theirs = [
            one
            for one in responses(call.raised_ms - KEPT_MS, until_ms)
            if one.machine == call.machine and one.trend == call.trend
        ]
        if call.trend:
            ends = [
                one.at_ms for one in theirs if one.stopped_ms == call.raised_ms and one.step == "restored"
            ]
        else:
            stopped_ms = max(
                (one.stopped_ms for one in theirs if one.stopped_ms <= call.raised_ms), default=0
            )
            heard = [one.at_ms for one in theirs if one.stopped_ms == stopped_ms and one.step in WORDS]
            if heard:
                self._heard_ms.setdefault(key, min(heard))
            later = [one.at_ms for one in theirs if one.stopped_ms > call.raised_ms]
            ends = [max(self._heard_ms[key], min(later))] if later and key in self._heard_ms else []
        if ends:
            self._over_ms[key] = max(call.effect_ms, *ends)

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

    def _note_raised(self, call: Call) -> None:
        key, raised_ms, by = _key(call), to_ms(call.raised), call.office
        if (raised_ms, by) == self._raised.get(key):
            return
        if key in self._raised:
            self._raised_by[self._raised[key][1]].remove(raised_ms)
        self._raised[key] = raised_ms, by
        insort(self._raised_by.setdefault(by, []), raised_ms)

    def _keep(self, call: Call, effect_ms: int) -> None:
        self._note_raised(call)
        self._calls[_key(call)] = self._open[_key(call)] = _Heard(
            id=call.id,
            machine=call.machine,
            raised_ms=to_ms(call.raised),
            effect_ms=effect_ms,
            trend=call.rule == TREND,
        )


def _key(call: Call) -> _Key:
    return call.machine, call.rule, to_ms(call.raised)
