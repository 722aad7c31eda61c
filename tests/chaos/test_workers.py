"""Two workers on PostgreSQL, each of them and the server killed: the history of one process left alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.comparison import compare
from tests.chaos.faults import planned
from tests.history.running import RunningPostgresql

pytestmark = [pytest.mark.broker, pytest.mark.database, pytest.mark.journey]

KILLED = ("ingest-1", "ingest-2", "database")


@pytest.fixture
def server() -> Iterator[RunningPostgresql]:
    running = RunningPostgresql()
    running.start()
    yield running
    running.stop()


def test_two_workers_with_kills_leave_row_for_row_the_history_of_one_process_without(
    tmp_path: Path, server: RunningPostgresql
) -> None:
    killed: list[str] = []

    found = compare(
        tmp_path,
        seed=5,
        episodes=planned(5, 1, KILLED, kinds=("killed",), served=True),
        say=lambda one: killed.append(one.fault.part),
        hours=1,
        windows=3,
        server=server,
        workers=2,
    )

    assert sorted(killed) == sorted(KILLED)
    assert found.different == ""
    assert (found.balance.lost, found.balance.doubled) == (0, 0)
    assert found.rows["intervals"] > 300
    assert found.rows["twin: intervals"] > 300
    assert found.rows["calls"] > 5
