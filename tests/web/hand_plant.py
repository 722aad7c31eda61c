"""A plant by hand: it answers by the product's own table, and lets an office tell of its machines."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from protocol.messages import PlantCommand, PlantResult, encode
from protocol.moments import from_ms
from simulator.commanding.clockwork import Clockwork
from simulator.commanding.commands import BadCommand, command_in
from simulator.commanding.form import Grounds
from simulator.commanding.roster import Roster
from simulator.commanding.table import form_of
from simulator.histories.answers import done_result
from simulator.specs.calibration import load_bench
from tests.broker.clients import Client
from tests.simulator.factory import KINDS
from tests.web.plant import NOW_MS, HandMachine, HandOffice

if TYPE_CHECKING:
    from tests.broker.running import RunningBroker

LOOK_S = 0.01
MILL = 'kind = "cnc-mill"\nline = "machining"\n'
PRESS = 'kind = "press"\nline = "pressing"\ncontroller = false\n'


class HandPlant:
    """Stands where the plant stands.

    Args:
        broker: The broker.
        office: Tells pages of the machines that come and go.
    """

    def __init__(self, broker: RunningBroker, office: HandOffice) -> None:
        self.roster = Roster({"mill-1": MILL, "press-1": PRESS})
        """What stands in it."""
        self.clockwork = Clockwork(speed=60.0)
        """How its time goes by."""
        self.orders: list[PlantCommand] = []
        """What was done, in order; questions are not among it."""
        self._office = office
        self._told = set(self.roster.machines)
        self._bench = load_bench()
        self._client = Client(broker.port, "machines", broker.password("machines"))
        self._client.listen("shopfloor/_plant/command")
        self._ended = threading.Event()
        self._worker = threading.Thread(target=self._work)
        self._worker.start()

    def close(self) -> None:
        """Leave."""
        self._ended.set()
        self._worker.join()
        self._client.close()

    def _work(self) -> None:
        while not self._ended.wait(LOOK_S):
            while self._client.heard:
                result = self._answer(command_in(bytes(self._client.heard.pop(0).payload)))
                self._client.say(["shopfloor/_plant/result"], encode(result))

    def _answer(self, command: PlantCommand | BadCommand) -> PlantResult:
        grounds = Grounds(
            roster=self.roster, at_ms=NOW_MS, kinds=KINDS, bench=self._bench, clockwork=self.clockwork
        )
        wrong = (
            command.wrong if isinstance(command, BadCommand) else form_of(command).refusal(command, grounds)
        )
        if wrong or isinstance(command, BadCommand):
            return PlantResult(id=command.id, at=from_ms(NOW_MS), ok=False, what=command.what, message=wrong)
        result = done_result(command, grounds)
        form = form_of(command)
        if form.about != "nothing":
            self.orders.append(command)
        self.clockwork = form.turn(command, grounds)
        form.enter(command, self.roster, NOW_MS)
        self._tell()
        return result

    def _tell(self) -> None:
        with self._office.turn:
            self._tell_machines()

    def _tell_machines(self) -> None:
        told = {machine.name: machine for machine in self._office.machines}
        gone = self._told - self.roster.machines.keys()
        self._told = set(self.roster.machines)
        for name, text in self.roster.machines.items():
            if name not in told:
                kind = text.split('"')[1]
                self._office.machines.append(HandMachine(name=name, kind=kind, letters="RRRRRRRRRRRR"))
        for name, machine in told.items():
            if name in gone:
                self._office.retire(machine)
        speed = 0.0 if self.clockwork.paused else self.clockwork.speed
        self._office.board["speed"] = speed
        self._office.tell()
