"""The truth that the simulator tells, kept beside what was measured. No measured number reads it."""

from collections import defaultdict

from dashboard.history.store import Store, Writes
from protocol.messages import Truth, Truths, decode
from protocol.moments import to_ms
from protocol.states import State
from protocol.topics import BATCH


class Proof:
    """Takes in truth messages; a repeat changes nothing.

    Args:
        store: The history, to know how far the truth of a run is already there.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._spans: dict[str, dict[str, tuple[int, int]]] = {}
        self._holes: dict[str, dict[str, list[tuple[int, int]]]] = {}

    def hear(self, name: str, payload: bytes, writes: Writes) -> None:
        """Add what a message tells of one machine, or of many in one from their gateway.

        Args:
            name: The last level of its topic.
            payload: The message.
            writes: Where the rows gather.

        Raises:
            MessageError: It cannot be understood.
        """
        if name == BATCH:
            for machine, truth in decode(payload, Truths).machines.items():
                self.receive(machine, truth, writes)
        else:
            self.receive(name, decode(payload, Truth), writes)

    def receive(self, machine: str, truth: Truth, writes: Writes) -> None:
        """Add what a machine really did in (at, until]."""
        at_ms, until_ms = to_ms(truth.at), to_ms(truth.until)
        spans = self._spans_of(truth.run)
        since_ms, known_until_ms = spans.get(machine, (at_ms, at_ms))
        key = {"run": truth.run, "machine": machine}
        known = machine in spans and since_ms <= at_ms <= known_until_ms
        # What is told again says nothing new of its first moment, unless that lies in a hole.
        if not known or any(begin <= at_ms < end for begin, end in self._holes_of(truth.run)[machine]):
            if at_ms > known_until_ms:
                # Time that no message told of is unknown, not what came before it.
                self._holes_of(truth.run)[machine].append((known_until_ms, at_ms))
                writes.truth_intervals.append(
                    {**key, "start_ms": known_until_ms, "state": State.UNKNOWN, "phase": "", "cause": ""}
                )
            writes.truth_intervals.append(
                {**key, "start_ms": at_ms, "state": truth.state, "phase": truth.phase, "cause": truth.cause}
            )
            writes.truth_counts.append(
                {**key, "at_ms": at_ms, "parts": truth.parts, "rejects": truth.rejects}
            )
        parts, rejects = truth.parts, truth.rejects
        for change in truth.changes:
            moment = at_ms + change.offset_ms
            if change.state is not None:
                writes.truth_intervals.append(
                    {
                        **key,
                        "start_ms": moment,
                        "state": change.state,
                        "phase": change.phase,
                        "cause": change.cause,
                    }
                )
            if change.parts is not None or change.rejects is not None:
                parts = change.parts if change.parts is not None else parts
                rejects = change.rejects if change.rejects is not None else rejects
                writes.truth_counts.append({**key, "at_ms": moment, "parts": parts, "rejects": rejects})
        writes.truth_faults.extend(
            {
                **key,
                "fault": one.fault,
                "signal": one.signal,
                "from_ms": to_ms(one.begun),
                "until_ms": to_ms(one.until),
                "severity": one.severity,
            }
            for one in truth.faults
        )
        spans[machine] = (min(since_ms, at_ms), max(known_until_ms, until_ms))
        since_ms, known_until_ms = spans[machine]
        writes.truth_machines.append({**key, "since_ms": since_ms, "until_ms": known_until_ms})

    def _spans_of(self, run: str) -> dict[str, tuple[int, int]]:
        if run not in self._spans:
            self._spans[run] = {
                row.machine: (row.since_ms, row.until_ms) for row in self._store.truth_machines(run)
            }
        return self._spans[run]

    def _holes_of(self, run: str) -> dict[str, list[tuple[int, int]]]:
        """The spans of a run of which no message told, by machine."""
        if run not in self._holes:
            holes = self._holes[run] = defaultdict(list)
            for row in self._store.truth_holes(run):
                holes[row.machine].append((row.start_ms, row.end_ms))
        return self._holes[run]
