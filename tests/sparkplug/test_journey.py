"""The same plant in JSON and as Sparkplug edge nodes: what the office concludes is the same."""

from pathlib import Path

import pytest

from tests.broker.running import RunningBroker
from tests.chaos.dump import differences, dump, in_words
from tests.ingest.running import RunningIngest
from tests.simulator.edge.program import EPOCH_MS, Simulator
from tests.sparkplug.plant import begin, reached

pytestmark = pytest.mark.broker

MINUTE_MS = 60_000
COMPARED_MS = 30 * MINUTE_MS
BEYOND_MS = 5 * MINUTE_MS


def test_what_the_office_concludes_of_edge_nodes_is_what_it_concludes_of_machines_that_speak_json(
    tmp_path: Path,
) -> None:
    rows = {}
    for protocol in ("json", "sparkplug"):
        broker = RunningBroker(tmp_path / protocol / "broker")
        broker.start()
        ingest = RunningIngest(broker, tmp_path / protocol, "--sparkplug", "shopfloor")
        with Simulator(broker, tmp_path / protocol / "simulator") as simulator:
            run = begin(simulator)
            ingest.start()
            simulator.start(
                "--speed", "max", "--wait-for-office", "forever", "--protocol", protocol, "--twin", "off"
            )
            reached(ingest, run.id, EPOCH_MS + COMPARED_MS + BEYOND_MS)
            simulator.stop()
        ingest.stop()
        broker.kill()
        rows[protocol] = dump(tmp_path / protocol / "history.db", run.id, EPOCH_MS + COMPARED_MS)

    assert len(rows["json"]["intervals"]) > 20
    assert len(rows["json"]["counts"]) > 20
    assert in_words(differences(rows["json"], rows["sparkplug"])) == ""
