"""The plant's clock by command: the simulator as a program, a real broker, a small office."""

import pytest

from protocol.moments import to_ms
from tests.broker.running import RunningBroker
from tests.simulator.edge.office import SmallOffice, wait_until
from tests.simulator.edge.operator import Operator
from tests.simulator.edge.program import EPOCH_MS, Simulator
from tests.simulator.edge.test_factory import history

pytestmark = pytest.mark.broker

MINUTE_MS = 60_000
SHIFT_END_MS = EPOCH_MS + 6 * 60 * MINUTE_MS
"""The epoch is midnight, and shifts end at six."""


def at_work(simulator: Simulator, office: SmallOffice, speed: str) -> None:
    simulator.begin()
    simulator.start("--speed", speed)
    wait_until(lambda: office.at_ms > EPOCH_MS)


def stands(office: SmallOffice) -> int:
    """Plant time at which the clock has twice said that it stands still, in ms; 0 when it has not."""
    one, two = office.clocks[-2:]
    still = one.speed == two.speed == 0 and one.at == two.at and one.wall < two.wall
    return to_ms(two.at) if still else 0


def test_a_plant_at_real_time_is_made_fast_and_its_clock_says_so(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office, "1")

        assert operator.ask(what="speed", speed=600).message == "plant time goes by 600 times real time"

        wait_until(lambda: office.at_ms > EPOCH_MS + 30 * MINUTE_MS)
        assert office.clocks[-1].speed == 600
        assert operator.ask(what="speed", speed="max").ok
        wait_until(lambda: office.clocks[-1].speed is None)


def test_a_paused_plant_stands_still_makes_steps_and_goes_on(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office, "10")

        paused = operator.ask(what="pause")
        at_ms = to_ms(paused.at)
        wait_until(lambda: stands(office) == office.at_ms == at_ms)
        assert operator.ask(what="step", seconds=90.5).ok
        wait_until(lambda: stands(office) == office.at_ms == at_ms + 90_500)
        assert operator.ask(what="resume").ok

        wait_until(lambda: office.at_ms > at_ms + 100_000)
        assert office.clocks[-1].speed == 10


def test_a_jump_ends_with_the_shift_and_the_plant_goes_on_as_before(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office, "1")

        jump = operator.ask(what="jump")

        assert "until the shift ends, 2026-01-01T06:00:00.000Z" in jump.message
        wait_until(lambda: office.at_ms >= SHIFT_END_MS)
        assert SHIFT_END_MS in {to_ms(tick.at) for tick in office.ticks}
        assert None in {clock.speed for clock in office.clocks}
        wait_until(lambda: office.clocks[-1].speed == 1)
        assert office.at_ms < SHIFT_END_MS + MINUTE_MS


def test_a_crash_goes_on_as_it_was_chosen_and_answers_what_was_asked_as_before(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office, "10")
        operator.ask(what="speed", speed=20)
        operator.ask(what="pause")
        step = operator.ask(id="s", what="step", seconds=30)
        at_ms = to_ms(step.at) + 30_000
        wait_until(lambda: stands(office) == office.at_ms == at_ms)
        simulator.kill()

        simulator.start("--speed", "10")

        office.hear_clock()
        assert operator.ask(id="s", what="step", seconds=30) == step
        wait_until(lambda: stands(office) == at_ms)
        assert operator.ask(what="resume").message == "plant time goes by 20 times real time"


def test_another_speed_on_the_command_line_overrules_what_was_chosen(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office, "1")
        operator.ask(what="pause")
        simulator.kill()

        simulator.start("--speed", "600")

        wait_until(lambda: office.at_ms > EPOCH_MS + 10 * MINUTE_MS)


def test_the_next_run_goes_by_at_the_speed_that_was_chosen(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office, "1")
        operator.ask(what="speed", speed=500)
        operator.ask(what="pause")
        run = office.ticks[-1].run

        operator.ask(what="start-over")

        wait_until(lambda: office.clocks[-1].run != run and office.clocks[-1].speed == 500)


def test_how_time_goes_by_changes_nothing_about_what_happens_in_it(
    broker: RunningBroker, tmp_path_factory: pytest.TempPathFactory, operator: Operator
) -> None:
    histories = []
    for turned in (True, False):
        folder = tmp_path_factory.mktemp("turned")
        with SmallOffice(broker) as office, Simulator(broker, folder / "simulator") as simulator:
            at_work(simulator, office, "10" if turned else "max")
            if turned:
                for command in (
                    {"what": "pause"},
                    {"what": "step", "seconds": 77.7},
                    {"what": "speed", "speed": 33.3},
                    {"what": "resume"},
                    {"what": "jump"},
                ):
                    assert operator.ask(**command).ok
            wait_until(lambda here=office: here.at_ms >= EPOCH_MS + 30 * MINUTE_MS)  # type: ignore[misc]
            histories.append(history(office, 30))

    assert histories[0] == histories[1]
