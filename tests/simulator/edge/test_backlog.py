"""Store and forward: readings are kept for an office that is away, within a bound; what goes is said."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from protocol.moments import to_ms
from simulator.histories.run import read_run
from tests.broker.running import RunningBroker
from tests.simulator.edge.office import SmallOffice, wait_until
from tests.simulator.edge.program import EPOCH_MS, Simulator

pytestmark = pytest.mark.broker

MINUTE_MS = 60_000
KEPT_MINUTES = 12
PATIENCE_S = 120.0
OPTIONS = ("--speed", "600", "--wait-for-office", "1", "--backlog-hours", str(KEPT_MINUTES / 60))


def reached(simulator: Simulator) -> int:
    """Plant time that the run has reached."""
    run = read_run(simulator.state)
    assert run is not None
    return run.position_ms


def wait(what: Callable[[], bool]) -> None:
    """Wait for a condition, however busy the machine is."""
    wait_until(what, PATIENCE_S)


def until(office: SmallOffice, minutes: float) -> None:
    """Wait until a tick of this many minutes after the epoch has come."""
    wait(lambda: office.at_ms >= EPOCH_MS + minutes * MINUTE_MS)


def test_beyond_its_bound_a_plant_drops_its_oldest_readings_and_says_so_and_never_drops_the_truth(
    broker: RunningBroker, simulator: Simulator
) -> None:
    simulator.begin()
    with SmallOffice(broker) as office:
        simulator.start(*OPTIONS)
        until(office, 5)
        run = office.ticks[-1].run
        kept = dict(office.committed)
        assert office.clocks[-1].kept_for_ms == KEPT_MINUTES * MINUTE_MS
    # Nobody hears it: neither office nor broker.
    broker.kill()
    wait(lambda: "goes on unattended" in simulator.said())
    gone_ms = reached(simulator)
    wait(lambda: reached(simulator) > gone_ms + 3 * KEPT_MINUTES * MINUTE_MS)
    broker.start()
    with SmallOffice(broker) as office:
        office.committed |= kept
        wait(lambda: bool(office.clocks) and office.clocks[-1].attended and office.clocks[-1].lost_ms > 0)
        back_ms = next(to_ms(clock.at) for clock in office.clocks if clock.lost_ms)
        until(office, (back_ms - EPOCH_MS) / MINUTE_MS + 2)

        lost_ms, births = office.clocks[-1].lost_ms, office.births
        readings = {machine: sorted(office.readings(machine)) for machine in ("mill-1", "press-1")}
        told = {
            machine: sorted({(to_ms(one.at), to_ms(one.until)) for one in office.truths[machine]})
            for machine in readings
        }
    dropped_until_ms = kept[run] + lost_ms // len(readings)
    assert abs(back_ms - dropped_until_ms - KEPT_MINUTES * MINUTE_MS) < 2 * MINUTE_MS
    for machine, moments in readings.items():
        later = [at for at in moments if at > kept[run]]
        assert later == list(range(dropped_until_ms + 1_000, later[-1] + 1, 1_000)), machine
        spans = [span for span in told[machine] if span[1] > kept[run]]
        assert spans[0][0] <= kept[run]
        assert all(one[1] >= other[0] for one, other in pairwise(spans)), machine
        assert births[machine] != b""
    assert "the oldest" in simulator.said()


def test_an_outage_within_the_bound_drops_nothing_and_says_nothing(
    broker: RunningBroker, simulator: Simulator
) -> None:
    simulator.begin()
    with SmallOffice(broker) as office:
        simulator.start(*OPTIONS[:-1], "24")
        until(office, 5)
        kept = dict(office.committed)
    wait(lambda: "goes on unattended" in simulator.said())
    gone_ms = reached(simulator)
    wait(lambda: reached(simulator) > gone_ms + KEPT_MINUTES * MINUTE_MS)
    with SmallOffice(broker) as office:
        office.committed |= kept
        wait(lambda: bool(office.clocks) and office.clocks[-1].attended)
        until(office, (gone_ms - EPOCH_MS) / MINUTE_MS + KEPT_MINUTES)

        assert office.clocks[-1].lost_ms == 0
    assert "the oldest" not in simulator.said()
