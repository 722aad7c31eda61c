"""The same plant in JSON and as Sparkplug edge nodes: what the office concludes is the same."""

from pathlib import Path

import pytest

from protocol.messages import PlantCommand
from simulator.histories.run import Run
from tests.broker.running import RunningBroker
from tests.chaos.dump import Row, differences, dump, in_words
from tests.ingest.running import RunningIngest
from tests.simulator.edge.program import EPOCH_MS, MILL, Simulator
from tests.sparkplug.plant import begin, reached

pytestmark = pytest.mark.broker

MINUTE_MS = 60_000
COMPARED_MS = 25 * MINUTE_MS
BEYOND_MS = 5 * MINUTE_MS
FAULTS = {
    "late": "delay",
    "twice": "duplicate",
    "cut": "malformed",
    "lossy": "silent-drop",
    "gone": "disconnect",
}
"""Mills whose link has a fault for a while, by name."""


def break_links(run: Run) -> None:
    """Have faults strike three minutes after the beginning."""
    run.reach(EPOCH_MS + 3 * MINUTE_MS)
    for name, fault in FAULTS.items():
        order = PlantCommand(id=name, what="fault", machine=name, fault=fault, severity=0.6, duration_s=200)
        run.note("order", order=order)


def history(folder: Path, protocol: str) -> dict[str, list[Row]]:
    """The rows that the office has of the plant when its machines speak a protocol."""
    broker = RunningBroker(folder / "broker")
    ingest = RunningIngest(broker, folder, "--sparkplug", "shopfloor")
    try:
        broker.start()
        with Simulator(broker, folder / "simulator") as simulator:
            for name in FAULTS:
                simulator.write(name, MILL)
            run = begin(simulator)
            break_links(run)
            ingest.start()
            simulator.start(
                "--speed", "max", "--wait-for-office", "forever", "--protocol", protocol, "--twin", "off"
            )
            reached(ingest, run.id, EPOCH_MS + COMPARED_MS + BEYOND_MS)
            simulator.stop()
        ingest.stop()
        return dump(folder / "history.db", run.id, EPOCH_MS + COMPARED_MS)
    finally:
        ingest.kill()
        broker.kill()


def test_what_the_office_concludes_of_edge_nodes_is_what_it_concludes_of_machines_that_speak_json(
    tmp_path: Path,
) -> None:
    rows = {protocol: history(tmp_path / protocol, protocol) for protocol in ("json", "sparkplug")}

    intervals = rows["json"]["intervals"]
    assert len(intervals) > 100
    assert len(rows["json"]["counts"]) > 100
    # What a link has lost is unknown, and by either protocol the same time is.
    assert {machine for machine, _, state, _ in intervals if state == "unknown"} == {"cut", "lossy"}
    assert in_words(differences(rows["json"], rows["sparkplug"])) == ""
