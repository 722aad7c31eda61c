"""Compressed air: what the machines draw, and the compressors that fill the receivers."""

from collections.abc import Mapping, Sequence

from simulator.behaviour.agenda import Agenda, Days, Process
from simulator.behaviour.machine import PRESSURE, Machine
from simulator.behaviour.stretch import CYCLE, HANDLING
from simulator.specs.kind import ATMOSPHERE_BAR, Receiver

MINUTE_MS = 60_000


class Air:
    """The demand of all machines, shared among the compressors by what they deliver.

    A compressor that stands leaves its share to the others, as long as there are any.
    """

    def __init__(self) -> None:
        self._draws: dict[Machine, float] = {}
        self._compressors: list[Compressor] = []

    def at_work(self, machines: Sequence[Machine], works: bool) -> None:  # noqa: FBT001 - as a train tells it
        """Machines begin to draw air, or cease."""
        changed = False
        for machine in machines:
            if machine.kind.air_m3_min:
                changed = True
                if works:
                    self._draws[machine] = machine.kind.air_m3_min
                else:
                    self._draws.pop(machine, None)
        if changed:
            self.share()

    def join(self, compressor: "Compressor") -> None:
        """Another compressor fills the net."""
        self._compressors.append(compressor)
        self.share()

    def leave(self, compressor: "Compressor") -> None:
        """A compressor is taken away."""
        self._compressors.remove(compressor)
        self.share()

    def share(self) -> None:
        """Tell every compressor what is drawn from it now."""
        # Added up anew each time: a sum that is carried on would gather errors.
        demand = sum(self._draws.values())
        if len(self._compressors) == 1:
            self._compressors[0].draw(demand)
            return
        able = [one for one in self._compressors if not one.machine.stopped] or self._compressors
        delivery = sum(one.receiver.delivery_m3_min for one in able)
        for one in self._compressors:
            share = one.receiver.delivery_m3_min / delivery if one in able else 0.0
            one.draw(demand * share)


