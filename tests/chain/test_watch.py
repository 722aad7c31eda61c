"""What the page knows of who was heard when, whatever the clocks of others show."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from dashboard.chain.sentences import sentences
from dashboard.conclusions import Work
from dashboard.live.picture import Picture
from dashboard.live.watch import Watch
from protocol.address import address_of
from protocol.session import Session
from tests.broker.running import RunningBroker
from tests.chain.test_sentences import work

PATIENCE_S = 60.0
NOWHERE = address_of("mqtt://127.0.0.1:1", role="viewer", credentials=None)
YEAR_MS = 365 * 86_400_000


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RunningBroker]:
    running = RunningBroker(tmp_path)
    running.start()
    yield running
    running.kill()


def viewer(broker: RunningBroker) -> Session:
    address = address_of(broker.url, role="viewer", credentials=broker.credentials)
    return Session(name="web", address=address, filters=[("shopfloor/_office/#", 0)])


def said_at(wall_ms: int) -> Work:
    """What the office says of itself, at a moment of its own clock."""
    said = work()
    assert said.process is not None
    return msgspec.structs.replace(said, process=msgspec.structs.replace(said.process, wall_ms=wall_ms))


def wait(what: Callable[[], bool]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < until_s, "waited in vain"
        time.sleep(0.02)


@pytest.mark.parametrize("ahead_ms", [-3 * YEAR_MS, -3_600_000, 0, 3_600_000, 3 * YEAR_MS])
def test_an_office_that_has_just_spoken_is_there_whatever_its_clock_shows(ahead_ms: int) -> None:
    watch = Watch(Session(name="web", address=NOWHERE), "shopfloor")

    watch.hear_work(said_at(int(time.time() * 1_000) + ahead_ms), retained=False)

    age_s = watch.known(Picture(), None).work_age_s
    assert age_s is not None
    assert 0 <= age_s < PATIENCE_S


def test_what_a_broker_had_kept_is_as_old_as_it_says() -> None:
    watch = Watch(Session(name="web", address=NOWHERE), "shopfloor")

    watch.hear_work(said_at(int(time.time() * 1_000) - 3_600_000), retained=True)

    age_s = watch.known(Picture(), None).work_age_s
    assert age_s is not None
    assert age_s >= 3_599


@pytest.mark.broker
def test_a_broker_that_hangs_is_named_long_before_its_connection_is_given_up(broker: RunningBroker) -> None:
    session = viewer(broker)
    watch = Watch(session, "shopfloor")

    def link() -> str:
        watch.look(Picture(), None)
        return next((one.link for one in sentences(watch.known(Picture(), None))), "")

    watch.hear_work(said_at(int(time.time() * 1_000) - 3_600_000), retained=True)
    session.start()
    try:
        wait(session.connected.is_set)
        wait(lambda: link() == "ingest")
        os.kill(broker.pid, signal.SIGSTOP)
        wait(lambda: link() == "broker")
        wait(lambda: watch.known(Picture(), None).broker.mute_since_wall_ms is not None)
        os.kill(broker.pid, signal.SIGCONT)
        wait(lambda: link() == "ingest")
    finally:
        session.stop()


@pytest.mark.broker
def test_a_broker_that_answers_owes_nothing(broker: RunningBroker) -> None:
    session = viewer(broker)
    session.start()
    try:
        wait(session.connected.is_set)
        session.knock("shopfloor/_office/knock")
        wait(lambda: session.owed_s == 0.0)
        assert session.connected.is_set()
    finally:
        session.stop()
