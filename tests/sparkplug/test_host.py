"""What a host application makes of the messages of an edge node, one rule after the other."""

from collections.abc import Iterator

import pytest

from dashboard.sparkplug.host import Born, Gone, Host, Link, News, Refused, Told
from dashboard.sparkplug.metric_map import MetricMap
from protocol.readings import decode_batch, encode_batch
from protocol.sparkplug.births import REBIRTH
from protocol.sparkplug.datatypes import DataType
from protocol.sparkplug.payloads import Metric, Payload, Property, decode_payload, encode_payload, numbered
from protocol.states import State
from tests.sparkplug.said import AT_MS, COUNT, POWER, STATE, data, device_birth, node_birth, node_death, topic

GATEWAY = "spBv1.0/devices/Line 1"
PRESS = "press"


class Listening:
    """A host, and what it made of what it heard."""

    def __init__(self, rules: MetricMap | None = None) -> None:
        self.now_s = 0.0
        self.now_ms = AT_MS
        self.host = Host(
            root="shopfloor", rules=rules or MetricMap(), now_ms=lambda: self.now_ms, shift=lambda: False
        )
        self.news: list[News] = []

    def hear(self, kind: str, payload: bytes, device: str = "") -> list[News]:
        """Hear a message, and say what is new."""
        return self._noted(self.host.receive(topic(kind, device), payload, self.now_s))

    def wait(self, seconds: float) -> list[News]:
        """Let real time go by."""
        self.now_s += seconds
        self.now_ms += round(seconds * 1_000)
        return self._noted(self.host.turn(self.now_s))

    def born(self) -> None:
        """Have the node and its press born."""
        self.hear("NBIRTH", node_birth())
        self.hear("DBIRTH", device_birth(1), PRESS)

    @property
    def asked(self) -> int:
        """How often a rebirth has been asked for since this was last looked at."""
        requests = self.host.take_requests()
        for where, payload in requests:
            said = decode_payload(payload)
            assert where == topic("NCMD")
            assert said.seq is None
            assert [(one.name, one.value) for one in said.metrics] == [(REBIRTH, True)]
        return len(requests)

    def _noted(self, news: Iterator[News]) -> list[News]:
        found = list(news)
        self.news += found
        return found


@pytest.fixture
def host() -> Listening:
    return Listening()


def told(news: list[News]) -> list[tuple[float, str, dict[str, list[float]]]]:
    """Of each batch: seconds after the first moment at which it begins, the state then, and its signals."""
    return [
        (
            ((one.batch.at_ms or 0) - AT_MS) / 1_000,
            str(one.batch.state),
            {k: v.tolist() for k, v in one.batch.signals.items()},
        )
        for one in news
        if isinstance(one, Told)
    ]


def test_births_make_machines_and_their_values_are_the_first_readings(host: Listening) -> None:
    news = host.hear("NBIRTH", node_birth()) + host.hear("DBIRTH", device_birth(1), PRESS)

    link, born, first = news
    assert link == Link(gateway=GATEWAY, online=True)
    assert isinstance(born, Born)
    assert str(born.machine) == "shopfloor/Line 1/press/birth"
    assert born.birth.states == "reported"
    assert born.birth.gateway == GATEWAY
    assert isinstance(first, Told)
    assert first.batch.state == State.RUNNING
    assert first.batch.signals["power"].tolist() == [3.5]
    assert first.batch.changes[0].parts == 7
    assert host.asked == 0


@pytest.mark.parametrize("seq", [0, 17, 255])
def test_a_node_may_begin_with_any_number_and_255_is_followed_by_0(host: Listening, seq: int) -> None:
    host.hear("NBIRTH", node_birth(seq=seq))
    host.hear("DBIRTH", device_birth((seq + 1) % 256), PRESS)

    for number in range(2, 600):
        assert told(host.hear("DDATA", data((seq + number) % 256, [(POWER, number, 1.0)]), PRESS))

    assert host.asked == 0
    assert host.host.tally.repeats == 0


def test_what_a_node_has_said_holds_until_it_says_something_else(host: Listening) -> None:
    host.born()

    news = host.hear("DDATA", data(2, [(STATE, 40.25, "Fault"), (POWER, 60, 0.5), (COUNT, 60, 9)]), PRESS)

    (one,) = [one for one in news if isinstance(one, Told)]
    batch = one.batch
    assert (batch.at_ms, batch.state) == (AT_MS, State.RUNNING)
    assert [(c.offset_ms, c.state, c.parts) for c in batch.changes] == [
        (40_250, State.DOWN, None), (60_000, None, 9),
    ]  # fmt: skip
    # What the office keeps of it is a batch in JSON like any other.
    assert decode_batch(encode_batch(batch)).changes == batch.changes


