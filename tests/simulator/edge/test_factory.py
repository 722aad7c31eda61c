"""The simulator as a program, a real broker, and a small office."""

import signal
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from protocol.messages import Birth, PlantResult, Tick, decode
from protocol.moments import from_ms, to_ms
from protocol.version import VERSION
from simulator.histories.run import read_run
from simulator.telling.opening import fingerprint
from simulator.telling.pace import DEBT_S
from tests.broker.clients import Client
from tests.broker.running import RunningBroker
from tests.simulator.edge.office import WILL_S, SmallOffice, wait_until
from tests.simulator.edge.program import EPOCH_MS, MILL, SPEED, Simulator

pytestmark = pytest.mark.broker

MINUTE_MS = 60_000
ENDS_S = 10.0
"""Who stops programs, Docker for one, ends those by force that have not ended by then."""


def until(office: SmallOffice, minutes: float) -> None:
    """Wait until a tick of this many minutes after the epoch has come."""
    wait_until(lambda: office.at_ms >= EPOCH_MS + minutes * MINUTE_MS)


def asked(ticks: list[Tick]) -> list[int]:
    """The minutes of the ticks from the first one at the epoch on; a question that came again is one."""
    minutes = [(to_ms(tick.at) - EPOCH_MS) // MINUTE_MS for tick in ticks]
    return [0, *(one for one in minutes[minutes.index(0) :] if one)] if 0 in minutes else []


def went_on(office: SmallOffice, heard: int) -> tuple[int, int]:
    """Up to where a plant had told that was killed after so many ticks, and the next moment it told of.

    Its last tick may come behind its wills; the one that comes up again begins with a question.
    """

    def question() -> int | None:
        ticks = enumerate(office.ticks.copy())
        return next((place for place, tick in ticks if place >= heard and tick.sent is None), None)

    wait_until(lambda: (place := question()) is not None and any(one.sent for one in office.ticks[place:]))
    place = question()
    assert place is not None
    assert to_ms(office.ticks[place].at) == EPOCH_MS
    parts = office.ticks[:place], office.ticks[place:]
    before, after = ([to_ms(one.at) for one in part if one.sent is not None] for part in parts)
    return max(before), after[0]


def history(office: SmallOffice, minutes: int) -> list[object]:
    """What machines said and truly did in the first minutes after the epoch."""
    end_ms = EPOCH_MS + minutes * MINUTE_MS
    return [
        [
            {at: repr(one) for at, one in office.readings(machine).items() if at <= end_ms},
            [change for change in office.truth(machine) if change[0] <= end_ms],
        ]
        for machine in ("mill-1", "press-1")
    ]


def test_the_same_seed_tells_the_same_history_at_every_speed(broker: RunningBroker, tmp_path: Path) -> None:
    histories = []
    for speed, catch_up in (("max", 0), ("600", 0), ("1", 40)):
        with SmallOffice(broker) as office, Simulator(broker, tmp_path / speed) as simulator:
            simulator.begin(catch_up_minutes=catch_up)
            simulator.start("--speed", speed)
            until(office, 40)
            simulator.stop()
            histories.append(history(office, 40))

    assert len(histories[0]) == 2
    assert histories[0] == histories[1] == histories[2]
    assert len(histories[0][0][0]) == 40 * 60  # type: ignore[index]


def test_another_seed_tells_another_history(broker: RunningBroker, tmp_path: Path) -> None:
    histories = []
    for seed in (1, 2):
        with SmallOffice(broker) as office, Simulator(broker, tmp_path / str(seed)) as simulator:
            simulator.begin(seed=seed)
            simulator.start("--speed", "max", "--seed", str(seed))
            until(office, 5)
            histories.append(history(office, 5))

    assert histories[0] != histories[1]


def test_a_new_run_is_lived_from_the_past_up_to_now_and_finished_in_good_order(
    broker: RunningBroker, simulator: Simulator
) -> None:
    with SmallOffice(broker) as office:
        begun = datetime.now(UTC)
        simulator.start("--history-hours", "0.5")
        wait_until(lambda: bool(office.clocks) and office.clocks[-1].catching_up_to is None)
        first, caught_up = office.clocks[0], office.clocks[-1]

        started_s = time.monotonic()
        code = simulator.stop(signal.SIGINT)

        assert code == 0
        assert time.monotonic() - started_s < ENDS_S
        assert first.catching_up_to is not None
        assert to_ms(begun) <= to_ms(first.catching_up_to) <= to_ms(first.wall)
        assert caught_up.at >= first.catching_up_to
        assert 1_800 <= (first.catching_up_to - first.epoch).total_seconds() < 1_860
        wait_until(lambda: set(office.online.values()) == {b"false"})
        # It is said behind the machines' goodbyes, over another connection.
        wait_until(lambda: office.clocks[-1].speed == 0)
        # A tick that closes something says when that began to be sent; one that only asks says nothing.
        sent = [tick.sent for tick in office.ticks if to_ms(tick.at) > to_ms(first.epoch)]
        assert sent == sorted(one for one in sent if one is not None)
        assert all(tick.sent is None for tick in office.ticks if tick.at == first.epoch)
    run = read_run(simulator.state)
    assert run is not None
    assert run.head.finished
    assert "Traceback" not in simulator.said()


def test_after_kill_9_the_run_goes_on_from_where_it_was_and_tells_the_same(
    broker: RunningBroker, simulator: Simulator, tmp_path: Path
) -> None:
    with SmallOffice(broker) as office:
        simulator.begin()
        simulator.start("--speed", "600")
        until(office, 15)
        simulator.kill()
        wait_until(lambda: set(office.online.values()) == {b"false"})
        heard = len(office.ticks)

        simulator.start("--speed", "600")

        killed_at_ms, next_ms = went_on(office, heard)
        assert killed_at_ms < next_ms <= killed_at_ms + MINUTE_MS
        until(office, 30)
        assert len({tick.run for tick in office.ticks}) == 1
        simulator.stop()
        told = history(office, 30)
    with SmallOffice(broker) as office, Simulator(broker, tmp_path / "other") as other:
        other.begin()
        other.start("--speed", "max")
        until(office, 30)
        assert history(office, 30) == told


def test_a_killed_simulators_machines_are_offline_by_their_own_wills(
    broker: RunningBroker, simulator: Simulator
) -> None:
    with SmallOffice(broker) as office:
        simulator.start("--history-hours", "0")
        wait_until(lambda: office.online == {"mill-1": b"true", "press-1": b"true"})

        simulator.kill()

        wait_until(lambda: office.online == {"mill-1": b"false", "press-1": b"false"}, WILL_S)


def test_a_file_is_a_machine_within_two_seconds_and_a_wrong_one_is_refused(
    broker: RunningBroker, simulator: Simulator
) -> None:
    with SmallOffice(broker) as office:
        simulator.start("--history-hours", "0.1")
        wait_until(lambda: bool(office.clocks) and office.clocks[-1].catching_up_to is None)

        simulator.write("mill-7", MILL)
        written_ms = reached(simulator)
        wait_until(lambda: bool(office.batches.get("mill-7")))
        simulator.write("mill-8", MILL + "cycle_s = -3\n")
        wait_until(lambda: any(not result.ok for result in office.results))

        birth = decode(office.births["mill-7"], Birth)
        assert birth.simulated
        # Plant time goes by like real time, but for what a plant hurries that was held up.
        assert to_ms(birth.at) - written_ms <= (2 + DEBT_S) * SPEED * 1_000
        assert office.online["mill-7"] == b"true"
        assert [result.what for result in office.results if result.ok] == [
            str(simulator.machines / "mill-7.toml")
        ]
        (refused,) = [result for result in office.results if not result.ok]
        for piece in ("mill-8.toml", "'cycle_s'", "-3", "allowed"):
            assert piece in refused.message
        assert simulator.said().count("refused mill-8.toml") == 1
        assert "mill-8" not in office.births
        before = len(office.batches["mill-1"])
        wait_until(lambda: len(office.batches["mill-1"]) > before)


def test_a_deleted_file_leaves_no_ghost_and_a_moved_machine_is_at_one_place(
    broker: RunningBroker, simulator: Simulator
) -> None:
    with SmallOffice(broker) as office:
        simulator.start("--history-hours", "0.1")
        wait_until(lambda: bool(office.clocks) and office.clocks[-1].catching_up_to is None)

        simulator.remove("press-1")
        wait_until(lambda: office.births["press-1"] == office.online["press-1"] == b"")
        simulator.write("mill-1", MILL.replace("machining", "milling"))
        wait_until(lambda: office.places.get("mill-1") == {"shopfloor/milling/mill-1"})

        assert office.births["mill-1"] != b""
    with SmallOffice(broker) as late:
        late.committed |= office.committed  # else it would be sent the whole run, the old fleet included
        wait_until(lambda: "mill-1" in late.births)
        assert "press-1" not in late.births
        assert "press-1" not in late.online
        assert late.places["mill-1"] == {"shopfloor/milling/mill-1"}


def test_a_machine_whose_file_went_while_nothing_ran_leaves_no_ghost(
    broker: RunningBroker, simulator: Simulator
) -> None:
    with SmallOffice(broker) as office:
        simulator.start("--history-hours", "0")
        wait_until(lambda: office.online.keys() == {"mill-1", "press-1"})
        simulator.stop()
        simulator.remove("press-1")

        simulator.start("--history-hours", "0")

        wait_until(lambda: office.births["press-1"] == b"")


def test_what_changed_in_the_folder_while_a_killed_run_lay_still_is_an_input_of_its_resumption(
    broker: RunningBroker, simulator: Simulator
) -> None:
    with SmallOffice(broker) as office:
        simulator.begin()
        simulator.start("--speed", "600")
        until(office, 5)
        simulator.kill()
        simulator.remove("press-1")
        simulator.write("mill-2", MILL)

        simulator.start("--speed", "600")

        wait_until(lambda: office.births["press-1"] == b"" and bool(office.batches.get("mill-2")))
        assert min(office.readings("mill-2")) > EPOCH_MS + 5 * MINUTE_MS
        assert to_ms(decode(office.births["mill-2"], Birth).at) >= EPOCH_MS + 5 * MINUTE_MS


def test_the_plant_never_goes_beyond_watermark_and_lookahead(
    broker: RunningBroker, simulator: Simulator
) -> None:
    with SmallOffice(broker, answers=False) as office:
        simulator.begin()
        simulator.start("--speed", "max", "--wait-for-office", "forever", "--lookahead-s", "30")
        wait_until(lambda: bool(office.ticks))
        for half_minutes in range(6):
            office.answer(office.ticks[-1])
            reached_ms = EPOCH_MS + (half_minutes + 1) * 30_000
            wait_until(partial(comes_to, office, reached_ms))
            beyond = [at for at in office.readings("mill-1") if at > reached_ms]
            assert beyond == []

        # Left without an answer it asks again at the epoch, and sends nothing new.
        ticks = len(office.ticks)
        wait_until(lambda: len(office.ticks) > ticks)
        assert to_ms(office.ticks[-1].at) == EPOCH_MS
        assert max(office.readings("mill-1")) <= EPOCH_MS + 6 * 30_000


def comes_to(office: SmallOffice, at_ms: int) -> bool:
    """Whether a plant has told up to a moment; where it asks meanwhile what there is, it is answered."""
    if office.at_ms != at_ms and office.ticks[-1].sent is None:
        office.answer(office.ticks[-1])
    return office.at_ms == at_ms


def test_another_boot_of_the_office_gets_everything_since_what_it_has_committed(
    broker: RunningBroker, simulator: Simulator
) -> None:
    with SmallOffice(broker) as office:
        simulator.begin()
        simulator.start("--speed", "600")
        until(office, 10)
        run = office.ticks[-1].run
        office.lose(run, EPOCH_MS + 4 * MINUTE_MS)
        ticks = len(office.ticks)

        office.reboot()

        wait_until(lambda: len(asked(office.ticks[ticks:])) >= 3)
        assert asked(office.ticks[ticks:])[:3] == [0, 5, 6]


def test_an_office_with_a_new_history_gets_the_whole_run_again(
    broker: RunningBroker, simulator: Simulator
) -> None:
    simulator.begin()
    with SmallOffice(broker) as office:
        simulator.start("--speed", "600")
        until(office, 15)
        told = history(office, 10)
    with SmallOffice(broker) as fresh:
        wait_until(lambda: fresh.at_ms > EPOCH_MS + 15 * MINUTE_MS)

        assert history(fresh, 10) == told


def test_without_an_office_the_plant_goes_on_and_tells_it_everything_when_it_is_back(
    broker: RunningBroker, simulator: Simulator
) -> None:
    simulator.begin()
    with SmallOffice(broker) as office:
        simulator.start("--speed", "600", "--wait-for-office", "1")
        until(office, 5)
        run = office.ticks[-1].run
        kept = dict(office.committed)
    # On a slow machine a second may be over before the office is heard at all: then there are more of each.
    wait_until(lambda: last_inputs(simulator)[-1:] == ["unattended"])
    gone = len(last_inputs(simulator))
    reached_ms = reached(simulator)
    wait_until(lambda: reached(simulator) > reached_ms + 5 * MINUTE_MS)
    with SmallOffice(broker) as office:
        office.committed |= kept
        wait_until(lambda: bool(office.clocks) and not office.clocks[0].attended)
        wait_until(lambda: office.clocks[-1].attended)
        until(office, 15)

        readings = office.readings("mill-1")
        first_ms = kept[run] + 1_000
        assert sorted(at for at in readings if at >= first_ms) == list(
            range(first_ms, max(readings) + 1, 1_000)
        )
    inputs = last_inputs(simulator)
    assert inputs[gone : gone + 1] == ["attended"]
    assert inputs == [*["unattended", "attended"] * len(inputs)][: len(inputs)]


def test_a_watermark_that_was_long_on_its_way_makes_the_plant_forget_nothing_that_is_still_to_be_told(
    broker: RunningBroker, simulator: Simulator
) -> None:
    simulator.begin()
    with SmallOffice(broker) as office:
        simulator.start("--speed", "600", "--wait-for-office", "forever")
        until(office, 25)
        run, back_ms = office.ticks[-1].run, EPOCH_MS + 5 * MINUTE_MS
        office.answers = False
        office.lose(run, back_ms)
        office.reboot()
        wait_until(lambda: office.ticks[-1].at == from_ms(EPOCH_MS))
        office.answer(office.ticks[-1])
        wait_until(lambda: back_ms < office.at_ms <= back_ms + 2 * MINUTE_MS)

        office.say_late(run, EPOCH_MS + 60 * MINUTE_MS)
        office.answers = True
        office.answer(office.ticks[-1])
        until(office, 30)

        readings = office.readings("mill-1")
        assert sorted(readings) == list(range(EPOCH_MS + 1_000, max(readings) + 1, 1_000))
    assert "Traceback" not in simulator.said()


def test_a_killed_broker_loses_nothing(broker: RunningBroker, simulator: Simulator) -> None:
    simulator.begin()
    with SmallOffice(broker) as office:
        simulator.start("--speed", "600", "--wait-for-office", "forever")
        until(office, 5)
        broker.kill()
        broker.start()
        until(office, (office.at_ms - EPOCH_MS) / MINUTE_MS + 15)

        readings = office.readings("mill-1")
        assert sorted(readings) == list(range(EPOCH_MS + 1_000, max(readings) + 1, 1_000))
        assert office.online == {"mill-1": b"true", "press-1": b"true"}
    assert simulator.said().count("lost the broker") == 1


def test_a_refused_credential_is_said_once(simulator: Simulator, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    (wrong / "machines").write_text("not the password", encoding="utf-8")

    simulator.start(credentials=wrong)

    wait_until(lambda: "refuses user 'machines'" in simulator.said())
    time.sleep(3)  # that nothing more is said has no condition to wait for
    said = simulator.said()
    assert said.count("WARNING") == 1 + said.count("unattended")
    assert simulator.stop() == 0


def test_a_broker_that_hangs_keeps_nobody_from_ending(broker: RunningBroker, simulator: Simulator) -> None:
    with SmallOffice(broker) as office:
        simulator.start("--history-hours", "0")
        wait_until(lambda: office.online.keys() == {"mill-1", "press-1"})
        assert broker._process is not None
        broker._process.send_signal(signal.SIGSTOP)
        started_s = time.monotonic()

        code = simulator.stop()

        ended_s = time.monotonic()
        broker._process.send_signal(signal.SIGCONT)
    assert code == 0
    assert ended_s - started_s < ENDS_S


def test_a_run_of_other_kinds_is_not_resumed(broker: RunningBroker, simulator: Simulator) -> None:
    first = simulator.begin()
    file = simulator.state / "run.json"
    file.write_text(
        file.read_text(encoding="utf-8").replace(fingerprint(), "0123456789abcdef"), encoding="utf-8"
    )

    with SmallOffice(broker) as office:
        simulator.start("--history-hours", "0")
        wait_until(lambda: bool(office.ticks))

        assert office.ticks[0].run != first.id
    assert "the kinds have changed" in simulator.said()


@pytest.mark.parametrize("written", ['"program":"0.0.9"', '"program":""'])
def test_a_run_that_another_version_has_lived_is_not_resumed(
    written: str, broker: RunningBroker, simulator: Simulator
) -> None:
    first = simulator.begin()
    file = simulator.state / "run.json"
    text = file.read_text(encoding="utf-8")
    assert f'"program":"{VERSION}"' in text
    file.write_text(text.replace(f'"program":"{VERSION}"', written), encoding="utf-8")

    with SmallOffice(broker) as office:
        simulator.start("--history-hours", "0")
        wait_until(lambda: bool(office.ticks))

        assert office.ticks[0].run != first.id
    assert f"of the simulator lived it, and this is {VERSION}" in simulator.said()


def test_an_office_of_a_later_version_is_told_that_the_simulator_is_to_be_upgraded(
    broker: RunningBroker, simulator: Simulator
) -> None:
    later = Client(broker.port, "office", broker.password("office"))
    later.listen("shopfloor/_plant/result")
    simulator.begin()
    simulator.start("--wait-for-office", "1")
    later.say(["shopfloor/_plant/office"], '{"v": 2, "who": ["office"]}', retain=True)

    wait_until(lambda: any(b"upgrade the simulator" in one.payload for one in later.heard))
    told = [decode(one.payload, PlantResult) for one in later.heard]
    later.close()

    assert told[0].what == "shopfloor/_plant/office"
    assert told[0].message == (
        "key 'v': 2 is a later version of the messages than the simulator knows: allowed is 1; "
        "upgrade the simulator"
    )


def test_a_damaged_state_begins_a_new_run(broker: RunningBroker, simulator: Simulator) -> None:
    simulator.begin()
    (simulator.state / "run.json").write_text("", encoding="utf-8")

    with SmallOffice(broker) as office:
        simulator.start("--history-hours", "0", "--heartbeat", str(simulator.state / "beat"))
        wait_until(lambda: bool(office.ticks))
        wait_until((simulator.state / "beat").exists)
    assert "run.json is damaged" in simulator.said()


def test_a_broker_that_is_not_there_is_said_once_and_waited_for(
    broker: RunningBroker, simulator: Simulator
) -> None:
    broker.stop()
    simulator.start("--history-hours", "0", "--wait-for-office", "forever")
    wait_until(lambda: "cannot reach the broker" in simulator.said())
    time.sleep(2.5)  # the same
    broker.start()

    with SmallOffice(broker) as office:
        wait_until(lambda: office.online == {"mill-1": b"true", "press-1": b"true"})
    assert simulator.said().count("cannot reach the broker") == 1


def test_a_machine_that_was_added_and_changed_is_told_the_same_way_after_a_crash(
    broker: RunningBroker, simulator: Simulator
) -> None:
    simulator.begin()
    with SmallOffice(broker) as office:
        simulator.start("--speed", "600")
        until(office, 3)
        simulator.write("mill-2", MILL)
        wait_until(lambda: bool(office.batches.get("mill-2")))
        simulator.write("mill-2", MILL + "controller = false\n")
        wait_until(lambda: any(batch.state is None for _, batch in office.batches["mill-2"]))
        until(office, office.at_ms / MINUTE_MS - EPOCH_MS / MINUTE_MS + 5)
        simulator.kill()
        told = office.readings("mill-2")
    with SmallOffice(broker) as fresh:
        simulator.start("--speed", "600")
        wait_until(lambda: fresh.at_ms >= max(told))

        assert {at: repr(one) for at, one in fresh.readings("mill-2").items() if at in told} == {
            at: repr(one) for at, one in told.items()
        }


def last_inputs(simulator: Simulator) -> list[str]:
    """What kinds of inputs stand in the input log."""
    run = read_run(simulator.state)
    assert run is not None
    return [one.what for one in run.inputs]


def reached(simulator: Simulator) -> int:
    """Plant time that the run has reached."""
    run = read_run(simulator.state)
    assert run is not None
    return run.position_ms
