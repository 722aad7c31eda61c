"""Two hundred machines without a change of code: they connect, send, and are gone again."""

import pytest

from protocol.messages import Birth, decode
from tests.broker.running import RunningBroker
from tests.simulator.edge.office import SmallOffice, wait_until
from tests.simulator.edge.operator import Operator
from tests.simulator.edge.program import EPOCH_MS, Simulator

pytestmark = pytest.mark.broker

MANY = [f"mill-{number}" for number in range(2, 200)]
MINUTE_MS = 60_000


def test_two_hundred_machines_come_send_and_are_gone_by_command(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        simulator.begin()
        simulator.start("--speed", "60")
        wait_until(lambda: office.at_ms > EPOCH_MS)

        for name in MANY:
            result = operator.ask(what="clone", machine="mill-1", name=name)
            assert result.ok, result.message
        wait_until(lambda: sum(online == b"true" for online in office.online.values()) == 200)

        now_ms = office.at_ms
        wait_until(lambda: office.at_ms > now_ms + 3 * MINUTE_MS)
        assert all(decode(office.births[name], Birth).kind == "cnc-mill" for name in MANY)
        for name in ("mill-1", "press-1", *MANY):
            assert any(at_ms > now_ms for at_ms in office.readings(name)), name
        assert office.readings("mill-2") != office.readings("mill-3")
        assert office.clocks[-1].attended

        for name in MANY:
            assert operator.ask(what="remove", machine=name).ok
        wait_until(lambda: all(not office.births[name] and not office.online[name] for name in MANY))
        assert simulator.stop() == 0
        wait_until(lambda: [office.online[name] for name in ("mill-1", "press-1")] == [b"false"] * 2)
