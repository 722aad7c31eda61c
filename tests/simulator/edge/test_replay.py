"""The replay of a recording as a program, a real broker, and a plant clock that the test winds."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from protocol.address import address_of
from protocol.messages import Birth, Clock, decode, encode
from protocol.moments import from_ms
from protocol.session import Session
from protocol.topics import plant_topic
from simulator.replaying.recording import ANCHOR_MS
from simulator.replaying.table import load_recording
from tests.broker.running import RunningBroker
from tests.simulator.edge.office import ROOT, WILL_S, SmallOffice, wait_until
from tests.simulator.edge.program import STOP_S

pytestmark = pytest.mark.broker

FILE = Path(__file__).parents[3] / "simulator" / "recordings" / "mazak-1-20181204.csv.gz"
RECORDING = load_recording(FILE)
WORDS = [] if RECORDING.words is None else RECORDING.words.tolist()
LENGTH_MS = RECORDING.rows * 1_000
EPOCH_MS = ANCHOR_MS + 40 * LENGTH_MS
HOUR_MS = 3_600_000


class PlantClock:
    """The plant's clock, without a plant."""

    def __init__(self, broker: RunningBroker) -> None:
        self._session = Session(
            name="clock",
            address=address_of(broker.url, role="machines", credentials=broker.credentials),
        )
        self._session.start()
        wait_until(self._session.connected.is_set)

    def show(self, at_ms: int, *, run: str = "0badcafe", epoch_ms: int = EPOCH_MS) -> None:
        """Show a plant time."""
        clock = Clock(run=run, epoch=from_ms(epoch_ms), at=from_ms(at_ms), wall=datetime.now(UTC), speed=60.0)
        self._session.flush(self._session.publish(plant_topic(ROOT, "clock"), encode(clock), retain=True))

    def stop(self) -> None:
        """Disconnect."""
        self._session.stop()


