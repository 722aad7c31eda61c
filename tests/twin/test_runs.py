"""A new run has a new twin: what the one before had is taken out of the broker's memory, and stays kept."""

from pathlib import Path

import pytest

from protocol.messages import Birth, decode
from protocol.twin import is_twin, twin_run
from simulator.__main__ import main
from tests.broker.clients import Client
from tests.chaos.dump import dump
from tests.chaos.plant import EPOCH_MS, MINUTE_MS, Plant
from tests.journeys.floor import ask, wait_for_page
from tests.twin.pair import order

pytestmark = [pytest.mark.broker, pytest.mark.journey]

NEW = "mill-9"
MILL = 'kind = "cnc-mill"\nline = "milling"\n'


def births(client: Client) -> dict[str, str]:
    """The runs of the machines whose births the broker keeps, by topic."""
    newest = {one.topic: one.payload for one in client.heard if one.topic.endswith("/birth")}
    return {topic: decode(payload, Birth).run for topic, payload in newest.items() if payload}


def there(client: Client) -> set[str]:
    """The names of those machines."""
    return {topic.split("/")[-2] for topic in births(client)}


def test_after_start_over_the_twin_of_the_new_run_has_its_machines_and_no_others(tmp_path: Path) -> None:
    with Plant(tmp_path / "plant", inputs=False) as plant:
        connection = ["--broker", plant.broker.url, "--credentials", str(plant.broker.credentials)]
        order(plant, 5, what="add", machine=NEW, text=MILL)
        order(plant, 10, what="bench", on=True)
        client = Client(plant.broker.port, "office", plant.broker.password("office"))
        client.listen("twin/#")
        plant.reach(30 * MINUTE_MS)
        wait_for_page(plant.address, 30)
        old = twin_run(plant.run.id)
        plant.wait_for(lambda: f"twin/milling/{NEW}/birth" in births(client))
        assert set(births(client).values()) == {old}
        before = dump(plant.history, old, EPOCH_MS + 20 * MINUTE_MS)

        assert main(["command", "start-over", "--seed", "42", *connection]) == 0

        plant.wait_for(lambda: ask(plant.address, "/api/runs")[0]["run"] != plant.run.id)
        new = twin_run(ask(plant.address, "/api/runs")[0]["run"])
        plant.wait_for(lambda: set(births(client).values()) == {new})
        plant.wait_for(lambda: (plant.committed_ms(new) or 0) > 0)
        # Each machine has a connection of its own, and its birth comes on that.
        plant.wait_for(lambda: there(client) == {one["name"] for one in ask(plant.address, "/api/machines")})
        assert NEW not in there(client)
        assert dump(plant.history, old, EPOCH_MS + 20 * MINUTE_MS) == before
        assert not any(is_twin(one["run"]) for one in ask(plant.address, "/api/runs"))
        answer = ask(plant.address, f"/api/kpis?run={old}")
        assert answer["run"] == old
        client.close()