def test_a_gap_that_is_filled_in_time_changes_nothing(host: Listening) -> None:
    host.born()

    late = host.hear("DDATA", data(4, [(POWER, 3, 3.0)]), PRESS)
    late += host.hear("DDATA", data(3, [(POWER, 2, 2.0)]), PRESS)
    host.wait(1)
    news = host.hear("DDATA", data(2, [(POWER, 1, 1.0)]), PRESS)

    assert late == []
    assert [signals for _, _, signals in told(news)] == [{"power": [1.0]}, {"power": [2.0]}, {"power": [3.0]}]
    host.wait(5)
    assert host.asked == 0
    assert host.host.tally.gaps == 0


def test_a_gap_that_is_not_filled_is_a_hole_and_the_births_are_asked_for_again(host: Listening) -> None:
    host.born()
    host.hear("DDATA", data(3, [(POWER, 5, 3.0)]), PRESS)

    news = host.wait(2.5)

    # It begins with what came, in a state that nobody knows, and not where the one before ended.
    assert told(news)[0] == (5.0, "None", {"power": [3.0]})
    assert host.asked == 1
    assert host.host.tally.gaps == 1


def test_so_much_may_come_before_its_turn_and_no_more(host: Listening) -> None:
    host.born()
    long = data(3, [(STATE, 1, "Idle" + " " * 900_000)])

    waits = [host.hear("DDATA", numbered(long, seq), PRESS) for seq in (3, 4, 5, 6)]
    news = host.hear("DDATA", numbered(long, 7), PRESS)

    assert waits == [[], [], [], []]
    assert len(told(news)) == 5
    assert host.asked == 1


def test_what_is_missing_when_the_broker_says_that_all_has_come_is_not_waited_for(host: Listening) -> None:
    host.born()
    host.hear("DDATA", data(3, [(POWER, 5, 3.0)]), PRESS)

    news = list(host.host.turn(host.now_s, complete=True))

    assert len(told(news)) == 1
    assert host.asked == 1


def test_what_comes_twice_counts_once(host: Listening) -> None:
    host.born()
    once = host.hear("DDATA", data(2, [(POWER, 1, 1.0)]), PRESS)

    again = host.hear("DDATA", data(2, [(POWER, 1, 1.0)]), PRESS)

    assert len(told(once)) == 1
    assert again == []
    assert host.host.tally.repeats == 1
    assert host.asked == 0


def test_a_late_host_asks_once_for_the_births_and_uses_nothing_before_them(host: Listening) -> None:
    for seq in range(100, 110):
        assert host.hear("DDATA", data(seq, [(POWER, seq, 1.0)]), PRESS) == []

    assert host.asked == 1
    host.wait(6)
    host.hear("NDATA", data(110, []))
    assert host.asked == 1
    host.born()
    assert told(host.hear("DDATA", data(2, [(POWER, 200, 1.0)]), PRESS))


def test_after_a_rebirth_numbers_and_devices_begin_anew(host: Listening) -> None:
    host.born()
    host.hear("DDATA", data(2, [(POWER, 1, 1.0)]), PRESS)

    host.hear("NBIRTH", node_birth())
    before_its_birth = host.hear("DDATA", data(1, [(POWER, 2, 1.0)]), PRESS)

    assert isinstance(before_its_birth[0], Refused)
    assert "before its birth" in before_its_birth[0].reason
    assert host.asked == 1
    host.hear("DBIRTH", device_birth(2, at_ms=AT_MS + 3_000), PRESS)
    assert told(host.hear("DDATA", data(3, [(POWER, 4, 1.0)]), PRESS))


def test_an_alias_that_no_birth_has_named_is_refused_and_asked_for(host: Listening) -> None:
    host.born()

    (refused,) = host.hear("DDATA", data(2, [(99, 1, 1.0)]), PRESS)

    assert isinstance(refused, Refused)
    assert "alias 99 was not named" in refused.reason
    assert host.asked == 1
    # The number was its own: nothing is missing.
    assert told(host.hear("DDATA", data(3, [(POWER, 2, 1.0)]), PRESS))


@pytest.mark.parametrize("payload", [b"\xff\xff", data(None, [(POWER, 1, 1.0)])])
def test_what_cannot_be_read_or_has_no_number_is_refused_and_the_births_are_asked_for(
    host: Listening, payload: bytes
) -> None:
    host.born()

    (refused,) = host.hear("DDATA", payload, PRESS)

    assert isinstance(refused, Refused)
    assert host.asked == 1


