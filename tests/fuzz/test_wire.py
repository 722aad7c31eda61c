"""Strangers say what they like to a real broker, and neither the office nor the page minds."""

from pathlib import Path

import pytest

from tests.fuzz.wire import through_the_wire

pytestmark = pytest.mark.broker


def test_hostile_messages_neither_stop_a_process_nor_touch_what_other_machines_did(tmp_path: Path) -> None:
    came = through_the_wire(tmp_path, number=1, messages=400)

    assert not came.findings, "\n".join(came.findings)
    assert came.tried > 300
    assert came.refused > 100
