"""The broker's settings: taken without complaint, and doing what their comments promise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from demo.broker import SETTINGS, changed
from protocol.address import ROLES
from tests.broker.clients import Client, wait_until

if TYPE_CHECKING:
    from tests.broker.running import RunningBroker

MIB = 1024 * 1024
READINGS = "shopfloor/machining/mill-1/readings"
BIRTHS = [f"shopfloor/machining/mill-{number}/birth" for number in range(1, 2501)]


def client(broker: RunningBroker, role: str, *, acknowledges: bool = True) -> Client:
    return Client(broker.port, role, broker.password(role), acknowledges=acknowledges)


@pytest.mark.broker
def test_the_broker_has_nothing_to_complain_about(broker: RunningBroker) -> None:
    for role in ROLES:
        client(broker, role).close()
    broker.stop()

    complaints = re.findall(r".*(?:Warning|Error):.*", broker.log.read_text(encoding="utf-8"))
    assert [line for line in complaints if "should not be run as root" not in line] == []


@pytest.mark.broker
def test_an_office_that_has_not_committed_yet_still_gets_everything(broker: RunningBroker) -> None:
    office = client(broker, "office", acknowledges=False)
    office.listen("shopfloor/+/+/readings")

    machines = client(broker, "machines")
    machines.say([READINGS] * 3000, "{}")

    wait_until(lambda: len(office.heard) == 3000)
    machines.close()
    office.close()


@pytest.mark.broker
def test_what_is_said_while_the_office_is_away_waits_for_it(broker: RunningBroker) -> None:
    office = Client(broker.port, "office", broker.password("office"), client_id="office")
    office.listen("shopfloor/+/+/readings")
    office.close()
    machines = client(broker, "machines")
    machines.say([READINGS] * 3000, "{}")
    machines.close()

    broker.stop()
    broker.start()
    office = Client(broker.port, "office", broker.password("office"), client_id="office")

    wait_until(lambda: len(office.heard) == 3000)
    office.close()


@pytest.mark.broker
@pytest.mark.parametrize("qos", [0, 1])
def test_a_large_fleets_births_all_reach_an_office_that_comes_late(broker: RunningBroker, qos: int) -> None:
    machines = client(broker, "machines")
    machines.say(BIRTHS, "{}", retain=True)

    office = client(broker, "office")
    office.listen("shopfloor/+/+/birth", qos=qos)

    wait_until(lambda: len(office.heard) == len(BIRTHS))
    machines.close()
    office.close()


@pytest.mark.broker
def test_an_oversized_reading_reaches_the_office_to_be_counted(broker: RunningBroker) -> None:
    office, guest = client(broker, "office"), client(broker, "guest")
    office.listen("shopfloor/+/readings")

    guest.say(["shopfloor/my-press/readings"], bytes(10 * MIB))

    wait_until(lambda: len(office.heard) == 1)
    assert len(office.heard[0].payload) == 10 * MIB
    guest.close()
    office.close()


def test_settings_are_changed_where_they_stand_and_nowhere_else() -> None:
    settings = "# listener of all\nlistener 1883\npersistence true\n"

    assert changed(settings, {"listener": "1884 127.0.0.1"}) == (
        "# listener of all\nlistener 1884 127.0.0.1\npersistence true\n"
    )


def test_a_change_that_finds_no_setting_is_refused() -> None:
    with pytest.raises(KeyError, match="acl_file"):
        changed("listener 1883\n", {"acl_file": "acl"})


def test_every_line_of_the_settings_has_its_reason() -> None:
    paragraphs = SETTINGS.read_text(encoding="utf-8").strip().split("\n\n")

    assert all(paragraph.startswith("# ") for paragraph in paragraphs)