def test_a_death_of_the_session_that_is_on_takes_node_and_devices(host: Listening) -> None:
    host.hear("NBIRTH", node_birth(bd_seq=5))
    host.hear("DBIRTH", device_birth(1), PRESS)

    news = host.hear("NDEATH", node_death(5))

    assert news == [Link(gateway=GATEWAY, online=False)]
    # What comes after it is of nobody.
    assert host.hear("DDATA", data(2, [(POWER, 1, 1.0)]), PRESS) == []
    assert host.asked == 1


def test_a_death_of_an_earlier_session_is_nobodys(host: Listening) -> None:
    host.hear("NBIRTH", node_birth(bd_seq=5))
    host.hear("DBIRTH", device_birth(1), PRESS)

    assert host.hear("NDEATH", node_death(4)) == []
    assert told(host.hear("DDATA", data(2, [(POWER, 1, 1.0)]), PRESS))


def test_a_device_that_its_node_has_lost_is_gone_alone(host: Listening) -> None:
    host.born()
    host.hear("DBIRTH", device_birth(2), "saw")

    (gone,) = host.hear("DDEATH", data(3, []), PRESS)

    assert isinstance(gone, Gone)
    assert (gone.machine.machine, gone.retired) == ("press", False)
    assert told(host.hear("DDATA", data(4, [(POWER, 1, 1.0)]), "saw"))


def test_backlog_says_nothing_of_now(host: Listening) -> None:
    host.born()
    host.hear("DDATA", data(2, [(STATE, 60, "Idle")]), PRESS)

    past = host.hear("DDATA", data(3, [(STATE, 10, "Fault"), (POWER, 20, 9.0)], historical=True), PRESS)
    now = host.hear("DDATA", data(4, [(POWER, 70, 1.0)]), PRESS)

    assert told(past) == [(10.0, "down", {"power": [9.0]})]
    # The next one goes on from the newest that was said of now.
    assert told(now)[0][:2] == (60.0, "idle")


def test_a_state_that_is_null_is_unknown_until_it_is_said(host: Listening) -> None:
    host.born()
    host.hear("DDATA", data(2, [(STATE, 10, None)]), PRESS)

    first = host.hear("DDATA", data(3, [(POWER, 20, 1.0)]), PRESS)
    then = host.hear("DDATA", data(4, [(STATE, 30, "Running")]), PRESS)

    assert told(first)[0][:2] == (20.0, "None")
    assert told(then)[0][:2] == (30.0, "running")


@pytest.mark.parametrize(("quality", "known"), [(0, False), (500, False), (192, True)])
def test_a_value_of_bad_or_stale_quality_is_none(host: Listening, quality: int, known: bool) -> None:  # noqa: FBT001 - a case
    host.born()
    metric = Metric(
        alias=STATE,
        at_ms=AT_MS + 10_000,
        datatype=DataType.STRING,
        value="Idle",
        properties={"Quality": Property(DataType.INT32, quality)},
    )
    host.hear(
        "DDATA", encode_payload(Payload(at_ms=AT_MS + 10_000, seq=2, metrics=[metric]), brief=True), PRESS
    )

    (then,) = told(host.hear("DDATA", data(3, [(POWER, 20, 1.0)]), PRESS))

    assert then[:2] == ((10.0, "idle") if known else (20.0, "None"))


def test_a_real_machine_that_says_nothing_new_goes_on_as_long_as_its_node_is_there(host: Listening) -> None:
    host.born()
    host.wait(5)

    held = told(host.wait(5))
    host.hear("NDEATH", node_death())

    assert held == [(5.0, "running", {"power": [3.5]})]
    assert told(host.wait(10)) == []


def test_a_new_connection_of_the_host_begins_with_asking(host: Listening) -> None:
    host.born()

    host.host.connected()
    host.hear("DDATA", data(2, [(POWER, 1, 1.0)]), PRESS)

    assert host.asked == 1


def test_a_node_that_was_known_before_is_asked_unless_it_is_born(host: Listening) -> None:
    host.host.look_for("spBv1.0/devices/other", 0.0)
    assert [where for where, _ in host.host.take_requests()] == ["spBv1.0/devices/NCMD/other"]

    host.born()
    host.host.look_for(GATEWAY, 0.0)
    assert host.asked == 0


@pytest.mark.parametrize("where", ["spBv1.0/devices/DDATA/Line 1", "spBv1.0/x/y", "shopfloor/press/readings"])
def test_a_topic_of_nobody_is_refused(host: Listening, where: str) -> None:
    (refused,) = host.host.receive(where, b"", 0.0)

    assert isinstance(refused, Refused)
    assert "unknown topic" in refused.reason
