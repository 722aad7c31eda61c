"""The floor: which machines stand there, and how parts go from one to the next."""

from simulator.behaviour.agenda import Agenda, Days, Process
from simulator.behaviour.air import Air, Compressor
from simulator.behaviour.buffer import Buffer
from simulator.behaviour.machine import Machine
from simulator.behaviour.routine import follow
from simulator.behaviour.train import Train
from simulator.specs.machine import Feed


class Floor:
    """All machines at work, the buffers between them, and the air they draw.

    Args:
        agenda: The agenda of the plant.
    """

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._air = Air()
        self._feeds: dict[Machine, Feed | None] = {}
        self._trains: dict[Machine, Train] = {}
        self._buffers: dict[tuple[Machine, Machine], Buffer] = {}
        self._others: dict[Machine, Compressor | Process] = {}

    def arrive(self, machine: Machine, feed: Feed | None) -> None:
        """A machine is put up, and begins at once, alone; what it shares with others comes with `link`."""
        machine.start()
        if machine.kind.pattern is not None:
            self._others[machine] = self._agenda.start(_routine(machine, self._agenda.now_ms))
        elif machine.kind.receiver is not None:
            self._others[machine] = Compressor(machine, machine.kind.receiver, self._air, self._agenda)
        else:
            self._feeds[machine] = feed
            self._couple((machine,))

    def leave(self, machine: Machine) -> None:
        """A machine is taken away; `link` shows the others."""
        machine.leave()
        other = self._others.pop(machine, None)
        if isinstance(other, Compressor):
            other.dissolve()
        elif other is not None:
            other.stop()
        self._feeds.pop(machine, None)
        train = self._trains.get(machine)
        if train is not None:
            train.dissolve()
            self._air.at_work(train.members, works=False)
            for member in train.members:
                self._trains.pop(member, None)

    def link(self) -> None:
        """Join what belongs together now: trains of coupled machines, and buffers between others."""
        by_name = {machine.name: machine for machine in self._feeds}
        before: dict[Machine, Machine] = {}
        for machine, feed in self._feeds.items():
            if feed is not None and feed.after in by_name:
                before[machine] = by_name[feed.after]
        for members in self._chains(before):
            train = self._trains.get(members[0])
            if train is None or train.members != members:
                self._couple(members)
        self._lay(before)

    def train(self, machine: Machine) -> Train | None:
        """The train that a machine works in; None for a compressor, or one that follows a pattern."""
        return self._trains.get(machine)

    def buffer(self, before: Machine, after: Machine) -> Buffer | None:
        """The buffer between two machines."""
        return self._buffers.get((before, after))

    def _chains(self, before: dict[Machine, Machine]) -> list[tuple[Machine, ...]]:
        """The machines, those that are coupled rigidly together in the order of the parts."""
        rigid = {
            machine: source
            for machine, source in before.items()
            if (feed := self._feeds[machine]) is not None and not feed.buffer_parts
        }
        behind = {source: machine for machine, source in rigid.items()}
        chains: list[tuple[Machine, ...]] = []
        for machine in self._feeds:
            if machine not in rigid:
                chain = [machine]
                while chain[-1] in behind:
                    chain.append(behind[chain[-1]])
                chains.append(tuple(chain))
        return chains

    def _couple(self, members: tuple[Machine, ...]) -> None:
        for member in members:
            train = self._trains.pop(member, None)
            if train is not None:
                train.dissolve()
                self._air.at_work(train.members, works=False)
                for other in train.members:
                    self._trains.pop(other, None)
        train = Train(members, self._agenda, self._air.at_work)
        self._trains.update(dict.fromkeys(members, train))

    def _lay(self, before: dict[Machine, Machine]) -> None:
        """Lay the buffers between the trains."""
        wanted: dict[tuple[Machine, Machine], Buffer] = {}
        for machine, source in before.items():
            feed = self._feeds[machine]
            if feed is not None and feed.buffer_parts:
                wanted[source, machine] = self._buffers.get((source, machine)) or Buffer(
                    container_parts=feed.container_parts, room=feed.buffer_parts // feed.container_parts
                )
        self._buffers = wanted
        sources: dict[Train, Buffer] = {}
        sinks: dict[Train, list[Buffer]] = {}
        for (source, machine), buffer in wanted.items():
            buffer.before, buffer.after = self._trains[source], self._trains[machine]
            sources[buffer.after] = buffer
            sinks.setdefault(buffer.before, []).append(buffer)
        for train in dict.fromkeys(self._trains.values()):
            source_, sinks_ = sources.get(train), tuple(sinks.get(train, ()))
            if train.source is not source_ or train.sinks != sinks_:
                train.interrupt()
                train.source, train.sinks = source_, sinks_


def _routine(machine: Machine, start_ms: int) -> Days:
    """The days of a machine that follows a pattern."""
    if machine.kind.pattern is None:
        return
    for stretch in follow(machine.kind, machine.kind.pattern, start_ms=start_ms):
        machine.diary.write(stretch)
        yield stretch.end_ms
