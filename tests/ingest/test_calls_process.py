"""Calls of the real ingest process at a real broker: one for a stop, and over with it, kills or not."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.messages import Call, Response, Tick, Watermark, decode, encode
from protocol.moments import from_ms, to_ms
from tests.broker.clients import Client, wait_until
from tests.broker.running import RunningBroker
from tests.ingest.plant_of_calls import EPOCH_MS, RUN, S, Script, batch, birth, clock, seconds
from tests.ingest.running import RunningIngest

pytestmark = pytest.mark.broker

MILL: Script = [(0, "running", ""), (100, "down", "jam"), (700, "running", "")]
WATERMARK = "shopfloor/_plant/watermark"
CALLS = "shopfloor/_call/+/+"
OFFICE = b'"office":"office"'


class Plant:
    """A plant of one mill that keeps step with the office.

    Args:
        broker: Where it speaks.
    """

    def __init__(self, broker: RunningBroker) -> None:
        self.client = Client(broker.port, "machines", broker.password("machines"))
        self.client.listen(WATERMARK, CALLS)
        self.at_s = 0.0

    def begin(self) -> None:
        """Say what is retained."""
        for topic, payload in (clock(0), birth("mill-1")):
            self.client.say([topic], payload, retain=True)

    def tick(self, at_s: float) -> Watermark:
        """Say that everything up to a moment has been said, and wait for the office's answer."""
        heard = len(self.client.heard)
        self.client.say(
            ["shopfloor/_plant/tick"], encode(Tick(run=RUN, at=from_ms(EPOCH_MS + round(at_s * S))))
        )
        answer: list[Watermark] = []

        def answered() -> bool:
            for message in self.client.heard[heard:]:
                if message.topic == WATERMARK:
                    one = decode(message.payload, Watermark)
                    if one.office == "office" and seconds(to_ms(one.at)) == at_s:
                        answer.append(one)
            return bool(answer)

        wait_until(answered)
        return answer[0]

    def say(self, until_s: float) -> None:
        """Say what the mill does up to a moment."""
        topic, payload = clock(until_s)
        self.client.say([topic], payload, retain=True)
        topic, payload = batch("mill-1", MILL, self.at_s, until_s)
        self.client.say([topic], payload)
        self.at_s = until_s

    def live(self, until_s: float) -> Watermark:
        """Live on to a moment, at once."""
        self.say(until_s)
        return self.tick(until_s)

    def go_back(self) -> None:
        """Ask what the office has, and go on from there."""
        committed = self.tick(0).committed
        self.at_s = 0.0 if committed is None else seconds(to_ms(committed)) or 0.0

    def calls(self) -> list[Call]:
        """What was heard of calls, in order; None where a topic was cleared."""
        return [
            decode(one.payload, Call) for one in self.client.heard if one.payload and "_call" in one.topic
        ]


@pytest.fixture
def plant(broker: RunningBroker) -> Iterator[Plant]:
    made = Plant(broker)
    yield made
    made.client.close()


@pytest.fixture
def ingest(broker: RunningBroker, tmp_path: Path) -> Iterator[RunningIngest]:
    """A process that is not started yet, and gone in the end."""
    running = RunningIngest(broker, tmp_path)
    yield running
    running.kill()


def kept(broker: RunningBroker) -> list[Call]:
    """The calls that the broker keeps for whoever comes."""
    client = Client(broker.port, "viewer", broker.password("viewer"))
    client.listen(CALLS)
    client.close()
    return [decode(one.payload, Call) for one in client.heard if one.retain]


def test_a_stop_is_one_retained_call_heard_before_the_watermark_and_cleared_when_it_is_over(
    broker: RunningBroker, plant: Plant, ingest: RunningIngest
) -> None:
    plant.begin()
    ingest.start()

    before = plant.live(180)
    at_call = plant.live(240)
    standing = kept(broker)
    heard_before = [
        one.topic for one in plant.client.heard if one.topic != WATERMARK or OFFICE in one.payload
    ]
    after = plant.live(760)
    wait_until(lambda: not kept(broker))

    assert (before.calls, at_call.calls, after.calls) == (0, 1, 1)
    assert heard_before[-1] == WATERMARK
    assert heard_before[-2].startswith("shopfloor/_call/mill-1/")
    assert [(one.machine, one.rule, one.cause) for one in standing] == [("mill-1", "stopped", "jam")]
    assert [seconds(to_ms(one.raised)) for one in plant.calls()] == [220, 220]
    assert plant.calls()[-1].closed == from_ms(EPOCH_MS + 700 * S)
    assert {one.id for one in plant.calls()} == {standing[0].id}


def test_what_people_do_about_a_call_is_told_to_all_who_hear_it(
    broker: RunningBroker, plant: Plant, ingest: RunningIngest
) -> None:
    plant.begin()
    ingest.start()
    plant.live(240)
    (call,) = kept(broker)

    heard = Response(
        call=call.id, run=RUN, machine="mill-1", what="acknowledged", at=from_ms(EPOCH_MS + 300 * S), by="Ada"
    )
    plant.client.say(["shopfloor/_plant/response"], encode(heard))
    plant.live(360)

    (standing,) = kept(broker)
    assert standing.acknowledged is not None
    assert (standing.acknowledged.by, seconds(to_ms(standing.acknowledged.at))) == ("Ada", 300)


@pytest.mark.parametrize("seed", range(2))
def test_however_the_office_is_killed_a_stop_is_one_call(
    seed: int, broker: RunningBroker, plant: Plant, ingest: RunningIngest
) -> None:
    choose = random.Random(seed)  # noqa: S311 - fixed moments, no secret
    plant.begin()
    ingest.start()
    for until_s in (60, 180, 240, 300, 660, 720, 780):
        plant.say(until_s)
        if choose.random() < 0.6:
            # Killed with a tick on its way: before it was taken in, or before it was answered.
            plant.client.say(
                ["shopfloor/_plant/tick"], encode(Tick(run=RUN, at=from_ms(EPOCH_MS + until_s * S)))
            )
            while choose.random() >= 0.5:
                time.sleep(0.005)
            ingest.kill()
            ingest.start()
            plant.go_back()
            plant.say(until_s)
        plant.tick(until_s)
        if until_s in {240, 300, 660}:
            wait_until(lambda: len(kept(broker)) == 1)

    wait_until(lambda: not kept(broker))
    assert {(seconds(to_ms(one.raised)), one.rule) for one in plant.calls()} == {(220, "stopped")}
    assert len({one.id for one in plant.calls()}) == 1
    assert plant.tick(780).calls == 1
    assert plant.calls()[-1].closed == from_ms(EPOCH_MS + 700 * S)
