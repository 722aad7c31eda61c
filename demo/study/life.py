"""A plant that is lived in this process, with its office where it has one.

What a call does is what it does through the broker: it takes effect a fixed time after it was raised,
which is as far as the plant is ahead of its office. So the same seed gives the same truth either way.
"""

from bisect import insort_right
from dataclasses import replace
from typing import NamedTuple

from dashboard.calls.record import CallRecord
from dashboard.calls.rules import CallRules
from demo.study.office import FAR_MS, Office
from demo.study.plan import Plan
from simulator.plant import Plant
from simulator.specs.machine import MachineSpec

RUN = "study"


class Heard(NamedTuple):
    """A call on its way to the people of a plant."""

    effect_ms: int
    """The last moment before it takes effect, ms since 1970."""
    machine: str
    """The machine."""
    raised_ms: int
    """When it was raised."""
    rule: str
    """By which rule."""


class Life:
    """One plant from one seed.

    Args:
        plan: What is lived.
        seed: Seed of all random numbers.
        monitored: Whether an office calls its people; in the twin they come on their rounds alone.
    """

    def __init__(self, plan: Plan, seed: int, *, monitored: bool) -> None:
        monitored = monitored and not plan.alike
        people = plan.people if monitored else plan.people.of_twin()
        self.plant = Plant(seed, plan.epoch_ms, RUN, people=people, bare=not monitored)
        """The plant."""
        self.sent: list[CallRecord] = []
        """The calls that its people were sent, as they were found."""
        for spec in plan.machines:
            self.plant.add(lean(spec, plan.calls) if monitored else spec, plan.epoch_ms)
        self.plant.advance(plan.epoch_ms)
        self._lookahead_ms = plan.lookahead_ms
        self._places = {name: place for place, name in enumerate(self.plant.names())}
        self._waiting: list[Heard] = []
        self._office = _office_of(plan, self.plant) if monitored else None

    def live(self, until_ms: int) -> None:
        """Live on, up to and including a moment; its office then knows all of it."""
        plant = self.plant
        while plant.now_ms < until_ms:
            heeding = plant.heeding() if self._office is not None else []
            self._ask(heeding)
            trend_ms = self._ask_of_trends()
            # Calls raised by now are known where they could matter, and those that are raised later take
            # effect so much later. Where nothing waits to be noticed, nothing can matter before something
            # happens.
            limit_ms = plant.now_ms + self._lookahead_ms
            if not heeding:
                next_ms = FAR_MS if plant.next_ms is None else max(plant.next_ms, plant.now_ms)
                limit_ms = next_ms + self._lookahead_ms - 1
            self._advance(min(until_ms, limit_ms, trend_ms))
        self._ask(plant.names())

    def forget(self, before_ms: int) -> None:
        """Hold nothing from before a moment."""
        self.plant.forget(before_ms)
        if self._office is not None:
            self._office.forget(before_ms)

    def _advance(self, until_ms: int) -> None:
        """Let the plant live on, and people hear each call when it takes effect."""
        while self._waiting and self._waiting[0].effect_ms <= until_ms:
            call = self._waiting.pop(0)
            self.plant.advance(call.effect_ms)
            self.plant.hear_call(call.machine, call.raised_ms, call.rule)
        self.plant.advance(until_ms)

    def _ask_of_trends(self) -> int:
        """Let the office look for trends where one may be called by now, and say when that is next."""
        next_ms = FAR_MS
        if self._office is not None:
            self._ask(self._office.due(self.plant.now_ms))
            next_ms = self._office.due_ms(self.plant.now_ms)
        return next_ms

    def _ask(self, names: list[str]) -> None:
        """Let the office judge machines as of now, and send what it calls for."""
        if self._office is None:
            return
        for name in sorted(names, key=self._places.__getitem__):
            for call in self._office.judge(name):
                self.sent.append(call)
                effect_ms = call.raised_ms + self._lookahead_ms - 1
                # One that comes later than it takes effect was raised while it could matter to nobody.
                if effect_ms >= self.plant.now_ms:
                    one = Heard(effect_ms, call.machine, call.raised_ms, call.rule)
                    insort_right(self._waiting, one, key=lambda heard: heard.effect_ms)


def lean(spec: MachineSpec, calls: CallRules) -> MachineSpec:
    """The same machine with those sensors alone by which an office knows its state and sees its trends.

    What a sensor shows does not depend on the others, so the machine's time is the same.
    """
    kind = spec.settings
    told = () if spec.controller or kind.threshold is None else (kind.threshold.signal,)
    trend = calls.rules("/".join(spec.location), spec.name, spec.kind).trend
    units = trend.units if trend.on else ()
    sensors = tuple(one for one in kind.sensors if one.name in told or one.unit in units)
    if any(one.quotient is not None for one in sensors):
        sensors = kind.sensors
    return replace(spec, settings=replace(kind, sensors=sensors))


def _office_of(plan: Plan, plant: Plant) -> Office:
    return Office(
        plant,
        epoch_ms=plan.epoch_ms,
        calls=plan.calls,
        states=plan.states,
        calendar=plan.calendar_of(),
        unattended=[(plan.epoch_ms + begun, plan.epoch_ms + ended) for begun, ended in plan.absent],
    )
