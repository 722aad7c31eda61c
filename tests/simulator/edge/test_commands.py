"""What an operator asks of a running plant: the simulator as a program, a real broker, a small office."""

import secrets
from pathlib import Path

import pytest

from protocol.messages import Birth, decode
from protocol.moments import from_ms, to_ms
from simulator.__main__ import main
from simulator.commanding.commands import BadCommand, command_in
from simulator.histories.run import read_run
from simulator.specs.calibration import load_bench
from tests.broker.running import RunningBroker
from tests.simulator.edge.office import SmallOffice, wait_until
from tests.simulator.edge.operator import Operator
from tests.simulator.edge.program import EPOCH_MS, Simulator

pytestmark = pytest.mark.broker

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
BENCH = {spec.name for spec in load_bench()}


def at_work(simulator: Simulator, office: SmallOffice, *options: str) -> None:
    simulator.begin()
    simulator.start("--speed", "600", *options)
    wait_until(lambda: office.at_ms > EPOCH_MS)


def test_start_over_opens_another_run_with_the_chosen_seed_in_the_same_process(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office, "--history-hours", "1")
        before = read_run(simulator.state)
        assert before is not None

        result = operator.ask(id="a", what="start-over", seed=77)

        assert result.ok
        assert result.id == "a"
        wait_until(lambda: office.ticks[-1].run != before.id)
        after = read_run(simulator.state)
        assert after is not None
        assert (after.head.seed, after.head.command) == (77, "a")
        assert after.id in result.message
        wait_until(lambda: office.clocks[-1].run == after.id)
        assert office.clocks[-1].seed == 77
        assert set(office.births) == {"mill-1", "press-1"}
        wait_until(lambda: decode(office.births["mill-1"], Birth).run == after.id)
        wait_until(lambda: office.at_ms > after.epoch_ms + 10 * MINUTE_MS)


def test_a_command_that_comes_again_is_answered_and_not_done_again_even_after_a_crash(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office)
        over = operator.ask(id="a", what="start-over", seed=5)
        run = read_run(simulator.state)
        bench = operator.ask(id="b", what="bench", on=True)

        assert operator.ask(id="a", what="start-over", seed=5) == over
        simulator.kill()
        simulator.start("--speed", "600")
        wait_until(lambda: f"resuming run {run.id if run else ''}" in simulator.said())
        office.hear_clock()

        assert operator.ask(id="a", what="start-over", seed=5) == over
        assert operator.ask(id="b", what="bench", on=True) == bench
        after = read_run(simulator.state)
        assert run is not None
        assert after is not None
        assert after.id == run.id
        assert [one.order.id for one in after.inputs if one.order is not None] == ["b"]


def test_without_a_seed_the_next_one_is_taken_and_a_crash_resumes_it(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office, "--epoch", from_ms(EPOCH_MS + HOUR_MS).isoformat(), "--seed", "3")
        run = read_run(simulator.state)
        assert run is not None
        assert (run.head.seed, run.epoch_ms) == (3, EPOCH_MS + HOUR_MS)

        assert operator.ask(id="a", what="start-over").ok

        run = read_run(simulator.state)
        assert run is not None
        assert (run.head.seed, run.epoch_ms) == (4, EPOCH_MS + HOUR_MS)


def test_the_bench_comes_and_goes_and_changes_nothing_about_the_others(
    broker: RunningBroker, tmp_path: Path, operator: Operator
) -> None:
    end_ms = EPOCH_MS + 60 * MINUTE_MS
    histories = []
    for commands in (True, False):
        with SmallOffice(broker) as office, Simulator(broker, tmp_path / str(commands)) as simulator:
            at_work(simulator, office)
            if commands:
                assert operator.ask(id=secrets.token_hex(4), what="bench", on=True).ok
                wait_until(lambda here=office: here.births.keys() >= BENCH)  # type: ignore[misc]
                wait_until(lambda here=office: here.truths.keys() >= BENCH)  # type: ignore[misc]
                assert operator.ask(id=secrets.token_hex(4), what="bench", on=False).ok
                wait_until(lambda here=office: not any(here.births[name] for name in BENCH))  # type: ignore[misc]
            wait_until(lambda here=office: here.at_ms >= end_ms)  # type: ignore[misc]
            histories.append(
                [
                    {at: repr(one) for at, one in office.readings(machine).items() if at <= end_ms}
                    for machine in ("mill-1", "press-1")
                ]
                + [[one for one in office.truth("mill-1") if one[0] <= end_ms]]
            )

    assert histories[0] == histories[1]


