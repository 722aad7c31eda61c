"""A history with its truth, two hours long.

A mill that lost its link, a press that is sampled, and a machine of the bench whose answer is known; and a
device of one's own, of which nobody knows the truth.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np

from dashboard.ingest.proof import Proof
from protocol.messages import Birth, Threshold, Truth, TruthChange, TruthFault, encode
from protocol.moments import from_ms
from protocol.readings import Batch, Change, encode_batch
from protocol.states import State
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, close, give, open_office

HOUR = 60 * MINUTE
UNTIL_MS = EPOCH_MS + 2 * HOUR
PERIOD_MS = 1_000
LOST = range(30, 40)
"""Minutes of the mill whose messages never came."""
ANSWER = {"utilization": 0.8, "uptime": 1.0, "quality": 0.5}
LATE_MS = 400
"""The press changes so long before the reading that shows it."""
THRESHOLD = Threshold(signal="power_kw", above=6, below=4)
Step = tuple[int, State]

MILL: list[Step] = [(0, State.RUNNING), (20 * MINUTE, State.IDLE), (25 * MINUTE, State.RUNNING),
                    (70 * MINUTE, State.DOWN), (85 * MINUTE + 250, State.RUNNING)]  # fmt: skip
PRESS: list[Step] = [
    (0, State.RUNNING),
    (50 * MINUTE - LATE_MS, State.SETUP),
    (60 * MINUTE - LATE_MS, State.RUNNING),
]
FAULTS = {
    "mill-5": (
        TruthFault(
            fault="disconnect", severity=1.0, begun=from_ms(EPOCH_MS + 30 * MINUTE),
            until=from_ms(EPOCH_MS + 40 * MINUTE),
        ),
    ),
    "press-5": (
        TruthFault(
            fault="stuck", severity=0.5, signal="power_kw", begun=from_ms(EPOCH_MS + 110 * MINUTE),
            until=from_ms(EPOCH_MS + 180 * MINUTE),
        ),
    ),
}  # fmt: skip
"""What somebody asked for: one is over, one goes on."""
EIGHTY: list[Step] = [
    step
    for minute in range(0, 120, 10)
    for step in ((minute * MINUTE, State.RUNNING), ((minute + 8) * MINUTE, State.IDLE))
]


def write_history(folder: Path) -> None:
    """Write it where a web process reads it."""
    office = open_office(folder, UNTIL_MS)
    give(office, [_birth("machining/mill-5", "reported"), _birth("pressing/press-5", "sensed"),
                  _birth("bench/eighty-5", "reported", answer=ANSWER),
                  _birth("my-lathe", "reported", simulated=False)])  # fmt: skip
    for minute in range(120):
        messages = [
            _batch("bench/eighty-5", EIGHTY, minute),
            _batch("my-lathe", MILL, minute),
            _power("pressing/press-5", minute),
        ]
        if minute not in LOST:
            messages.append(_batch("machining/mill-5", MILL, minute))
        give(office, messages)
    proof = Proof(office.store)
    for machine, steps in (("mill-5", MILL), ("press-5", PRESS), ("eighty-5", EIGHTY)):
        proof.receive(machine, _truth(steps, FAULTS.get(machine, ())), office.writes)
    close(office, UNTIL_MS)


def _birth(
    path: str,
    how: Literal["reported", "sensed"],
    *,
    simulated: bool = True,
    answer: dict[str, float] | None = None,
) -> tuple[str, bytes]:
    birth = Birth(
        at=from_ms(EPOCH_MS), kind="machine", run=RUN, simulated=simulated, states=how, period_ms=PERIOD_MS,
        threshold=THRESHOLD if how == "sensed" else None, answer=answer or {},
    )  # fmt: skip
    return f"shopfloor/{path}/birth", encode(birth)


def _state_at(steps: list[Step], offset_ms: int) -> State:
    return [state for start, state in steps if start <= offset_ms][-1]


def _batch(path: str, steps: list[Step], minute: int) -> tuple[str, bytes]:
    begin = minute * MINUTE
    batch = Batch(
        at_ms=EPOCH_MS + begin,
        offsets_ms=np.arange(PERIOD_MS, MINUTE + 1, PERIOD_MS),
        signals={"power_kw": np.full(60, 8.0)},
        run=RUN,
        seq=minute,
        state=_state_at(steps, begin),
        changes=tuple(
            Change(offset_ms=start - begin, state=state)
            for start, state in steps
            if begin < start < begin + MINUTE
        ),
    )
    return f"shopfloor/{path}/readings", encode_batch(batch)


def _power(path: str, minute: int) -> tuple[str, bytes]:
    offsets = np.arange(0, MINUTE, PERIOD_MS)
    power = [
        8.0 if _state_at(PRESS, minute * MINUTE + offset) is State.RUNNING else 1.0
        for offset in offsets.tolist()
    ]
    batch = Batch(
        at_ms=EPOCH_MS + minute * MINUTE,
        offsets_ms=offsets,
        signals={"power_kw": np.array(power)},
        run=RUN,
        seq=minute,
    )
    return f"shopfloor/{path}/readings", encode_batch(batch)


def _truth(steps: Iterable[Step], faults: tuple[TruthFault, ...] = ()) -> Truth:
    first, *later = steps
    return Truth(
        run=RUN, at=from_ms(EPOCH_MS), until=from_ms(UNTIL_MS), state=first[1],
        changes=tuple(TruthChange(offset_ms=start, state=state) for start, state in later),
        faults=faults,
    )  # fmt: skip
