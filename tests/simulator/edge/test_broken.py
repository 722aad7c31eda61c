"""What the plant tells of faults, to a viewer and not to the office: what can be, and what was."""

from collections.abc import Iterator

import pytest

from protocol.faults import Faults
from protocol.messages import decode
from protocol.moments import to_ms
from simulator.faults.catalogue import CATALOGUE
from tests.broker.clients import Client
from tests.broker.running import RunningBroker
from tests.simulator.edge.office import SmallOffice, wait_until
from tests.simulator.edge.operator import Operator
from tests.simulator.edge.program import Simulator

pytestmark = pytest.mark.broker
TOPIC = "shopfloor/_plant/faults"
COMPRESSOR = 'kind = "air-compressor"\nline = "utilities"\n'


class Viewer:
    """Who looks at a page."""

    def __init__(self, broker: RunningBroker) -> None:
        self.client = Client(broker.port, "viewer", broker.password("viewer"))
        self.client.listen(TOPIC)

    @property
    def told(self) -> Faults | None:
        """The newest word; None before any."""
        heard = self.client.heard
        return decode(bytes(heard[-1].payload), Faults) if heard else None

    @property
    def on(self) -> list[tuple[str, str, str]]:
        """Machine, fault and signal of every fault of the run."""
        told = self.told
        return [] if told is None else [(one.machine, one.fault, one.signal) for one in told.spells]


@pytest.fixture
def viewer(broker: RunningBroker) -> Iterator[Viewer]:
    one = Viewer(broker)
    yield one
    one.client.close()


def test_the_plant_says_what_there_is_and_what_each_machine_cannot_have(
    broker: RunningBroker, simulator: Simulator, viewer: Viewer
) -> None:
    simulator.write("compressor-1", COMPRESSOR)
    with SmallOffice(broker):
        simulator.begin()
        simulator.start("--speed", "60")
        wait_until(lambda: viewer.told is not None)
        told = viewer.told

    assert told is not None
    assert [one.fault for one in told.catalogue] == list(CATALOGUE)
    assert "vibration_mm_s" in told.machines["mill-1"].signals
    assert told.machines["mill-1"].without == {}
    assert told.machines["compressor-1"].without == dict.fromkeys(
        ("tool-breakage", "slow-cycle", "scrap-burst", "starved"), "it makes no parts"
    )
    assert told.spells == ()


def test_a_fault_is_told_with_its_command_and_again_once_it_is_cleared_and_after_a_crash(
    broker: RunningBroker, simulator: Simulator, operator: Operator, viewer: Viewer
) -> None:
    with SmallOffice(broker) as office:
        simulator.begin()
        simulator.start("--speed", "60")
        wait_until(lambda: viewer.told is not None)
        jam = operator.ask(id="a", what="fault", machine="mill-1", fault="jam", severity=1.0)
        operator.ask(id="b", what="fault", machine="press-1", fault="stuck", signal="power_kw")
        wait_until(lambda: len(viewer.on) == 2)
        begun = viewer.told
        # One that is cleared in the moment in which it began is none.
        wait_until(lambda: office.at_ms > to_ms(jam.at))
        operator.ask(id="c", what="clear", machine="mill-1")
        wait_until(lambda: viewer.told != begun)
        cleared = viewer.told
        simulator.kill()
        viewer.client.heard.clear()
        simulator.start("--speed", "60")
        wait_until(lambda: len(viewer.on) == 2)

    assert begun is not None
    assert cleared is not None
    assert viewer.on == [("mill-1", "jam", ""), ("press-1", "stuck", "power_kw")]
    assert begun.spells[0].words == "jammed for 100 % of every two minutes"
    assert cleared.spells[0].until < begun.spells[0].until
    assert cleared.spells[1] == begun.spells[1]
    assert viewer.told is not None
    assert viewer.told.spells == cleared.spells
