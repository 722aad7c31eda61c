"""Only what every broker can do is asked of a broker, so that any may be named by its URL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dashboard.__main__ import main as dashboard
from demo.__main__ import main as demo
from protocol.address import AddressError, address_of
from protocol.messages import MAX_PAYLOAD_BYTES
from simulator.__main__ import main as simulator
from tests.broker.tap import PUBLISH, SUBSCRIBE, Tap
from tests.chaos.plant import MINUTE_MS, Plant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.broker.tap import Asked

MQTT_3_1_1 = 4
RETAINED = re.compile(r".*/(birth|online|clock|_call/\+/\+)")
SECRET = re.compile(r"-[0-9a-f]{16}$")
"""Whoever signs in by another's id takes its connection away, and what the broker keeps for it."""
PROGRAMS = (
    ["dashboard", "ingest"],
    ["dashboard", "web"],
    ["simulator", "run"],
    ["simulator", "replay"],
    ["simulator", "command", "speed"],
    ["demo", "study"],
)
"""Every program that connects to a broker somebody names."""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Asked]]:
    """What all programs asked of the broker while they started and lived for ten minutes of the plant."""
    plant = Plant(tmp_path_factory.mktemp("portable") / "plant", inputs=False)
    with Tap(plant.broker.port) as tap:
        plant.broker.url = tap.url
        with plant:
            plant.reach(10 * MINUTE_MS)
            plant.wait_for(lambda: {"web", "simulator"} <= {one.client.split("-")[0] for one in tap.asked})
            plant.wait_for(lambda: any(name.startswith("$") for one in tap.asked for name in [*one.filters]))
        # Who was ended before the first word asked nothing.
        yield [one for one in tap.asked if one.kinds]


@pytest.mark.broker
def test_every_client_speaks_3_1_1_names_a_user_and_says_that_it_is_there(asked: list[Asked]) -> None:
    assert {"shopfloor", "web", "simulator"} <= {one.client.split("-")[0] for one in asked}
    assert {one.level for one in asked} == {MQTT_3_1_1}
    assert all(one.user and 0 < one.keepalive_s <= 15 for one in asked)


@pytest.mark.broker
def test_no_client_has_an_id_that_somebody_else_could_guess(asked: list[Asked]) -> None:
    assert [one.client for one in asked if SECRET.search(one.client) is None] == []


@pytest.mark.broker
def test_no_client_asks_for_more_than_acknowledged_messages(asked: list[Asked]) -> None:
    publishing = [one for one in asked if PUBLISH in one.kinds]

    assert set().union(*(one.qos for one in publishing)) == {0, 1}
    assert {qos for one in asked for qos in one.filters.values()} == {0, 1}
    assert all(one.longest < MAX_PAYLOAD_BYTES for one in asked)


@pytest.mark.broker
def test_no_subscription_is_shared_and_the_brokers_own_topics_have_a_connection_to_themselves(
    asked: list[Asked],
) -> None:
    subscribing = [one for one in asked if SUBSCRIBE in one.kinds]
    about = [one for one in subscribing if any(name.startswith("$") for name in one.filters)]

    assert {one.client.rpartition("-")[0].startswith("web-about") for one in about} == {True}
    assert all(name.startswith("$SYS/broker/") for one in about for name in one.filters)


@pytest.mark.broker
def test_what_is_retained_is_asked_for_by_wildcard_at_qos_0_alone(asked: list[Asked]) -> None:
    office = next(one for one in asked if one.client.startswith("shopfloor-office-"))

    assert {qos for name, qos in office.filters.items() if RETAINED.fullmatch(name)} == {0}


@pytest.mark.parametrize("program", PROGRAMS, ids=" ".join)
def test_every_program_takes_the_address_of_a_broker(
    program: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    mains = {"dashboard": dashboard, "simulator": simulator, "demo": demo}

    with pytest.raises(SystemExit, match="0"):
        mains[program[0]]([*program[1:], "--help"])

    said = capsys.readouterr().out
    assert "--broker URL" in said
    assert "BROKER_URL" in said


def test_a_broker_of_ones_own_has_its_user_in_its_url_and_another_scheme_is_refused(tmp_path: Path) -> None:
    address = address_of("mqtt://us:p%40ss@broker.example:8080", role="office", credentials=tmp_path)

    assert (address.host, address.port, address.user, address.password) == (
        "broker.example", 8080, "us", "p@ss",
    )  # fmt: skip
    secure = address_of("mqtts://us:word@broker.example", role="proof", credentials=None)
    assert (secure.port, secure.tls, secure.context() is not None) == (8883, True, True)
    with pytest.raises(AddressError, match="allowed is mqtt://"):
        address_of("http://broker.example", role="office", credentials=None)


@pytest.mark.parametrize(
    "url",
    [
        "http://us:s3cret@broker.example",
        "mqtt://us:s3cret@broker.example:99999",
        "mqtt://us:s3cret/word@broker.example",
        "mqtt://us:s3cret@[::1",
        "us:s3cret@:1",
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(AddressError, match=r"^broker '.*: allowed is mqtt://host:port") as refused:
        address_of(url, role="office", credentials=None)

    assert "s3cret" not in str(refused.value)