class Compressor:
    """A compressor and its receiver: loaded from the lower end of the band up to the upper, then unloaded.

    The pressure moves in straight lines, at (delivered - drawn - leaks) x outside pressure / volume.
    Loaded is running, unloaded is idle.
    """

    def __init__(self, machine: Machine, receiver: Receiver, air: Air, agenda: Agenda) -> None:
        self.machine = machine
        self.receiver = receiver
        self._air = air
        self._agenda = agenda
        band = receiver.high_bar - receiver.low_bar
        self._delivers, self._leaks = receiver.delivery_m3_min, receiver.leak_m3_min
        self._bar_per_net = ATMOSPHERE_BAR / receiver.volume_m3 / MINUTE_MS
        self._pressure = receiver.low_bar + band * machine.cycles.begun
        self._loaded = True
        self._drawn = 0.0
        self._since_ms = agenda.now_ms
        self._ran_ms = 0
        self._due_ms: int | None = None
        self._steady = False
        self._runs = False
        machine.drive = self
        machine.more = self._columns
        self._process: Process = agenda.start(self._days())
        air.join(self)

    def draw(self, drawn_m3_min: float) -> None:
        """From now on so much is drawn, leaks aside."""
        if drawn_m3_min == self._drawn:
            return
        self._rise()
        self._drawn = drawn_m3_min
        if self._goes_on():
            if not self.machine.diary.bare:
                self._settle()
                self._write()
            self._process.put_off(self._next_ms())
            return
        self._process.wake()
        if self.machine.stopped:
            self.machine.begin_again()

    def interrupt(self) -> None:
        """Settle what was done up to now, and go on from here as things stand."""
        self._settle()
        self._runs = self._steady = False
        if not self._loaded:
            self._strike(between=True)
        self._process.wake()
        self._air.share()

    def dissolve(self) -> None:
        """Settle what was done up to now, and do nothing any more."""
        self._settle()
        self._process.stop()
        self._air.leave(self)

    @property
    def slope(self) -> float:
        """By how much the pressure rises, in bar a millisecond."""
        net = (self._delivers if self._runs else 0.0) - self._drawn - self._leaks
        if net < 0 and self._pressure <= 0:
            return 0.0
        return net * self._bar_per_net

    def _days(self) -> Days:
        machine = self.machine
        while True:
            self._settle()
            self._steady = False
            self._turn()
            if machine.stopped or machine.hindered:
                self._runs = False
                if machine.hindered and not machine.stopped:
                    machine.stand_by()
                elif self._pressure <= 0:
                    machine.begin_again()
                yield self._empty_ms()
                continue
            if self._loaded and self._strike(between=False):
                continue
            self._runs = self._loaded
            self._due_ms = self._stop_ms() if self._loaded else None
            self._steady = True
            self._write()
            yield self._next_ms()

    def _write(self) -> None:
        """Begin an interval in which it goes on as it does."""
        band = self.receiver.high_bar - self.receiver.low_bar
        position = (self._pressure - self.receiver.low_bar) / band
        self.machine.works()
        self.machine.begin(
            CYCLE if self._loaded else HANDLING,
            pace=self.slope / band if self._loaded else 0.0,
            position=min(max(position, 0.0), 1.0),
        )

    def _goes_on(self) -> bool:
        """Whether it works, and neither an end of the band is reached nor a stop due."""
        if not self._steady or self._process.woken:
            return False
        if not self._loaded:
            return self._pressure > self.receiver.low_bar
        stops = self._due_ms is not None and self._due_ms <= self._agenda.now_ms
        return self._pressure < self.receiver.high_bar and not stops

    def _turn(self) -> None:
        """At an end of the band: load or unload."""
        if self._loaded and self._pressure >= self.receiver.high_bar:
            self._loaded = False
            self._strike(between=True)
        elif not self._loaded and self._pressure <= self.receiver.low_bar:
            self._loaded = True

    def _strike(self, *, between: bool) -> bool:
        """Let the stops strike whose time has come; whether there was one."""
        clocks = self.machine.between if between else self.machine.within
        due = [clock for clock in clocks if clock.is_due]
        for clock in due:
            self.machine.strike(clock)
        return bool(due)

    def _next_ms(self) -> int | None:
        """When an end of the band is reached, or a stop is due; None for never."""
        now_ms, slope, due_ms = self._agenda.now_ms, self.slope, self._due_ms
        if slope > 0:
            end_ms = now_ms + max(1, _after(self.receiver.high_bar - self._pressure, slope))
        elif slope < 0:
            low_bar = 0.0 if self._loaded else self.receiver.low_bar
            end_ms = now_ms + max(1, _after(self._pressure - low_bar, -slope))
        else:
            return due_ms
        return end_ms if due_ms is None else min(end_ms, due_ms)

    def _stop_ms(self) -> int | None:
        """When a stop is due if it stays loaded; None for never."""
        left = [clock.left for clock in self.machine.within if not (clock.timed or clock.mending)]
        return self._agenda.now_ms + max(1, min(left)) if left else None

    def _empty_ms(self) -> int | None:
        """When the pressure is gone while it stands; None for never."""
        slope = self.slope
        return self._agenda.now_ms + max(1, _after(self._pressure, -slope)) if slope < 0 else None

    def _settle(self) -> None:
        """Bring the pressure and the clocks up to now."""
        self._rise()
        if self._ran_ms:
            for clock in self.machine.used:
                clock.ran(self._ran_ms, 0)
            self._ran_ms = 0

    def _rise(self) -> None:
        """Bring the pressure up to now, and leave the clocks for later."""
        past_ms = self._agenda.now_ms - self._since_ms
        if past_ms:
            self._pressure = max(0.0, self._pressure + self.slope * past_ms)
            if self._runs:
                self._ran_ms += past_ms
            self._since_ms = self._agenda.now_ms

    def _columns(self) -> Mapping[str, float]:
        return dict(zip(PRESSURE, (self._pressure, self.slope), strict=True))


def _after(way: float, slope: float) -> int:
    """The milliseconds that a way takes, rounded up."""
    return -int(-way // slope)
