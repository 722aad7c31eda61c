"""A machine whose log is known: who did what for how long, and how it is told over MQTT."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from protocol.moments import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Logbook:
    """One machine's log."""

    topic: str
    """Where it stands, `shopfloor/bottling/can-line`."""
    begins: str
    """When the log begins, ISO 8601."""
    states: Sequence[tuple[str, float]]
    """What it was, and for how many seconds, one after the other."""
    ideal_cycle_s: float | None = None
    """Its ideal cycle in seconds."""
    counts: Sequence[tuple[float, int, int]] = ()
    """Seconds after the beginning, cumulative parts, cumulative rejects."""

    @property
    def length_s(self) -> float:
        """How long the log is."""
        return sum(seconds for _, seconds in self.states)

    def birth(self) -> bytes:
        """What the machine says of itself."""
        birth = {"at": self.begins, "states": "reported", "period_ms": 1, "kind": "golden"}
        if self.ideal_cycle_s is not None:
            birth["ideal_cycle_s"] = self.ideal_cycle_s
        return msgspec.json.encode(birth)

    def batches(self) -> list[bytes]:
        """The log as two messages: the halves of its changes, the second of which ends it."""
        edges, at_s = [], 0.0
        for state, seconds in self.states:
            edges.append((at_s, state))
            at_s += seconds
        changes = [{"offset_ms": round(at * 1_000), "state": state} for at, state in edges]
        changes += [
            {"offset_ms": round(at * 1_000), "parts": parts, "rejects": rejects}
            for at, parts, rejects in self.counts
        ]
        # The end has to be said: of what comes after the last message nothing is known.
        changes.append({"offset_ms": round(at_s * 1_000) - 1, "state": edges[-1][1]})
        changes.sort(key=lambda change: _less(change["offset_ms"], 0))
        middle = len(changes) // 2
        return [self._batch(changes[: middle + 1]), self._batch(changes[middle:])]

    def _batch(self, changes: list[dict[str, object]]) -> bytes:
        first = changes[0]["offset_ms"]
        assert isinstance(first, int)
        # Every batch says the state at its beginning, so that it stands by itself.
        edges = accumulate((round(seconds * 1_000) for _, seconds in self.states), initial=0)
        state = [state for (state, _), edge in zip(self.states, edges, strict=False) if edge <= first][-1]
        moved = [{**change, "offset_ms": _less(change["offset_ms"], first)} for change in changes]
        at = to_text(from_text(self.begins) + first)
        return msgspec.json.encode({"at": at, "state": state, "changes": moved})


def _less(offset: object, first: int) -> int:
    assert isinstance(offset, int)
    return offset - first
