"""What ingest's own work goes into: a sampling profile of the office in one process, without a broker."""

import signal
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from benchmarks.ingest_load import EPOCH_MS, RUN, Load
from dashboard.calendar.places import Calendar
from dashboard.calls.rules import CallRules
from dashboard.history.store import Store
from dashboard.ingest.office import Office
from protocol.messages import Clock, encode
from protocol.moments import from_ms

EVERY_S = 0.001
PARTS = {
    "protocol/": "decoding batches",
    "dashboard/history/": "the database: rows, and the commit",
    "dashboard/ingest/minutes.py": "roll-ups by the minute",
    "dashboard/ingest/rows.py": "making rows",
    "dashboard/states/": "states from readings",
    "dashboard/intervals.py": "intervals",
    "dashboard/calls/": "calls for people",
    "dashboard/ingest/judge.py": "calls for people",
    "dashboard/parts.py": "parts",
    "dashboard/": "the rest",
}
"""What a file of ours is for, by the beginning of its path; the first that fits counts."""


def shares(load: Load) -> list[tuple[str, float]]:
    """What the CPU goes into, the most first, as shares of the whole."""
    found: Counter[str] = Counter()

    def look(_number: int, frame: FrameType | None) -> None:
        while frame is not None:
            path = frame.f_code.co_filename
            for part, what in PARTS.items():
                if f"/{part}" in path:
                    found[what] += 1
                    return
            frame = frame.f_back

    with tempfile.TemporaryDirectory() as folder:
        office = introduced(load, f"sqlite:///{Path(folder) / 'history.db'}")
        before = signal.signal(signal.SIGPROF, look)
        signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
        try:
            for at_ms, batches in load.ticks:
                take_tick(office, at_ms, batches)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)
        office.store.close()
    whole = sum(found.values())
    return [(what, count / whole) for what, count in found.most_common()]


def introduced(load: Load, history: str) -> Office:
    """An office that knows the machines of a load."""
    office = Office(root="shopfloor", store=Store(history), calls=CallRules.read(), calendar=Calendar.read())
    _clock(office, EPOCH_MS)
    for place, birth in load.births.items():
        office.receive(f"shopfloor/{place}/birth", encode(birth), wall_ms=EPOCH_MS, retained=True)
    office.commit()
    return office


def take_tick(office: Office, at_ms: int, batches: Sequence[tuple[str, bytes]]) -> None:
    """Have an office take in what comes before a tick, and the tick."""
    _clock(office, at_ms)
    for place, payload in batches:
        office.receive(f"shopfloor/{place}/readings", payload, wall_ms=at_ms, retained=False)
    for name in office.share.roles:
        office.tick(RUN, at_ms, name)
    office.commit()


def _clock(office: Office, at_ms: int) -> None:
    clock = Clock(run=RUN, epoch=from_ms(EPOCH_MS), at=from_ms(at_ms), wall=from_ms(at_ms), speed=None)
    office.receive("shopfloor/_plant/clock", encode(clock), wall_ms=at_ms, retained=False)
