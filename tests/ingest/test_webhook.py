"""Calls posted to a real HTTP server: in order, again until they arrive, and without ingest waiting."""

import logging
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from dashboard.calls.rules import CallsError
from dashboard.calls.webhook import Webhook
from dashboard.ingest.outbox import Delivery
from dashboard.ingest.poster import Poster
from dashboard.ingest.receiver import Receiver, receiver_of
from protocol.messages import Clock, encode
from protocol.moments import from_ms
from tests.broker.clients import wait_until
from tests.ingest.plant_of_calls import EPOCH_MS, RUN, PlantOfCalls, S, Script, birth, clock
from tests.ingest.receiving import Receiving

MILL: Script = [(0, "running", ""), (100, "down", "jam"), (1_500, "running", ""), (1_700, "down", "jam")]
HOOK = '[webhook]\nurl = "http://hook.example/calls"\n'
SOON = (0.01,)
TIMEOUT_S = 3.0
"""For who answers at once on a busy machine."""


@pytest.fixture
def receiving() -> Iterator[Receiving]:
    """A server that takes everything, unless it is told otherwise."""
    made = Receiving()
    yield made
    made.close()


@pytest.fixture
def posters() -> Iterator[list[Poster]]:
    """Those that are stopped in the end."""
    made: list[Poster] = []
    yield made
    for one in made:
        one.stop(timeout_s=10.0)


def poster_to(
    receiving: Receiving, posters: list[Poster], most_waiting: int = 100, timeout_s: float = TIMEOUT_S
) -> Poster:
    """A poster that is in a hurry."""
    receiver = Receiver(url=receiving.url, headers={"Content-Type": "application/json"}, timeout_s=timeout_s)
    made = Poster(receiver, most_waiting=most_waiting, back_off_s=SOON)
    posters.append(made)
    made.start()
    return made


def deliveries(first: int, last: int) -> list[Delivery]:
    """Events that say their number."""
    return [
        Delivery(number=one, id=f"call-{one}", body=f'{{"number": {one}}}'.encode())
        for one in range(first, last + 1)
    ]


def numbers(receiving: Receiving) -> list[int]:
    """The events that arrived, in order."""
    return [post["number"] for post in receiving.posts]


# --- what is posted -------------------------------------------------------------------------------


def events(plant: PlantOfCalls) -> list[tuple[str, str]]:
    """The events that may be posted now: the call's id, and what happened."""
    found = [one.id.split("-", 1) for one in plant.posts()]
    return [(call, what) for call, what in found]


def test_each_event_of_a_call_is_posted_once_and_in_order(tmp_path: Path) -> None:
    plant = PlantOfCalls(tmp_path, rules=HOOK, births=[birth("mill-1")])

    plant.live({"mill-1": MILL}, range(60, 2_100, 60))

    first, second = (call.id for call in plant.heard() if call.closed is None and call.escalated is None)
    assert events(plant) == [(first, "raised"), (first, "escalated"), (first, "closed"), (second, "raised")]
    assert events(plant) == []


def test_only_what_is_wanted_is_posted(tmp_path: Path) -> None:
    plant = PlantOfCalls(tmp_path, rules=f'{HOOK}when = ["closed"]\n', births=[birth("mill-1")])

    plant.live({"mill-1": MILL}, range(60, 2_100, 60))

    assert [what for _, what in events(plant)] == ["closed"]


def test_without_an_address_nothing_is_kept_for_posting(tmp_path: Path) -> None:
    plant = PlantOfCalls(tmp_path, births=[birth("mill-1")])

    plant.live({"mill-1": MILL}, range(60, 2_100, 60))

    assert plant.heard()
    assert events(plant) == []
    assert list(plant.office.store.deliveries()) == []


