"""A small plant's messages for ingest tests, and what a history says in the end."""

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from sqlalchemy import select

from dashboard.history import tables
from dashboard.history.store import Store
from dashboard.ingest.office import Office
from dashboard.ingest.share import MEASURING
from dashboard.states.rules import StateRules
from protocol.messages import Birth, Clock, Signal, Threshold, encode
from protocol.moments import from_ms
from protocol.readings import Batch, Change, encode_batch
from protocol.states import State

EPOCH_MS = 1_767_592_800_000
"""2026-01-05T06:00:00Z."""
RUN = "a1b2c3d4"
MINUTE = 60_000
Message = tuple[str, bytes]


def clock(at_ms: int, run: str = RUN) -> Message:
    """The plant's clock at a moment."""
    stamp = Clock(
        run=run, epoch=from_ms(EPOCH_MS), at=from_ms(at_ms), wall=from_ms(at_ms), speed=60.0, seed=7
    )
    return "shopfloor/_plant/clock", encode(stamp)


def births() -> list[Message]:
    """A mill whose control reports, and a press of which only power is known."""
    signals = {"power_kw": Signal(unit="kW", low=0, high=12)}
    mill = Birth(
        at=from_ms(EPOCH_MS), kind="cnc-mill", run=RUN, simulated=True, states="reported", signals=signals
    )
    press = Birth(
        at=from_ms(EPOCH_MS),
        kind="press",
        run=RUN,
        simulated=True,
        states="sensed",
        threshold=Threshold(signal="power_kw", above=6, below=4),
        signals=signals,
    )
    return [
        ("shopfloor/machining/mill-1/birth", encode(mill)),
        ("shopfloor/pressing/press-1/birth", encode(press)),
    ]


def minutes(count: int, *, seed: int = 7) -> list[Message]:
    """The batches of both machines for some minutes from the epoch on, in order."""
    random = np.random.default_rng(seed)
    messages: list[Message] = []
    mill_state, parts, press_kw = State.IDLE, 0, 2.0
    for minute in range(count):
        at_ms = EPOCH_MS + minute * MINUTE
        before = mill_state
        changes = [Change(offset_ms=0, parts=parts, rejects=0)]
        for offset in sorted(random.choice(MINUTE, size=2, replace=False).tolist()):
            mill_state = State.IDLE if mill_state is State.RUNNING else State.RUNNING
            parts += mill_state is State.IDLE
            changes.append(Change(offset_ms=offset, state=mill_state))
            changes.append(Change(offset_ms=offset, parts=parts, rejects=0))
        offsets = np.arange(1_000, MINUTE + 1, 1_000)
        power = random.normal(5.0, 1.0, 60)
        mill = Batch(
            at_ms=at_ms,
            offsets_ms=offsets,
            signals={"power_kw": power},
            run=RUN,
            seq=minute,
            state=before,
            changes=tuple(changes),
        )
        # Wanders through the band between the levels, so that hysteresis matters.
        press_kw_column = press_kw + np.cumsum(random.normal(0, 0.6, 60))
        press_kw = float(np.clip(press_kw_column[-1], 0, 10))
        press = Batch(
            at_ms=at_ms,
            offsets_ms=offsets,
            signals={"power_kw": np.clip(press_kw_column, 0, 10)},
            run=RUN,
            seq=minute,
        )
        messages.append(("shopfloor/machining/mill-1/readings", encode_batch(mill)))
        messages.append(("shopfloor/pressing/press-1/readings", encode_batch(press)))
    return messages


def open_office(folder: Path, until_ms: int, rules: StateRules | None = None) -> Office:
    """An office on the history in a folder, whose plant clock stands at a moment."""
    office = Office(root="shopfloor", store=Store(f"sqlite:///{folder}/history.db"), rules=rules)
    give(office, [clock(until_ms), *births()], wall_ms=until_ms)
    return office


def give(office: Office, messages: list[Message], *, wall_ms: int = EPOCH_MS) -> None:
    """Hand messages to the office one by one."""
    for topic, payload in messages:
        office.receive(topic, payload, wall_ms=wall_ms, retained=False)


def disordered(messages: list[Message], chance: Random, repeated: int) -> list[Message]:
    """All of some messages, and so many of them once more, in an order of chance."""
    disorder = messages + chance.sample(messages, repeated)
    chance.shuffle(disorder)
    return disorder


def close(office: Office, until_ms: int) -> dict[str, list[Any]]:
    """Commit, and read back every measured row of the run."""
    office.tick(RUN, until_ms, MEASURING)
    office.commit()
    kept = {}
    with office.store.engine.connect() as connection:
        for table in (tables.intervals, tables.counts, tables.rollups, tables.machines):
            rows = connection.execute(select(table).where(table.c.run == RUN).order_by(*table.primary_key))
            # Sums of the same values in another order differ in their last bits.
            kept[table.name] = [
                tuple(round(one, 6) if isinstance(one, float) else one for one in row) for row in rows
            ]
    office.store.close()
    return kept