def test_a_crash_relives_the_bench_at_the_same_plant_time(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office)
        result = operator.ask(id="b", what="bench", on=True)
        wait_until(lambda: "ideal" in office.births)
        birth = office.births["ideal"]
        simulator.kill()

        simulator.start("--speed", "600")

        now_ms = office.at_ms
        wait_until(lambda: office.at_ms > now_ms + MINUTE_MS)
        assert decode(birth, Birth).at == result.at
        assert office.births["ideal"] == birth


@pytest.mark.parametrize(
    ("payload", "piece"),
    [
        (b"dance", "not a command"),
        (b'{"id": "x", "what": "dance"}', "'dance' is not allowed: start-over, bench"),
        (b'{"what": "bench", "on": true}', "key 'id' is missing"),
        (b'{"id": "x", "what": "bench"}', "key 'on' is missing: allowed is true or false"),
        (b'{"id": "x", "what": "bench", "on": true, "seed": 3}', "key 'seed' is not allowed beside 'bench'"),
        (b'{"id": "x", "what": "start-over", "seed": "seven"}', "key 'seed': 'seven' is not allowed"),
        (b'{"id": "x", "what": "start-over", "seed": -1}', "a whole number from 0 to"),
        (b'{"id": "x", "what": "start-over", "on": true}', "key 'on' is not allowed beside 'start-over'"),
    ],
)
def test_a_malformed_command_gets_a_result_with_what_is_wrong(payload: bytes, piece: str) -> None:
    bad = command_in(payload)

    assert isinstance(bad, BadCommand)
    assert piece in bad.wrong


def test_what_is_wrong_is_said_over_the_broker_and_a_retained_command_is_passed_over(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    operator.say(b'{"id": "old", "what": "bench", "on": true}', retain=True)
    with SmallOffice(broker) as office:
        at_work(simulator, office)

        result = operator.ask(id="x", what="dance")

        assert (result.id, result.ok) == ("x", False)
        assert "start-over, bench" in result.message
        run = read_run(simulator.state)
        assert run is not None
        assert not run.roster().bench


def test_no_machine_may_be_called_like_one_of_the_bench(broker: RunningBroker, simulator: Simulator) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office)

        simulator.write("ideal", 'kind = "cnc-mill"\nline = "machining"\n')

        wait_until(lambda: any(not one.ok for one in office.results))
        assert "calibration bench is called so" in next(one for one in office.results if not one.ok).message


def test_the_command_line_prints_what_came_of_it(
    broker: RunningBroker, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    connection = ["--broker", broker.url, "--credentials", str(broker.credentials)]
    with SmallOffice(broker) as office:
        at_work(simulator, office)

        assert main(["command", "bench", "on", *connection]) == 0
        assert "the calibration bench is put up" in capsys.readouterr().out
        assert main(["command", "start-over", "--seed", "9", *connection]) == 0
        assert "begins with seed 9 at" in capsys.readouterr().out
        wait_until(lambda: not any(office.births.get(name) for name in BENCH))
        assert main(["command", "start-over", "--seed", "-9", *connection]) == 1
        assert "key 'seed': '-9' is not allowed" in capsys.readouterr().err


def test_a_command_that_nobody_answers_exits_with_1(
    broker: RunningBroker, capsys: pytest.CaptureFixture[str]
) -> None:
    connection = ["--broker", broker.url, "--credentials", str(broker.credentials)]

    assert main(["command", "bench", "on", *connection]) == 1

    assert "no answer within 5 s" in capsys.readouterr().err


def test_the_bench_stands_from_its_moment_on_in_the_births(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office)
        result = operator.ask(id="b", what="bench", on=True)
        wait_until(lambda: office.births.keys() >= BENCH)

        births = {name: decode(office.births[name], Birth) for name in BENCH}

        assert {to_ms(birth.at) for birth in births.values()} == {to_ms(result.at)}
        assert births["eighty-used"].answer["utilization"] == 0.8
        assert births["eighty-used"].states == "reported"
        assert births["eighty-used-retrofit"].states == "sensed"
        assert births["eighty-used-retrofit"].period_ms == 7_000
