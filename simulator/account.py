"""What one machine says of its days: batches of readings, and the truth."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from msgspec.structs import replace as with_fields

from protocol.messages import SensorTruth, Truth, TruthChange, TruthFault
from protocol.moments import from_ms as moment
from protocol.readings import Batch, Change, Float64s, Int64s, write_own
from simulator.behaviour.diary import Happened
from simulator.behaviour.machine import Machine
from simulator.behaviour.stretch import Label
from simulator.faults.sensors import SensorFaults
from simulator.faults.spells import Spells
from simulator.sensing.sensors import Sensors
from simulator.specs.flaws import NONE
from simulator.specs.machine import MachineSpec


@dataclass(frozen=True, slots=True)
class _Calm:
    """What a machine says while nothing begins, ends or is made."""

    from_ms: int
    until_ms: int
    written: int
    """State of the diary for which this is true."""
    own: bytes
    truth: Truth


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
        self._faults = faults
        self._faulty = wrong
        self.sensors = sensors
        """What shows of it; None where nobody asks for readings."""
        self.signals = tuple(sensor.name for sensor in spec.sensors)
        """Names of its signals, in the order in which they are told."""
        self._flawed = any(sensor.flaws != NONE for sensor in spec.sensors)
        self._calm: _Calm | None = None
        self._last: Happened | None = None
        self._diary = machine.diary
        self._labels = machine.labels

    def forget(self, before_ms: int) -> None:
        """Drop what lies before a moment."""
        if before_ms > self._forgotten_ms:
            # The sensors look back a little further than what is asked for.
            memory_ms = self.sensors.memory_ms if self.sensors else 0
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
        batch = self._reporting(from_ms, to_ms)
        if not len(moments_ms) and not batch.changes[self.spec.settings.makes_parts :]:
            return None
        return replace(batch, offsets_ms=moments_ms - from_ms, signals=signals)

    def said(self, from_ms: int, to_ms: int) -> tuple[bytes, Truth]:
        """What it says of a span beside its readings, as JSON, and the truth, of this span or a calm one."""
        calm = self._calm
        if calm and calm.from_ms <= from_ms and to_ms < calm.until_ms and calm.written == self._diary.written:
            if not self._flawed:
                return calm.own, calm.truth
            return calm.own, with_fields(calm.truth, sensors=self._wrong(from_ms, to_ms))
        until_ms = self._diary.next_ms(from_ms)
        own, truth = write_own(self._reporting(from_ms, to_ms)), self.truth(from_ms, to_ms)
        if to_ms < until_ms:
            self._calm = _Calm(from_ms, until_ms, self._diary.written, own, truth)
        return own, truth

    def has_moments(self, from_ms: int, to_ms: int) -> bool:
        """Whether its cycles bring readings at moments of their own in a span."""
        return self.sensors is not None and self.sensors.have_moments(self._diary, from_ms, to_ms)

    def highest(self, from_ms: int, to_ms: int) -> dict[str, tuple[Int64s, Float64s]]:
        """The signals of which the highest value of a period's cycles is told in a span."""
        return self.sensors.highest(self._diary, from_ms, to_ms) if self.sensors else {}

    def _reporting(self, from_ms: int, to_ms: int) -> Batch:
        """A batch without readings: what a control says of a span."""
        batch = Batch(run=self._run, at_ms=from_ms, offsets_ms=np.empty(0, dtype=np.int64), signals={})
        if not self.spec.controller:
            return batch
        happened = self._happened(from_ms, to_ms)
        label, changes = self._labels[happened.label], self._reported(happened)
        if self.spec.settings.makes_parts:
            # The counters as they stand, so that a batch is whole even if all before it were lost.
            changes.insert(0, Change(offset_ms=0, parts=happened.parts, rejects=happened.rejects))
        return replace(batch, state=label.state, cause=label.cause, changes=tuple(changes))

    def truth(self, from_ms: int, to_ms: int) -> Truth:
        """All that happened in a span in which the machine was there."""
        happened = self._happened(from_ms, to_ms)
        label = self._labels[happened.label]
        return Truth(
            run=self._run,
            at=moment(from_ms),
            until=moment(to_ms),
            state=label.state,
            phase=label.phase,
            cause=label.cause,
            parts=happened.parts,
            rejects=happened.rejects,
            changes=tuple(
                TruthChange(
                    offset_ms=at_ms - from_ms,
                    state=label.state if label else None,
                    phase=label.phase if label else "",
                    cause=label.cause if label else "",
                    parts=counts[0] if counts else None,
                    rejects=counts[1] if counts else None,
                )
                for at_ms, label, counts in self._changes(happened, self._labels.truths)
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
        if self.sensors is None:
            return np.empty(0, dtype=np.int64), {}
        read = partial(self.sensors.read, self._diary)
        moments_ms, signals = read(from_ms, to_ms)
        return moments_ms, self._faulty.shown(moments_ms, signals, read)

    def _wrong(self, from_ms: int, to_ms: int) -> tuple[SensorTruth, ...]:
        """What was wrong with its sensors."""
        found = self.sensors.imperfections(self._diary, from_ms, to_ms) if self.sensors else []
        return tuple(
            SensorTruth(signal=one.signal, what=one.what, begin=moment(one.begin_ms), end=moment(one.end_ms))
            for one in found
        )

    def _reported(self, happened: Happened) -> list[Change]:
        return [
            Change(
                offset_ms=at_ms - happened.from_ms,
                state=label.state if label else None,
                cause=label.cause if label else "",
                parts=counts[0] if counts else None,
                rejects=counts[1] if counts else None,
            )
            for at_ms, label, counts in self._changes(happened, self._labels.reports)
        ]

    def _happened(self, from_ms: int, to_ms: int) -> Happened:
        """What happened in a span; what is said of it and what is true of it are asked for in turn."""
        last, written = self._last, self._diary.written
        if last is None or (last.from_ms, last.to_ms, last.written) != (from_ms, to_ms, written):
            last = self._last = self._diary.happened(from_ms, to_ms)
        return last

    def _changes(
        self, happened: Happened, classes: Sequence[int]
    ) -> list[tuple[int, Label | None, tuple[int, int] | None]]:
        """Moments in a span with the label that begins and the parts and rejects made by then, in order.

        A label of the same class as the one before is no change: one cycle after the other, and where
        phases are not told, one phase of a stop after the other.
        """
        begun: dict[int, Label] = {}
        before = happened.label
        for at_ms, label in happened.begun:
            if classes[label] != classes[before]:
                begun[at_ms] = self._labels[label]
            before = label
        made = {at_ms: (parts, rejects) for at_ms, parts, rejects in happened.made}
        return [(at_ms, begun.get(at_ms), made.get(at_ms)) for at_ms in sorted(begun.keys() | made.keys())]