class Replay:
    """`python -m simulator replay`."""

    def __init__(self, broker: RunningBroker, folder: Path) -> None:
        self.log = folder / "replay.log"
        self.heartbeat = folder / "heartbeat"
        self._broker = broker
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        command = [sys.executable, "-m", "simulator", "replay", str(FILE), "--as", "mazak-1"]
        command += ["--line", "recorded", "--broker", self._broker.url]
        command += ["--credentials", str(self._broker.credentials), "--heartbeat", str(self.heartbeat)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=dict(os.environ))

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop it."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(STOP_S)

    def kill(self) -> None:
        """End it as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def clock(broker: RunningBroker) -> Iterator[PlantClock]:
    one = PlantClock(broker)
    yield one
    one.stop()


@pytest.fixture
def replay(broker: RunningBroker, tmp_path: Path) -> Iterator[Replay]:
    one = Replay(broker, tmp_path)
    yield one
    one.kill()


def spoken(from_ms_: int, to_ms_: int) -> list[int]:
    """The moments in (from, to] at which the recorded control said something."""
    moments = range(from_ms_ // 1_000 * 1_000 + 1_000, to_ms_ + 1, 1_000)
    return [at for at in moments if WORDS[(at - ANCHOR_MS) // 1_000 % RECORDING.rows]]


def heard_up_to(office: SmallOffice, at_ms: int) -> bool:
    return max(office.readings("mazak-1"), default=0) >= at_ms


def test_eight_hours_are_caught_up_with_and_then_the_clock_is_followed(
    broker: RunningBroker, clock: PlantClock, replay: Replay
) -> None:
    clock.show(EPOCH_MS + 8 * HOUR_MS)
    with SmallOffice(broker) as office:
        replay.start()
        last_ms = spoken(EPOCH_MS, EPOCH_MS + 8 * HOUR_MS)[-1]
        wait_until(lambda: heard_up_to(office, last_ms))
        assert sorted(office.readings("mazak-1")) == spoken(EPOCH_MS, EPOCH_MS + 8 * HOUR_MS)

        clock.show(EPOCH_MS + 9 * HOUR_MS)
        later_ms = spoken(EPOCH_MS, EPOCH_MS + 9 * HOUR_MS)[-1]
        wait_until(lambda: heard_up_to(office, later_ms))

        birth = decode(office.births["mazak-1"], Birth)
        assert (birth.kind, birth.simulated, birth.states, birth.run) == (
            "mazak-integrex",
            False,
            "reported",
            "",
        )
        assert birth.signals["spindle_speed_rpm"].unit == "rpm"
        assert office.online["mazak-1"] == b"true"
        assert office.truths == {}
        assert replay.heartbeat.exists()
        assert replay.stop() == 0
        wait_until(lambda: office.online["mazak-1"] == b"false")


def test_a_killed_replay_is_offline_by_its_will_and_tells_the_same_when_it_is_back(
    broker: RunningBroker, clock: PlantClock, replay: Replay
) -> None:
    clock.show(EPOCH_MS + HOUR_MS)
    with SmallOffice(broker) as office:
        replay.start()
        last_ms = spoken(EPOCH_MS, EPOCH_MS + HOUR_MS)[-1]
        wait_until(lambda: heard_up_to(office, last_ms))
        replay.kill()
        wait_until(lambda: office.online["mazak-1"] == b"false", WILL_S)
        clock.show(EPOCH_MS + 2 * HOUR_MS)

        replay.start()

        last_ms = spoken(EPOCH_MS, EPOCH_MS + 2 * HOUR_MS)[-1]
        wait_until(lambda: heard_up_to(office, last_ms))
        assert sorted(office.readings("mazak-1")) == spoken(EPOCH_MS, EPOCH_MS + 2 * HOUR_MS)


def test_an_office_that_comes_back_gets_the_last_hour_again(
    broker: RunningBroker, clock: PlantClock, replay: Replay
) -> None:
    clock.show(EPOCH_MS + 4 * HOUR_MS)
    last_ms = spoken(EPOCH_MS, EPOCH_MS + 4 * HOUR_MS)[-1]
    with SmallOffice(broker) as office:
        replay.start()
        wait_until(lambda: heard_up_to(office, last_ms))
    with SmallOffice(broker) as again:
        wait_until(lambda: heard_up_to(again, last_ms))

        assert sorted(again.readings("mazak-1")) == spoken(EPOCH_MS + 3 * HOUR_MS, EPOCH_MS + 4 * HOUR_MS)


def test_another_run_is_told_from_its_epoch(broker: RunningBroker, clock: PlantClock, replay: Replay) -> None:
    clock.show(EPOCH_MS + 2 * HOUR_MS)
    with SmallOffice(broker) as office:
        replay.start()
        last_ms = spoken(EPOCH_MS, EPOCH_MS + 2 * HOUR_MS)[-1]
        wait_until(lambda: heard_up_to(office, last_ms))

        clock.show(EPOCH_MS - HOUR_MS, run="deadbeef", epoch_ms=EPOCH_MS - 2 * HOUR_MS)

        first, *_, last = spoken(EPOCH_MS - 2 * HOUR_MS, EPOCH_MS - HOUR_MS)
        wait_until(lambda: office.readings("mazak-1").keys() >= {first, last})
        assert decode(office.births["mazak-1"], Birth).at == from_ms(EPOCH_MS - 2 * HOUR_MS)


def test_without_a_plant_clock_it_says_so_once_and_waits(broker: RunningBroker, replay: Replay) -> None:
    with SmallOffice(broker) as office:
        replay.start()
        wait_until(lambda: "no plant clock" in replay.log.read_text(encoding="utf-8"))
        assert "mazak-1" not in office.births
        one = PlantClock(broker)
        one.show(EPOCH_MS + HOUR_MS)

        wait_until(lambda: bool(office.batches.get("mazak-1")))

        one.stop()
        assert replay.log.read_text(encoding="utf-8").count("no plant clock") == 1
