"""The study in the background, at a real broker: what it says, when it begins anew, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from dashboard.study import Study, decode
from demo.study.asked import parser, plan_of
from demo.study.studying import Studying
from protocol.assumptions import Assumption, Assumptions, Segment
from protocol.messages import Clock, Value, encode
from protocol.moments import from_ms
from tests.broker.clients import Client, wait_until
from tests.broker.running import PROJECT, RunningBroker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.broker, pytest.mark.timeout(1_200)]

EPOCH_MS = 1_767_592_800_000
"""2026-01-05T06:00:00Z."""
TOPIC = "shopfloor/_office/study"
SHORT = ("--pairs", "3", "--hours", "0.2")
LIVED_S = 240.0
"""No verdict about speed: it has the lowest priority, and others may leave it a hundredth of a processor."""
STOP_S = 120.0
"""The same."""


@pytest.fixture
def publisher(broker: RunningBroker, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with publishing(broker, tmp_path) as process:
        yield process


@contextmanager
def publishing(broker: RunningBroker, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A study of three short pairs in the background."""
    connection = ("--broker", broker.url, "--credentials", str(broker.credentials))
    process = subprocess.Popen(
        [sys.executable, "-m", "demo", "study", "--publish", *SHORT, *connection,
         "--heartbeat", str(tmp_path / "heartbeat")],
        cwd=PROJECT,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def newest(viewer: Client) -> Study | None:
    heard = [one for one in viewer.heard if one.topic == TOPIC]
    return decode(bytes(heard[-1].payload)) if heard else None


def pairs(viewer: Client) -> int:
    study = newest(viewer)
    return study.pairs if study else 0


def assuming(**values: Value) -> bytes:
    """What a plant says that assumes something else than its file."""
    told = {key: Assumption(value=value) for key, value in values.items()}
    first = Segment(at=from_ms(EPOCH_MS), label="as the run began", values=values)
    return encode(Assumptions(run="a1b2c3d4", assumptions=told, segments=(first,)))


def clock(*, catching_up: bool) -> bytes:
    """The clock of a plant that lives through its past, or has come through it."""
    now = from_ms(EPOCH_MS)
    return encode(
        Clock(
            run="a1b2c3d4",
            epoch=now,
            at=now,
            wall=now,
            speed=60.0,
            catching_up_to=now if catching_up else None,
        )
    )


def test_it_waits_while_the_plant_lives_through_its_past(broker: RunningBroker, tmp_path: Path) -> None:
    machines = Client(broker.port, "machines", broker.password("machines"))
    machines.say(["shopfloor/_plant/clock"], clock(catching_up=True), retain=True)
    machines.say(["shopfloor/_plant/assumptions"], assuming(rounds_s=600.0), retain=True)
    viewer = Client(broker.port, "viewer", broker.password("viewer"))
    viewer.listen(TOPIC)
    with publishing(broker, tmp_path) as process:
        wait_until((tmp_path / "heartbeat").exists, LIVED_S)
        begun_ns = (tmp_path / "heartbeat").stat().st_mtime_ns
        # Two rests later it has lived no pair.
        wait_until(lambda: (tmp_path / "heartbeat").stat().st_mtime_ns > begun_ns + 4_000_000_000, LIVED_S)
        before = pairs(viewer)

        machines.say(["shopfloor/_plant/clock"], clock(catching_up=False), retain=True)

        wait_until(lambda: pairs(viewer) == 3, LIVED_S)
        assert before == 0
        assert process.poll() is None
    machines.say(["shopfloor/_plant/clock"], b"", retain=True)
    machines.say(["shopfloor/_plant/assumptions"], b"", retain=True)
    viewer.close()
    machines.close()


def test_it_says_what_pairs_say_begins_anew_with_other_assumptions_and_stops_at_once(
    broker: RunningBroker, publisher: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    viewer = Client(broker.port, "viewer", broker.password("viewer"))
    viewer.listen(TOPIC)
    machines = Client(broker.port, "machines", broker.password("machines"))
    plan, assumptions = plan_of(parser().parse_args(SHORT))

    wait_until(lambda: pairs(viewer) == 3, LIVED_S)

    studying = Studying(plan, assumptions, pairs=3, first_seed=1)
    for _ in range(3):
        studying.go_on()
    assert newest(viewer) == studying.study()
    assert os.getpriority(os.PRIO_PROCESS, publisher.pid) == 19
    assert (tmp_path / "heartbeat").exists()

    machines.say(["shopfloor/_plant/assumptions"], assuming(rounds_s=600.0), retain=True)
    wait_until(lambda: (newest(viewer) or studying.study()).digest != plan.digest, LIVED_S)
    wait_until(lambda: pairs(viewer) == 3, LIVED_S)
    study = newest(viewer)
    assert study is not None
    assert study.assumptions["rounds_s"] == 600.0

    publisher.send_signal(signal.SIGTERM)
    assert publisher.wait(STOP_S) == 0
    viewer.close()
    machines.close()


def test_of_the_same_plan_nothing_is_said_again_until_as_much_is_known() -> None:
    plan, assumptions = plan_of(parser().parse_args(SHORT))
    before = Studying(plan, assumptions, pairs=3, first_seed=1)
    before.go_on()
    before.go_on()
    told = before.study()

    again = Studying(plan, assumptions, pairs=3, first_seed=1)
    again.recall(told)
    again.go_on()
    too_early = again.is_news
    again.go_on()

    assert not too_early
    assert again.is_news
    assert again.study() == told


def test_assumptions_of_the_paper_log_alone_begin_nothing_anew() -> None:
    plan, assumptions = plan_of(parser().parse_args(SHORT))
    studying = Studying(plan, assumptions, pairs=3, first_seed=1)
    studying.go_on()

    studying.hear({"logged_from_s": 600.0})

    assert studying.study().pairs == 1
    assert studying.study().assumptions["logged_from_s"] == 600.0


def test_an_assumption_that_nobody_knows_is_named() -> None:
    plan, assumptions = plan_of(parser().parse_args(SHORT))

    with pytest.raises(
        ValueError, match=r"key 'moon' is none of the assumptions: known are calls, condition"
    ):
        Studying(plan, assumptions, pairs=3, first_seed=1).hear({"moon": "full"})
