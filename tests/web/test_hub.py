import json
import threading
from typing import Any

from dashboard.live.hub import Hub


def hub(keep: int = 3) -> tuple[Hub, dict[str, Any]]:
    picture: dict[str, Any] = {"n": 0}
    return Hub(lambda: dict(picture), keep=keep, first=100), picture


def test_a_viewer_gets_every_change_after_its_number_and_none_twice() -> None:
    one, _ = hub()
    for n in (1, 2, 3):
        one.publish({"n": n})

    later = one.since(101)

    assert later is not None
    assert [one.number for one in later] == [102, 103]
    assert [json.loads(one.text)["d"]["n"] for one in later] == [2, 3]
    assert one.since(103) == []


def test_a_viewer_that_was_away_too_long_must_fetch_the_state() -> None:
    one, _ = hub(keep=3)
    for n in range(5):
        one.publish({"n": n})

    assert one.since(101) is None
    assert one.since(102) is not None


def test_a_number_of_an_earlier_or_a_later_server_must_fetch_the_state() -> None:
    one, _ = hub()
    one.publish({"n": 1})

    assert one.since(7) is None
    assert one.since(999) is None


def test_the_state_and_the_changes_meet_at_one_number() -> None:
    one, picture = hub()
    picture["n"] = 1
    one.publish({"n": 1})

    state = json.loads(one.state(age_ms=12))
    assert state == {"boot": 100, "seq": 101, "age_ms": 12, "d": {"n": 1}}

    one.publish({"n": 2})
    later = one.since(state["seq"])
    assert later is not None
    assert [one.number for one in later] == [102]


def test_a_restart_makes_every_viewer_fetch_the_state() -> None:
    one, _ = hub()
    one.publish({"n": 1})

    one.restart()

    assert one.since(101) is None
    assert one.since(100) is None


def test_the_state_is_made_once_a_change_whatever_the_number_of_viewers() -> None:
    made: list[int] = []

    def picture() -> dict[str, int]:
        made.append(1)
        return {"n": len(made)}

    one = Hub(picture, first=0)
    for _ in range(10):
        one.state()
    one.publish({})
    one.state()

    assert len(made) == 2


def test_a_change_is_encoded_and_packed_once_whatever_the_number_of_viewers() -> None:
    one, _ = hub()
    one.publish({"n": 1})
    first, second = one.since(100), one.since(100)

    assert first is not None
    assert second is not None
    assert first[0] is second[0]
    assert first[0].packed is second[0].packed


def test_nobody_gets_the_state_while_it_changes_and_its_change_has_no_number_yet() -> None:
    picture, guard = {"n": 0}, threading.RLock()
    one = Hub(lambda: dict(picture), first=100, guard=guard)
    got: list[bytes] = []
    asking = threading.Thread(target=lambda: got.append(one.state()))

    with guard:
        picture["n"] = 1
        asking.start()
        asking.join(0.05)
        assert got == []
        one.publish({"n": 1})
    asking.join(60)

    assert json.loads(got[0]) == {"boot": 100, "seq": 101, "d": {"n": 1}}


def test_waiting_ends_with_the_next_change() -> None:
    one, _ = hub()
    heard: list[bool] = []
    waiting = threading.Thread(target=lambda: heard.append(one.wait(100, 10)))
    waiting.start()

    one.publish({"n": 1})
    waiting.join(60)

    assert heard == [True]
    assert not one.wait(101, 0.01)
