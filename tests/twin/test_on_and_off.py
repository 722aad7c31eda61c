"""`--twin off`: nothing of a twin is said; and once it is on again, nothing of it is missing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from protocol.twin import twin_run
from tests.broker.clients import Client
from tests.chaos.dump import differences, in_words
from tests.chaos.plant import MINUTE_MS, Plant
from tests.twin.pair import both, deaf, told_by_both

pytestmark = [pytest.mark.broker, pytest.mark.journey]


def kept_of_twin(plant: Plant) -> Callable[[], set[str]]:
    """The topics under `twin/` on which the broker keeps something, as far as has been heard."""
    client = Client(plant.broker.port, "office", plant.broker.password("office"))
    client.listen("twin/#")

    def kept() -> set[str]:
        newest = {one.topic: one.payload for one in client.heard if not one.topic.endswith("/readings")}
        return {topic for topic, payload in newest.items() if payload}

    return kept


def test_a_twin_that_was_off_for_a_while_is_whole_once_it_is_on(tmp_path: Path) -> None:
    with Plant(tmp_path / "plant", inputs=False, assumptions=deaf(tmp_path), twin=False) as plant:
        kept = kept_of_twin(plant)
        plant.reach(20 * MINUTE_MS)
        assert kept() == set()
        assert not any(both(plant, 20)[1].values())

        plant.restart_with(twin=True)
        plant.wait_for(lambda: plant.committed_ms(twin_run(plant.run.id)) >= 40 * MINUTE_MS)
        plant.wait_for(lambda: {"twin/_plant/clock", "twin/machining/mill-1/birth"} <= kept())

        plant.restart_with(twin=False)
        plant.wait_for(lambda: kept() == set())
        plant.reach(plant.committed_ms() + 20 * MINUTE_MS)
        plant.restart_with(twin=True)
        until_ms = plant.committed_ms() + 20 * MINUTE_MS
        plant.wait_for(lambda: plant.committed_ms(twin_run(plant.run.id)) >= until_ms)
        first, second = both(plant, until_ms / MINUTE_MS - 5)

    assert in_words(differences(told_by_both(first, second), second)) == ""
    assert len(first["truth_counts"]) > 500
