"""What one machine says of its days: batches of readings, and the truth."""

from dataclasses import replace
from functools import partial

import numpy as np

from protocol.messages import SensorTruth, Truth, TruthChange, TruthFault
from protocol.moments import from_ms as moment
from protocol.readings import Batch, Change, Float64s, Int64s
from simulator.behaviour.machine import Machine
from simulator.behaviour.stretch import Label
from simulator.faults.sensors import SensorFaults
from simulator.faults.spells import Spells
from simulator.sensing.sensors import Sensors
from simulator.specs.machine import MachineSpec


class Account:
    """One machine from the day it is put up to the day it is taken away.

    Args:
        spec: Its settings.
        machine: What it goes through.
        sensors: What shows of it; None where nobody asks for readings.
        faults: The faults of the plant.
        wrong: What they do to its readings.
        added_ms: When it is put up.
        run: Name of the run.
    """

    def __init__(
        self,
        spec: MachineSpec,
        machine: Machine,
        sensors: Sensors | None,
        *,
        added_ms: int,
        run: str,
        faults: Spells,
        wrong: SensorFaults,
    ) -> None:
        self.spec = spec
        self.machine = machine
        self.added_ms = added_ms
        self.retired_ms: int | None = None
        """When it is taken away; None while nobody says so."""
        self._run = run
        self._forgotten_ms = added_ms
        self._sensors = sensors
        self._faults = faults
        self._faulty = wrong
        self._diary = machine.diary
        self._labels = machine.labels

    def forget(self, before_ms: int) -> None:
        """Drop what lies before a moment."""
        if before_ms > self._forgotten_ms:
            # The sensors look back a little further than what is asked for.
            memory_ms = self._sensors.memory_ms if self._sensors else 0
            self._diary.forget(max(before_ms - memory_ms, self.added_ms))
            self._forgotten_ms = before_ms

    def span(self, from_ms: int, to_ms: int, *, now_ms: int) -> tuple[int, int] | None:
        """The part of a span in which the machine was there; None when it was not.

        Raises:
            ValueError: The span is not within what was lived and not forgotten.
        """
        from_ms = max(from_ms, self.added_ms)
        if self.retired_ms is not None:
            to_ms = min(to_ms, self.retired_ms)
        if from_ms > to_ms:
            return None
        if from_ms < self._forgotten_ms:
            raise ValueError(f"{self.spec.name}: what was before {moment(self._forgotten_ms)} is forgotten")
        if to_ms > now_ms:
            raise ValueError(f"{self.spec.name} has not lived up to {moment(to_ms)}: advance the plant first")
        return from_ms, to_ms

    def batch(self, from_ms: int, to_ms: int) -> Batch | None:
        """The readings and, from a control, the changes in a span in which the machine was there."""
        pattern = self.spec.settings.pattern
        if pattern and pattern.silence:
            spoken = pattern.silence.spoken(from_ms, to_ms)
            if spoken is None:
                return None
            from_ms, to_ms = spoken
        moments_ms, signals = self._read(from_ms, to_ms)
        changes = self._reported(from_ms, to_ms) if self.spec.controller else []
        if not len(moments_ms) and not changes:
            return None
        batch = Batch(
            run=self._run,
            at_ms=from_ms,
            offsets_ms=moments_ms - from_ms,
            signals=signals,
        )
        if not self.spec.controller:
            return batch
        label = self._label_at(from_ms)
        if self.spec.settings.makes_parts:
            parts, rejects = self._diary.counts(from_ms)
            # The counters as they stand, so that a batch is whole even if all before it were lost.
            changes.insert(0, Change(offset_ms=0, parts=parts, rejects=rejects))
        return replace(batch, state=label.state, cause=label.cause, changes=tuple(changes))

    def truth(self, from_ms: int, to_ms: int) -> Truth:
        """All that happened in a span in which the machine was there."""
        label = self._label_at(from_ms)
        parts, rejects = self._diary.counts(from_ms)
        return Truth(
            run=self._run,
            at=moment(from_ms),
            until=moment(to_ms),
            state=label.state,
            phase=label.phase,
            cause=label.cause,
            parts=parts,
            rejects=rejects,
            changes=tuple(
                TruthChange(
                    offset_ms=at_ms - from_ms,
                    state=label.state if label else None,
                    phase=label.phase if label else "",
                    cause=label.cause if label else "",
                    parts=counts[0] if counts else None,
                    rejects=counts[1] if counts else None,
                )
                for at_ms, label, counts in self._changes(from_ms, to_ms, phases=True)
            ),
            sensors=self._wrong(from_ms, to_ms),
            faults=tuple(
                TruthFault(
                    fault=one.fault,
                    severity=one.severity,
                    signal=one.signal,
                    begun=moment(one.from_ms),
                    until=moment(one.until_ms),
                )
                for one in self._faults.during(self.spec.name, from_ms, to_ms)
            ),
        )

    def _read(self, from_ms: int, to_ms: int) -> tuple[Int64s, dict[str, Float64s]]:
        """When its sensors are read, and what they show; without sensors nobody asks."""
        if self._sensors is None:
            return np.empty(0, dtype=np.int64), {}
        read = partial(self._sensors.read, self._diary)
        moments_ms, signals = read(from_ms, to_ms)
        return moments_ms, self._faulty.shown(moments_ms, signals, read)

    def _wrong(self, from_ms: int, to_ms: int) -> tuple[SensorTruth, ...]:
        """What was wrong with its sensors."""
        found = self._sensors.imperfections(self._diary, from_ms, to_ms) if self._sensors else []
        return tuple(
            SensorTruth(signal=one.signal, what=one.what, begin=moment(one.begin_ms), end=moment(one.end_ms))
            for one in found
        )

    def _reported(self, from_ms: int, to_ms: int) -> list[Change]:
        return [
            Change(
                offset_ms=at_ms - from_ms,
                state=label.state if label else None,
                cause=label.cause if label else "",
                parts=counts[0] if counts else None,
                rejects=counts[1] if counts else None,
            )
            for at_ms, label, counts in self._changes(from_ms, to_ms, phases=False)
        ]

    def _label_at(self, at_ms: int) -> Label:
        row = int(self._diary.at(np.array([at_ms], dtype=np.int64))[0])
        return self._labels[int(self._diary.column("label")[row])]

    def _changes(
        self, from_ms: int, to_ms: int, *, phases: bool
    ) -> list[tuple[int, Label | None, tuple[int, int] | None]]:
        """Moments in a span with the label that begins and the parts and rejects made by then, in order.

        A label that says the same as the one before is no change: one cycle after the other, and where
        `phases` are not told, one phase of a stop after the other.
        """
        rows = self._diary.begun_within(from_ms, to_ms)
        labels = self._diary.column("label")[max(rows.start - 1, 0) : rows.stop].tolist()
        starts = self._diary.column("start_ms")[rows].tolist()
        classes = self._labels.truths if phases else self._labels.reports
        begun = {
            start_ms: self._labels[label]
            for start_ms, label, before in zip(starts, labels[1:], labels[:-1], strict=True)
            if classes[label] != classes[before]
        }
        made = {at_ms: (parts, rejects) for at_ms, parts, rejects in self._diary.made_within(from_ms, to_ms)}
        return [(at_ms, begun.get(at_ms), made.get(at_ms)) for at_ms in sorted(begun.keys() | made.keys())]
