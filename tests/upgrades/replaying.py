"""Old messages taken in by the present office, in the order in which they came."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dashboard.calendar.places import Calendar
from dashboard.calls.rules import CallRules
from dashboard.history.store import Store
from dashboard.ingest.office import Office
from dashboard.ingest.proof import Proof
from dashboard.ingest.share import MEASURING, PROVING
from protocol.messages import MessageError, Tick, decode
from protocol.moments import to_ms
from protocol.twin import TWIN_ROOT, twin_run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.upgrades.recorder import Said

ROOT = "shopfloor"
NOT_FOR_THE_OFFICE = ("watermark", "office", "command", "faults")
"""What the plant, or pages, are told under `_plant/`."""
WALL_MS = 1_800_000_000_000


class Listener:
    """The present office with its twin's and its proof, on a history.

    Args:
        url: The history.
    """

    def __init__(self, url: str) -> None:
        self.store = Store(url)
        self.office = Office(root=ROOT, store=self.store, calls=CallRules(), calendar=Calendar.read())
        self.twin = Office.beside(self.office, root=TWIN_ROOT)
        self.proof = Proof(self.store)

    @property
    def refused(self) -> list[str]:
        """Why messages were refused."""
        return [f"{one.topic}: {one.reason}" for one in self.office.refused.newest().newest]

    def hear(self, said: Iterable[Said]) -> None:
        """Take in messages, each tick with a commit."""
        for topic, text in said:
            self._hear(topic, text.encode())
        self.office.commit()

    def close(self) -> None:
        """Leave the history."""
        self.store.close()

    def _hear(self, topic: str, payload: bytes) -> None:
        root, *middle, kind = topic.split("/")
        if middle[:1] == ["_truth"]:
            self._hear_truth(topic, kind, payload)
        elif middle == ["_plant"] and kind == "tick":
            self._hear_tick(topic, payload)
        elif middle[:1] in (["_office"], ["_call"]) or (middle == ["_plant"] and kind in NOT_FOR_THE_OFFICE):
            return
        else:
            office = self.twin if root == TWIN_ROOT else self.office
            office.receive(topic, payload, wall_ms=WALL_MS, retained=False)

    def _hear_truth(self, topic: str, kind: str, payload: bytes) -> None:
        try:
            self.proof.hear(kind, payload, self.office.writes)
        except MessageError as error:
            self.office.refused.add(topic, payload, str(error), wall_ms=WALL_MS)

    def _hear_tick(self, topic: str, payload: bytes) -> None:
        try:
            tick = decode(payload, Tick)
        except MessageError as error:
            self.office.refused.add(topic, payload, str(error), wall_ms=WALL_MS)
            return
        for office in (MEASURING, PROVING):
            self.office.tick(tick.run, to_ms(tick.at), office)
            if tick.twin_at is not None:
                self.twin.tick(twin_run(tick.run), to_ms(tick.twin_at), office)
        self.office.commit()


def newest_clock(said: Iterable[Said]) -> dict[str, object]:
    """The newest word of a plant's clock."""
    clocks = [one for one in said if one.topic == f"{ROOT}/_plant/clock"]
    newest: dict[str, object] = json.loads(clocks[-1].text)
    return newest
