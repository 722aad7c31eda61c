"""The simulator as a program, and an operator who asks things of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker.running import RunningBroker
from tests.simulator.edge.operator import Operator
from tests.simulator.edge.program import Simulator


@pytest.fixture
def simulator(broker: RunningBroker, tmp_path: Path) -> Iterator[Simulator]:
    with Simulator(broker, tmp_path / "simulator") as one:
        yield one


@pytest.fixture
def operator(broker: RunningBroker) -> Iterator[Operator]:
    one = Operator(broker)
    yield one
    one.stop()