def test_what_a_plant_lives_through_of_its_past_is_posted_to_nobody(tmp_path: Path) -> None:
    plant = PlantOfCalls(tmp_path, rules=HOOK, births=[birth("mill-1")])
    past = Clock(
        run=RUN, epoch=from_ms(EPOCH_MS), at=from_ms(EPOCH_MS), wall=from_ms(EPOCH_MS), speed=None,
        catching_up_to=from_ms(EPOCH_MS + 1_200 * S),
    )  # fmt: skip
    plant.hear(("shopfloor/_plant/clock", encode(past)))

    plant.live({"mill-1": MILL}, range(60, 2_100, 60))

    # The call of the past is over in the present: whoever heard of it from elsewhere is told.
    assert [what for _, what in events(plant)] == ["closed", "raised"]


def test_what_was_committed_and_not_delivered_is_posted_by_the_next_office(tmp_path: Path) -> None:
    plant = PlantOfCalls(tmp_path, rules=HOOK, births=[birth("mill-1")])
    plant.live({"mill-1": MILL}, [60, 240])
    (raised,) = plant.posts()

    plant.kill()
    (again,) = plant.posts()
    plant.ended(again)
    plant.commit()
    plant.kill()

    assert again == raised
    assert plant.posts() == []


def test_what_was_not_committed_is_posted_once_it_is(tmp_path: Path) -> None:
    plant = PlantOfCalls(tmp_path, rules=HOOK, births=[birth("mill-1")])
    plant.live({"mill-1": MILL}, [60])
    plant.hear(clock(240))

    plant.kill()
    before = plant.posts()
    plant.live({"mill-1": MILL}, [240], from_s=60)

    assert before == []
    assert [what for _, what in events(plant)] == ["raised"]


def test_nobody_is_told_of_what_nobody_was_called_for(tmp_path: Path) -> None:
    plant = PlantOfCalls(tmp_path, rules=HOOK, births=[birth("mill-1")])
    plant.live({"mill-1": MILL}, [60])
    plant.hear(clock(60, attended=False), clock(1_600))

    plant.live({"mill-1": MILL}, range(120, 1_600, 60), from_s=60)

    assert [call["missed"] for call in plant.calls()] == [True]
    assert events(plant) == []


# --- how it is posted -----------------------------------------------------------------------------


