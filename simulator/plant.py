"""All machines of the plant, and what they send: births, batches of readings, and the truth."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from msgspec.structs import replace as with_fields

from protocol.messages import Birth, SensorTruth, Truth, TruthChange
from protocol.moments import from_ms as moment
from protocol.readings import Batch, Change, WrittenBatch, joined, write_batch, write_own, write_signals
from simulator.behaviour.diary import Diary, Happened
from simulator.behaviour.life import live
from simulator.behaviour.routine import follow
from simulator.behaviour.stretch import Label, Labels, Stretch, labels_of
from simulator.sensing.bank import Bank
from simulator.sensing.sensors import Sensors
from simulator.specs.machine import MachineSpec, birth_of

SHORT_READINGS = 12
"""In a span of so many readings all machines of a sort are read together, in a longer one each alone."""
PLACES = 3
"""Values are sent to so many decimal places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one machine says of one span of plant time."""

    machine: str
    """Name of the machine."""
    batch: WrittenBatch | None
    """Its readings; None when it says nothing."""
    truth: Truth
    """What it really did."""


class Plant:
    """The machines of one run. A function of seed, epoch and what was added and retired when."""

    def __init__(self, seed: int, epoch_ms: int, run: str) -> None:
        """Build an empty plant.

        Args:
            seed: Seed of all random numbers.
            epoch_ms: Plant time at which the run begins, ms since 1970; readings count from here.
            run: Name of the run.
        """
        self.seed = seed
        self.epoch_ms = epoch_ms
        self.run = run
        self.now_ms = epoch_ms
        self._lives: dict[str, list[_Life]] = {}
        self._banks: list[tuple[Bank, list[_Life]]] = []

    def add(self, spec: MachineSpec, at_ms: int) -> None:
        """Put up a machine at a moment.

        Raises:
            ValueError: One of that name is at work, or was until later.
        """
        lives = self._lives.setdefault(spec.name, [])
        if lives and (lives[-1].retired_ms is None or lives[-1].retired_ms > at_ms):
            raise ValueError(f"{spec.name} is at work at {moment(at_ms)}")
        life = _Life(spec, seed=self.seed, epoch_ms=self.epoch_ms, added_ms=at_ms, run=self.run)
        life.advance(max(self.now_ms, at_ms))
        lives.append(life)
        self._bank(life)

    def retire(self, name: str, at_ms: int) -> None:
        """Take a machine away at a moment. What it sent before can be asked for until it is forgotten.

        Raises:
            ValueError: There is none of that name at work.
        """
        life = self._newest(name)
        if life.retired_ms is not None:
            raise ValueError(f"{name} was retired already")
        life.retired_ms = max(at_ms, life.added_ms)
        for bank, members in self._banks:
            if life in members:
                bank.remove(members.index(life))
                members.remove(life)

    def names(self) -> list[str]:
        """The machines at work, in the order in which they came."""
        return [name for name, lives in self._lives.items() if lives[-1].retired_ms is None]

    def location(self, name: str) -> tuple[str, ...]:
        """Where a machine stands, from the largest level to the smallest."""
        return self._newest(name).spec.location

    def advance(self, to_ms: int) -> None:
        """Live on, up to and including a moment."""
        if to_ms <= self.now_ms:
            return
        for lives in self._lives.values():
            for life in lives:
                life.advance(to_ms)
        self.now_ms = to_ms

    def birth(self, name: str) -> Birth:
        """What a machine says of itself."""
        life = self._newest(name)
        return birth_of(life.spec, at_ms=life.added_ms, run=self.run)

    def batch(self, name: str, from_ms: int, to_ms: int) -> Batch | None:
        """What a machine sent in (`from_ms`, `to_ms`]; None when that was nothing.

        The same readings and changes however the time is cut into spans; can be asked again.
        Where a machine was retired and put up anew within the span, only the new one answers: cut there.

        Raises:
            ValueError: The span is not within what was lived and not forgotten.
        """
        life = self._life(name, to_ms)
        span = life.span(from_ms, to_ms)
        return life.batch(*span) if span else None

    def truth(self, name: str, from_ms: int, to_ms: int) -> Truth:
        """What a machine really did in (`from_ms`, `to_ms`], or in the part of it in which it was there.

        Raises:
            ValueError: It was not there, or the span is not within what was lived and not forgotten.
        """
        life = self._life(name, to_ms)
        span = life.span(from_ms, to_ms)
        if span is None:
            raise ValueError(f"{name} was not there from {moment(from_ms)} to {moment(to_ms)}")
        return life.truth(*span)

    def tell(self, from_ms: int, to_ms: int, number: Callable[[str], int]) -> Iterator[Told]:
        """What each machine at work says of (`from_ms`, `to_ms`], and what it really did; can be asked again.

        Args:
            from_ms: Beginning of the span, ms since 1970.
            to_ms: End of the span.
            number: The number of the next message of a machine, by its name.
        """
        together = self._read_together(from_ms, to_ms)
        at, until = moment(from_ms), moment(to_ms)
        for name in self.names():
            life = self._lives[name][-1]
            read = together.get(life)
            if read is not None:
                own, truth = life.said(from_ms, to_ms)
                own = joined(
                    b'{"seq":%d}' % number(name), joined(own, write_signals(read.names, read.values))
                )
                yield Told(
                    machine=name,
                    batch=WrittenBatch(read.moments, own),
                    truth=with_fields(truth, at=at, until=until),
                )
            else:
                batch = self.batch(name, from_ms, to_ms)
                yield Told(
                    machine=name,
                    batch=None if batch is None else write_batch(replace(batch, seq=number(name))),
                    truth=self.truth(name, from_ms, to_ms),
                )

    def forget(self, before_ms: int) -> None:
        """Drop what lies before a moment, and the machines that were retired by then."""
        for name, lives in list(self._lives.items()):
            kept = [life for life in lives if life.retired_ms is None or life.retired_ms > before_ms]
            if kept:
                self._lives[name] = kept
            else:
                del self._lives[name]
            for life in kept:
                life.forget(before_ms)

    def _bank(self, life: "_Life") -> None:
        """Have a machine read together with the others of its sort, if it can be."""
        kind, sensors = life.spec.settings, life.spec.sensors
        if kind.pattern or not Bank.takes(sensors, kind.period_ms):
            return
        for bank, members in self._banks:  # noqa: B007 - used where the loop was left
            if bank.period_ms == kind.period_ms and bank.sensors == sensors:
                break
        else:
            bank = Bank(sensors, period_ms=kind.period_ms, epoch_ms=self.epoch_ms, seed=self.seed)
            members = []
            self._banks.append((bank, members))
        life.join(bank)
        members.append(life)

    def _read_together(self, from_ms: int, to_ms: int) -> dict["_Life", "_Read"]:
        """The readings of a short span, of all machines that are read together."""
        read: dict[_Life, _Read] = {}
        for bank, members in self._banks:
            offsets_ms = bank.offsets_ms(from_ms, to_ms)
            if not members or not 1 <= len(offsets_ms) <= SHORT_READINGS:
                continue
            nothing = Batch(run=self.run, at_ms=from_ms, offsets_ms=offsets_ms, signals={})
            moments = write_batch(nothing).moments
            values = np.round(bank.read(from_ms, to_ms), PLACES).tolist()
            for life, mine in zip(members, values, strict=True):
                if life.span(from_ms, to_ms) == (from_ms, to_ms):
                    read[life] = _Read(moments, bank.names, mine)
        return read

    def _newest(self, name: str) -> "_Life":
        lives = self._lives.get(name)
        if not lives:
            raise ValueError(f"there is no {name!r} in the plant")
        return lives[-1]

    def _life(self, name: str, to_ms: int) -> "_Life":
        """The machine of a name that was at work just before a moment, else the newest."""
        newest = self._newest(name)
        lives = self._lives[name]
        return next((life for life in reversed(lives) if life.added_ms < to_ms), newest)


@dataclass(frozen=True, slots=True)
class _Read:
    """The readings of one machine that was read with others."""

    moments: bytes
    """The half of its batch that it shares with them."""
    names: tuple[str, ...]
    """Names of the signals."""
    values: list[list[float]]
    """The values of each signal."""


@dataclass(frozen=True, slots=True)
class _Calm:
    """What a machine says while nothing begins, ends or is made."""

    from_ms: int
    until_ms: int
    written: int
    """State of the diary for which this is true."""
    own: bytes
    truth: Truth


class _Life:
    """One machine from the day it was put up to the day it is taken away."""

    def __init__(self, spec: MachineSpec, *, seed: int, epoch_ms: int, added_ms: int, run: str) -> None:
        kind = spec.settings
        self.spec = spec
        self.added_ms = added_ms
        self.retired_ms: int | None = None
        self._run = run
        self._forgotten_ms = added_ms
        self._labels = Labels(labels_of(kind))
        self._reports = _numbered([(label.state, label.cause) for label in self._labels])
        self._truths = _numbered([(label.state, label.cause, label.phase) for label in self._labels])
        self._days: Iterator[Stretch] = (
            follow(kind, kind.pattern, start_ms=added_ms)
            if kind.pattern
            else live(kind, seed=seed, machine=spec.name, start_ms=added_ms)
        )
        self._sensors = Sensors(
            spec.sensors,
            self._labels,
            kind,
            seed=seed,
            machine=spec.name,
            epoch_ms=epoch_ms,
            added_ms=added_ms,
        )
        self._diary = Diary(added_ms, lag=self._sensors)
        self._calm: _Calm | None = None
        self._last: Happened | None = None

    def join(self, bank: Bank) -> None:
        """Be read together with others."""
        bank.add(self.spec.name, self._diary, self._labels)

    def said(self, from_ms: int, to_ms: int) -> tuple[bytes, Truth]:
        """What it says of a span beside its readings, as JSON, and the truth."""
        calm = self._calm
        if not (calm and calm.from_ms <= from_ms and to_ms < calm.until_ms) or (
            calm.written != self._diary.written
        ):
            until_ms = self._diary.next_ms(from_ms)
            own, truth = write_own(self._reporting(from_ms, to_ms)), self.truth(from_ms, to_ms)
            if to_ms >= until_ms:
                return own, truth
            calm = self._calm = _Calm(from_ms, until_ms, self._diary.written, own, truth)
        return calm.own, calm.truth

    def advance(self, to_ms: int) -> None:
        """Live on until the diary holds a moment, or the one at which it is taken away."""
        if self.retired_ms is not None:
            to_ms = min(to_ms, self.retired_ms)
        while self._diary.end_ms <= to_ms:
            stretch = next(self._days)
            self._diary.write(stretch)

    def forget(self, before_ms: int) -> None:
        """Drop what lies before a moment."""
        before_ms = min(before_ms, self._diary.end_ms - 1)
        if before_ms > self._forgotten_ms:
            # The sensors look back a little further than what is asked for.
            self._diary.forget(max(before_ms - self._sensors.memory_ms, self.added_ms))
            self._forgotten_ms = before_ms

    def span(self, from_ms: int, to_ms: int) -> tuple[int, int] | None:
        """The part of a span in which the machine was there; None when it was not."""
        from_ms = max(from_ms, self.added_ms)
        if self.retired_ms is not None:
            to_ms = min(to_ms, self.retired_ms)
        if from_ms > to_ms:
            return None
        if from_ms < self._forgotten_ms:
            raise ValueError(f"{self.spec.name}: what was before {moment(self._forgotten_ms)} is forgotten")
        if to_ms >= self._diary.end_ms:
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
        moments_ms, signals = self._sensors.read(self._diary, from_ms, to_ms)
        if not len(moments_ms) and not self._reported_anything(from_ms, to_ms):
            return None
        return replace(self._reporting(from_ms, to_ms), offsets_ms=moments_ms - from_ms, signals=signals)

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

    def _reported_anything(self, from_ms: int, to_ms: int) -> bool:
        return self.spec.controller and bool(self._reported(self._happened(from_ms, to_ms)))

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
                for at_ms, label, counts in self._changes(happened, self._truths)
            ),
            sensors=tuple(
                SensorTruth(
                    signal=one.signal, what=one.what, begin=moment(one.begin_ms), end=moment(one.end_ms)
                )
                for one in self._sensors.imperfections(self._diary, from_ms, to_ms)
            ),
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
            for at_ms, label, counts in self._changes(happened, self._reports)
        ]

    def _happened(self, from_ms: int, to_ms: int) -> Happened:
        """What happened in a span; what is said of it and what is true of it are asked for in turn."""
        known = self._last
        if (
            known is None
            or (known.from_ms, known.to_ms) != (from_ms, to_ms)
            or known.written != self._diary.written
        ):
            known = self._last = self._diary.happened(from_ms, to_ms)
        return known

    def _changes(
        self, happened: Happened, classes: list[int]
    ) -> list[tuple[int, Label | None, tuple[int, int] | None]]:
        """Moments in a span with the label that begins and the parts and rejects made by then, in order.

        A label of the same class as the one before is no change: one cycle after the other.
        """
        begun: dict[int, Label] = {}
        before = happened.label
        for at_ms, label in happened.begun:
            if classes[label] != classes[before]:
                begun[at_ms] = self._labels[label]
            before = label
        made = {at_ms: (parts, rejects) for at_ms, parts, rejects in happened.made}
        return [(at_ms, begun.get(at_ms), made.get(at_ms)) for at_ms in sorted(begun.keys() | made.keys())]


def _numbered(classes: list[tuple[str, ...]]) -> list[int]:
    return [classes.index(one) for one in classes]
