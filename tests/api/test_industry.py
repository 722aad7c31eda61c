"""What of Industry 4.0 is at work: of an office that speaks, of its history, and of nothing at all."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from dashboard.app import make_app
from dashboard.conclusions import Posting
from dashboard.history.extent import Made, made_of
from dashboard.history.reader import Reader
from dashboard.live.channel import Channel
from protocol.address import address_of
from tests.api.asking import ask, get, settings, wait_until
from tests.broker.running import RunningBroker
from tests.ingest.office_of_a_day import RUN
from tests.ingest.plant_of_calls import PlantOfCalls, Script, batch, birth, clock
from tests.web.plant import HandMachine, HandOffice

POSTING = Posting(
    receiver="http://127.0.0.1:9000", delivered=3, waiting=2, refused=1, given_up=0, failures=4,
    failing="it answers 503", failing_since_wall_ms=1_767_592_800_000,
)  # fmt: skip


@pytest.fixture
def listening(broker: RunningBroker, history: str) -> Iterator[tuple[FlaskClient, Channel]]:
    """An application whose live channel hears the broker."""
    address = address_of(broker.url, role="viewer", credentials=broker.credentials)
    app, channel = make_app(replace(settings(history), address=address))
    channel.start()
    yield app.server.test_client(), channel
    channel.stop()


@pytest.fixture
def office(broker: RunningBroker) -> Iterator[HandOffice]:
    made = HandOffice(broker, [HandMachine(name="mill-1"), HandMachine(name="mill-2")])
    made.tell()
    yield made
    made.leave()


@pytest.mark.broker
def test_every_block_says_how_much_of_it_there_is(
    listening: tuple[FlaskClient, Channel], office: HandOffice
) -> None:
    client, channel = listening
    office.work()
    wait_until(lambda: channel.work is not None and len(channel.machines()) == 2)

    found = ask(client, "/api/industry")

    assert found["run"] == RUN
    assert found["sensors"] == {
        "machines": 2, "signals": 2, "readings": 86_400, "values": 345_600, "readings_per_s": 776.0,
    }  # fmt: skip
    assert found["communication"] == {"online": 2, "messages": 1_200, "messages_per_s": 31.4}
    assert found["history"]["runs"] == 1
    assert found["history"]["span_s"] == found["span_s"] == 1_800
    assert found["history"]["bytes"] > found["history"]["rows"] > 100
    assert found["cloud"] == {"streams": 0, "posted": None}


@pytest.mark.broker
def test_how_the_webhook_goes_is_said_by_health_and_metrics(
    listening: tuple[FlaskClient, Channel], office: HandOffice
) -> None:
    client, channel = listening
    office.work()
    wait_until(lambda: channel.work is not None)
    without = ask(client, "/api/health")["webhook"]

    office.work(posting=POSTING)
    wait_until(lambda: channel.work is not None and channel.work.posting is not None)
    health = ask(client, "/api/health")["webhook"]
    told = {
        sample.name: sample.value
        for family in text_string_to_metric_families(get(client, "/metrics").text)
        for sample in family.samples
        if "webhook" in sample.name or "_taken" in sample.name
    }

    assert without is None
    assert (health["delivered"], health["waiting"], health["failing"]) == (3, 2, "it answers 503")
    assert health["failing_since"] == "2026-01-05T06:00:00.000Z"
    assert told == {
        "shopfloor_messages_taken_total": 1_200, "shopfloor_readings_taken_total": 86_400,
        "shopfloor_values_taken_total": 345_600, "shopfloor_webhook_up": 0, "shopfloor_webhook_waiting": 2,
        "shopfloor_webhook_delivered_total": 3, "shopfloor_webhook_failures_total": 4,
        "shopfloor_webhook_refused_total": 1, "shopfloor_webhook_given_up_total": 0,
    }  # fmt: skip


def test_without_a_history_every_block_is_there_and_empty(tmp_path: Path) -> None:
    app, _ = make_app(settings(f"sqlite:///{tmp_path}/none.db"))

    found = ask(app.server.test_client(), "/api/industry")

    assert (found["run"], found["span_s"], found["age_s"]) == (None, None, None)
    assert found["automation"]["calls"] is None
    assert found["history"] == {"rows": 0, "runs": 0, "span_s": 0, "bytes": None}


def test_calls_acted_upon_are_those_that_somebody_answered(tmp_path: Path) -> None:
    script: Script = [(0, "running", ""), (100, "down", "jam"), (700, "running", ""), (1_000, "down", "jam")]
    plant = PlantOfCalls(tmp_path, births=[birth("mill-1")])
    plant.live({"mill-1": script}, range(60, 1_260, 60))
    first = plant.heard()[0]

    plant.respond(first.id, "mill-1", "acknowledged", 300)
    plant.respond(first.id, "mill-1", "at-machine", 420)
    plant.commit()
    plant.office.store.close()

    reader = Reader(f"sqlite:///{tmp_path}/history.db")
    assert made_of(reader, RUN) == Made(
        calls=2, missed=0, closed=1, acknowledged=1, attended=1, forecasts=0, learned=0
    )
    reader.close()


def test_readings_are_counted_once_however_often_they_come_and_whoever_is_killed(tmp_path: Path) -> None:
    script: Script = [(0, "running", "")]
    plant = PlantOfCalls(tmp_path, births=[birth("mill-1")])
    told = [batch("mill-1", script, begun, begun + 60) for begun in (0, 60, 120)]
    plant.hear(clock(180), *told[:2])
    plant.tick(120)

    plant.hear(told[1], told[2])
    plant.kill()
    again = plant.office.ledger.taken.total(RUN)
    plant.hear(clock(180), told[2], told[1])
    plant.tick(180)

    assert (again.readings, again.measured) == (2, 2)
    total = plant.office.ledger.taken.total(RUN)
    assert (total.readings, total.measured) == (3, 3)
    assert plant.office.store.taken(RUN).readings == 3


def test_a_rate_is_that_of_the_last_ten_seconds(tmp_path: Path) -> None:
    plant = PlantOfCalls(tmp_path, births=[birth("mill-1")])
    taken = plant.office.ledger.taken
    before = taken.rates(RUN, 0.0)
    for _ in range(100):
        taken.message(RUN)
    first = taken.rates(RUN, 5.0)
    for now_s in range(6, 16):
        taken.message(RUN)
        taken.rates(RUN, float(now_s))

    assert before == (0.0, 0.0)
    assert first == (20.0, 0.0)
    assert taken.rates(RUN, 16.0)[0] == pytest.approx(9 / 10)