def test_a_receiver_that_fails_gets_everything_in_order_once_it_answers(
    receiving: Receiving, posters: list[Poster], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    answers: list[int | str] = [500, "close", "slow", 503, "drip", 204, 429, 204]
    receiving.answer = lambda number: answers[number] if number < len(answers) else 204
    poster = poster_to(receiving, posters)

    poster.put(deliveries(1, 3))

    wait_until(lambda: poster.posting.delivered == 3)
    assert numbers(receiving) == [1, 2, 3]
    assert poster.take_over() == [1, 2, 3]
    assert (poster.posting.failures, poster.posting.failing, poster.posting.waiting) == (6, "", 0)
    said = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    # Once for each of the two outages, however long they are.
    assert len(said) == 2
    assert "it answers 500; trying again" in said[0]
    assert [record.message for record in caplog.records if "answers again" in record.message] == [
        f"webhook: {poster.posting.receiver} answers again; 2 wait",
        f"webhook: {poster.posting.receiver} answers again; 1 wait",
    ]


def test_a_redirect_is_not_followed(receiving: Receiving, posters: list[Poster]) -> None:
    elsewhere = Receiving()
    receiving.answer = lambda _: elsewhere.url
    poster = poster_to(receiving, posters)

    poster.put(deliveries(1, 1))

    wait_until(lambda: poster.posting.failures >= 2)
    assert poster.posting.failing == "it answers 302, and redirects are not followed"
    assert (elsewhere.attempts, elsewhere.gets) == (0, 0)
    elsewhere.close()


def test_what_a_receiver_will_never_take_does_not_stand_in_the_way(
    receiving: Receiving, posters: list[Poster]
) -> None:
    receiving.answer = lambda number: 422 if number == 0 else 204
    poster = poster_to(receiving, posters)

    poster.put(deliveries(1, 2))

    wait_until(lambda: poster.posting.delivered == 1)
    assert numbers(receiving) == [2]
    assert (poster.posting.refused, poster.take_over()) == (1, [1, 2])


def test_giving_events_to_a_receiver_that_says_nothing_takes_no_time_and_bounded_room(
    receiving: Receiving, posters: list[Poster]
) -> None:
    receiving.answer = lambda _: "slow"
    poster = poster_to(receiving, posters, most_waiting=50)

    poster.put(deliveries(1, 1))
    wait_until(lambda: receiving.attempts >= 1)
    began_s = monotonic()
    for number in range(2, 1_001):
        poster.put(deliveries(number, number))
    took_s = monotonic() - began_s

    # Had one of them waited for the receiver, it would have waited for so long.
    assert took_s < TIMEOUT_S
    assert (poster.posting.waiting, poster.posting.given_up) == (50, 950)
    assert poster.take_over() == list(range(1, 951))
    receiving.answer = lambda _: 204
    wait_until(lambda: poster.posting.delivered == 50)
    # What a receiver took without saying so in time is posted once more: at least once, and in order.
    # The first was on its way when it was given up, and is taken whenever this one gets round to it.
    taken = [number for number in numbers(receiving) if number != 1]
    assert list(dict.fromkeys(taken)) == list(range(951, 1_001))
    assert taken == sorted(taken)


@pytest.mark.parametrize("answer", ["slow", "drip"])
def test_an_answer_that_does_not_come_to_its_end_in_time_is_none(
    answer: str, receiving: Receiving, posters: list[Poster]
) -> None:
    receiving.answer = lambda _: answer
    poster = poster_to(receiving, posters, timeout_s=1.0)

    poster.put(deliveries(1, 1))

    wait_until(lambda: poster.posting.failures >= 2)
    assert poster.posting.failing == "it does not answer in time"


def test_nobody_there_is_a_failure_like_any_other(receiving: Receiving, posters: list[Poster]) -> None:
    receiving.close()
    poster = poster_to(receiving, posters)

    poster.put(deliveries(1, 1))

    wait_until(lambda: poster.posting.failures >= 2)
    assert poster.posting.failing == "Connection refused"
    assert poster.posting.failing_since_wall_ms is not None


# --- to whom --------------------------------------------------------------------------------------


def test_address_and_secret_are_read_from_where_they_are_kept_and_said_nowhere(
    receiving: Receiving,
    posters: list[Poster],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("WEBHOOK_URL", f"{receiving.url}/hunter2")
    (tmp_path / "token").write_text("Bearer hunter2\n", encoding="utf-8")
    receiving.answer = lambda number: 500 if number == 0 else 204
    receiver = receiver_of(Webhook(url="env:WEBHOOK_URL", secret=f"file:{tmp_path}/token"), "calls.toml")
    assert receiver is not None
    poster = Poster(receiver, back_off_s=SOON)
    posters.append(poster)
    poster.start()

    poster.put(deliveries(1, 1))

    wait_until(lambda: poster.posting.delivered == 1)
    assert receiving.headers[-1]["Authorization"] == "Bearer hunter2"
    assert receiving.headers[-1]["Content-Type"] == "application/json"
    assert "answers 500" in caplog.text
    assert "hunter2" not in f"{caplog.text} {poster.posting} {receiver}"


@pytest.mark.parametrize(
    ("hook", "sentence"),
    [
        (
            {"url": "env:NO_SUCH"},
            "key 'url': the environment has no variable 'NO_SUCH': allowed is one that is",
        ),
        (
            {"url": "file:/etc/hostname"},
            "key 'url': file:/etc/hostname: no address is kept there: allowed is",
        ),
        (
            {"url": "http://a", "secret": "file:/no/such"},
            "key 'secret': /no/such: cannot be read: allowed is",
        ),
        ({"url": "http://a", "secret": "env:EMPTY"}, "key 'secret': env:EMPTY: allowed is one line of ASCII"),
    ],
)
def test_what_is_not_kept_where_it_should_be_is_said_at_the_start(
    hook: dict[str, str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMPTY", "")

    with pytest.raises(CallsError) as refused:
        receiver_of(Webhook(url=hook["url"], secret=hook.get("secret")), "calls.toml")

    assert f"calls.toml: [webhook]: {sentence}" in str(refused.value)
