"""Calls of the real ingest process, posted to a real HTTP server, kills or not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.conclusions import Work, decode
from tests.broker.clients import Client, wait_until
from tests.broker.running import RunningBroker
from tests.ingest.receiving import Receiving
from tests.ingest.running import RunningIngest
from tests.ingest.test_calls_process import Plant

pytestmark = pytest.mark.broker


@pytest.fixture
def receiving() -> Iterator[Receiving]:
    made = Receiving()
    yield made
    made.close()


@pytest.fixture
def ingest(
    broker: RunningBroker, receiving: Receiving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunningIngest]:
    """A process that posts, is not started yet, and gone in the end."""
    file = tmp_path / "calls.toml"
    file.write_text(
        f'[webhook]\nurl = "{receiving.url}"\nsecret = "env:TOKEN"\ntimeout_s = 60\n', encoding="utf-8"
    )
    monkeypatch.setenv("CALLS", str(file))
    monkeypatch.setenv("TOKEN", "Bearer hunter2")
    running = RunningIngest(broker, tmp_path)
    yield running
    running.kill()


@pytest.fixture
def plant(broker: RunningBroker) -> Iterator[Plant]:
    made = Plant(broker)
    yield made
    made.client.close()


def told(receiving: Receiving) -> list[str]:
    """What has arrived, in order."""
    return [f"{post['call']['machine']} {post['what']} {post['at']}" for post in receiving.posts]


RAISED = "mill-1 raised 2026-01-05T06:03:40.000Z"
CLOSED = "mill-1 closed 2026-01-05T06:11:40.000Z"


def test_a_stop_is_posted_when_it_is_called_for_and_when_it_is_over(
    broker: RunningBroker, receiving: Receiving, ingest: RunningIngest, plant: Plant
) -> None:
    plant.begin()
    ingest.start()

    plant.live(240)
    plant.live(760)

    wait_until(lambda: len(receiving.posts) == 2)
    assert told(receiving) == [RAISED, CLOSED]
    assert receiving.posts[0]["text"] == "mill-1 needs somebody: stopped, jam"
    assert receiving.posts[0]["id"] == f"{receiving.posts[0]['call']['id']}-raised"
    assert {headers["Authorization"] for headers in receiving.headers} == {"Bearer hunter2"}
    viewer = Client(broker.port, "viewer", broker.password("viewer"))
    viewer.listen("shopfloor/_office/work")
    wait_until(lambda: bool(viewer.heard) and posted(viewer) == 2)
    viewer.close()
    ingest.stop()
    assert "hunter2" not in ingest.log.read_text(encoding="utf-8")


def posted(viewer: Client) -> int:
    """Events that have arrived, as the office tells pages."""
    work = decode(bytes(viewer.heard[-1].payload), Work)
    return work.posting.delivered if work.posting else -1


def test_an_office_that_is_killed_before_a_call_arrives_posts_it_when_it_is_back(
    receiving: Receiving, ingest: RunningIngest, plant: Plant
) -> None:
    receiving.answer = lambda _: 503
    plant.begin()
    ingest.start()
    plant.live(240)
    wait_until(lambda: receiving.attempts > 0)

    ingest.kill()
    ingest.start()
    # Not before: what the killed one had posted last may be answered only now, and it never hears that.
    receiving.answer = lambda _: 204

    wait_until(lambda: len(receiving.posts) >= 1)
    plant.go_back()
    plant.live(760)
    wait_until(lambda: len(receiving.posts) >= 2)
    assert told(receiving) == [RAISED, CLOSED]


def test_a_receiver_that_says_nothing_does_not_hold_up_the_office(
    receiving: Receiving, ingest: RunningIngest, plant: Plant
) -> None:
    receiving.answer = lambda _: "slow"
    plant.begin()
    ingest.start()
    plant.live(240)
    wait_until(lambda: receiving.attempts > 0)

    # Each of these waits for the office's answer, and the receiver has not given its own.
    answered = [plant.live(until_s).calls for until_s in range(300, 600, 60)]

    assert answered == [1] * 5
    assert receiving.attempts == 1
    assert receiving.posts == []
