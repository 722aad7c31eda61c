"""Five hours of a mill that wears, makes parts, stops and is called for, and the plant that goes on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from protocol.messages import Birth, Clock, Signal, Tick, encode
from protocol.moments import from_ms
from protocol.readings import Batch, Change, encode_batch
from protocol.states import State
from tests.broker.clients import Client
from tests.broker.running import RunningBroker
from tests.ingest.plant_of_calls import EPOCH_MS, RUN, PlantOfCalls, clock
from tests.ingest.plant_of_trends import EVERY_S, Wearing

NAME = "mill-7"
TOPIC = f"shopfloor/machining/{NAME}"
HOUR_S, MINUTE_S = 3_600, 60
UNTIL_S = 5 * HOUR_S
JAM_S = (HOUR_S, HOUR_S + 900)
"""A quarter of an hour, for which somebody is called after two minutes."""
MICRO_S = [(at_s, at_s + 30) for at_s in range(2 * HOUR_S, UNTIL_S - 600, 1_500)]
"""Half a minute each."""
CYCLE_S = 60
"""A part for so much running."""
BIRTH = Birth(
    at=from_ms(EPOCH_MS),
    kind="cnc-mill",
    run=RUN,
    simulated=True,
    states="reported",
    period_ms=EVERY_S * 1_000,
    ideal_cycle_s=50.0,
    signals={
        "vibration_mm_s": Signal(unit="mm/s", low=0.0, high=2.8, title="vibration of the spindle"),
        "power_kw": Signal(unit="kW", low=0.0, high=12.0, title="power"),
    },
)


def script() -> list[tuple[float, State, str]]:
    """Its states: from when on, which, and why."""
    found = [(0.0, State.RUNNING, ""), (JAM_S[0], State.DOWN, "jam"), (JAM_S[1], State.RUNNING, "")]
    for begun, ended in MICRO_S:
        found += [(begun, State.IDLE, "loading"), (ended, State.RUNNING, "")]
    return found


def parts() -> Iterator[tuple[float, int]]:
    """When each part was done: after a minute of running."""
    ran, number = 0.0, 0
    for (begun, state, _), (ended, _, _) in pairwise([*script(), (UNTIL_S + HOUR_S, State.IDLE, "")]):
        if state is not State.RUNNING:
            continue
        while (number + 1) * CYCLE_S <= ran + ended - begun:
            number += 1
            yield begun + number * CYCLE_S - ran, number
        ran += ended - begun


def batch(from_s: float, to_s: float) -> bytes:
    """What its control says of (from, to]."""
    told = script()
    state, cause = next((state, cause) for at_s, state, cause in reversed(told) if at_s <= from_s)
    read = np.arange(from_s // EVERY_S + 1, to_s // EVERY_S + 1) * EVERY_S
    runs = np.array([_state(at_s) is State.RUNNING for at_s in read])
    changes: list[tuple[float, dict[str, Any]]] = [
        (at_s, {"state": state, "cause": cause}) for at_s, state, cause in told
    ]
    changes += [(at_s, {"parts": number, "rejects": 0}) for at_s, number in parts()]
    if from_s == 0:
        changes.append((1e-3, {"parts": 0, "rejects": 0}))
    inside = sorted((one for one in changes if from_s < one[0] <= to_s), key=lambda one: one[0])
    made = Batch(
        at_ms=EPOCH_MS + round(from_s * 1_000),
        offsets_ms=np.round((read - from_s) * 1_000).astype(np.int64),
        signals={
            "vibration_mm_s": np.where(runs, Wearing().vibration(read), 0.1),
            "power_kw": np.where(runs, 7.5, 1.5),
        },
        run=RUN,
        state=state,
        cause=cause,
        changes=tuple(Change(offset_ms=round((at_s - from_s) * 1_000), **said) for at_s, said in inside),
    )
    return encode_batch(made)


def _state(at_s: float) -> State:
    return next(state for begun, state, _ in reversed(script()) if begun <= at_s)


def write(folder: Path) -> None:
    """Write its history: the call for the jam is heard, and somebody comes."""
    plant = PlantOfCalls(folder, births=[(f"{TOPIC}/birth", encode(BIRTH))])
    for from_s, to_s in pairwise(range(0, UNTIL_S + 1, 300)):
        plant.hear(clock(to_s), (f"{TOPIC}/readings", batch(from_s, to_s)))
        plant.tick(to_s)
        if to_s == JAM_S[0] + 300:
            ((_, call, _),) = plant.said
            plant.respond(call, NAME, "acknowledged", JAM_S[0] + 150)
            plant.respond(call, NAME, "at-machine", JAM_S[0] + 300)
            plant.respond(call, NAME, "restored", JAM_S[0] + 880)
    plant.office.store.close()


class Plant:
    """The plant as the broker hears it, from the end of the history on.

    Args:
        broker: Where it speaks.
    """

    def __init__(self, broker: RunningBroker) -> None:
        self._client = Client(broker.port, "machines", broker.password("machines"))
        self.at_s = UNTIL_S
        self._client.say([f"{TOPIC}/birth"], encode(BIRTH), retain=True)
        self._say_clock()

    def close(self) -> None:
        """Disconnect."""
        self._client.close()

    def live(self, seconds: int) -> None:
        """Send what it does next, and the tick that closes it."""
        begun, before = datetime.now(UTC), self.at_s
        self.at_s += seconds
        self._say_clock()
        self._client.say([f"{TOPIC}/readings"], batch(before, self.at_s))
        tick = Tick(run=RUN, at=from_ms(EPOCH_MS + self.at_s * 1_000), sent=begun)
        self._client.say(["shopfloor/_plant/tick"], encode(tick))

    def _say_clock(self) -> None:
        at = from_ms(EPOCH_MS + self.at_s * 1_000)
        stamp = Clock(
            run=RUN, epoch=from_ms(EPOCH_MS), at=at, wall=datetime.now(UTC), speed=60.0, achieved=60.0, seed=7
        )
        self._client.say(["shopfloor/_plant/clock"], encode(stamp), retain=True)
