"""Which broker the demo takes, and what the broker of last resort can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo import broker as brokers
from demo.broker import find_mosquitto, write_iotcore_settings, write_mosquitto_settings
from demo.claims import is_listening
from demo.crew import Crew
from demo.parts import iotcore
from protocol.address import ROLES
from tests.broker.clients import Client, wait_until
from tests.ports import own_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READINGS = "shopfloor/machining/mill-1/readings"
MIB = 1024 * 1024


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A running iotcore, started as the demo starts it; every role's password is its name."""
    number = own_port()
    passwords = {role: role for role in ROLES}
    settings = write_iotcore_settings(tmp_path / "broker", port=number, passwords=passwords)
    said: list[str] = []
    crew = Crew([iotcore(settings)], tmp_path / "log", said.append)
    crew.start(0)
    wait_until(lambda: is_listening(number))
    yield number
    crew.look()
    crew.stop()
    assert said == []


def test_a_mosquitto_off_the_path_is_found_where_packages_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(brokers, "PLACES", (str(tmp_path / "none"), str(tmp_path / "mosquitto.exe")))
    assert find_mosquitto() is None

    (tmp_path / "mosquitto.exe").touch()

    assert find_mosquitto() == tmp_path / "mosquitto.exe"


def test_mosquitto_listens_on_loopback_alone(tmp_path: Path) -> None:
    file = write_mosquitto_settings(tmp_path, port=1884, credentials=tmp_path / "credentials")

    lines = file.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("listener")] == ["listener 1884 127.0.0.1"]
    assert "allow_anonymous false" in lines


def test_iotcore_knows_passwords(port: int) -> None:
    machines, office = Client(port, "machines", "machines"), Client(port, "office", "office")
    office.listen("shopfloor/+/+/readings")

    machines.say([READINGS], '{"power_kw": 3.2}')

    wait_until(lambda: len(office.heard) == 1)
    with pytest.raises(AssertionError, match="waited in vain"):
        Client(port, "guest", "wrong", wait_s=1.0)
    machines.close()
    office.close()


def test_iotcore_keeps_the_births_of_a_large_fleet(port: int) -> None:
    machines, office = Client(port, "machines", "machines"), Client(port, "office", "office")
    births = [f"shopfloor/machining/mill-{number}/birth" for number in range(1, 1001)]
    machines.say(births, "{}", retain=True)

    # At QoS 0: at 1 it hands over the first hundred only.
    office.listen("shopfloor/+/+/birth", qos=0)

    wait_until(lambda: office.topics >= set(births))
    machines.close()
    office.close()


def test_iotcore_gives_an_office_that_has_not_committed_yet_a_hundred_messages(port: int) -> None:
    machines = Client(port, "machines", "machines")
    office = Client(port, "office", "office", acknowledges=False)
    office.listen("shopfloor/+/+/readings")

    machines.say([READINGS] * 1000, "{}")

    wait_until(lambda: len(office.heard) >= 100)
    machines.close()
    office.close()


def test_iotcore_lets_an_oversized_reading_through_to_be_counted(port: int) -> None:
    guest, office = Client(port, "guest", "guest"), Client(port, "office", "office")
    office.listen("shopfloor/+/readings")

    guest.say(["shopfloor/my-press/readings"], bytes(10 * MIB))

    wait_until(lambda: len(office.heard) == 1)
    guest.close()
    office.close()
