"""Who steps aside has the lowest priority, also where the computer weighs sessions before processes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from demo.priority import LOWEST, SESSION
from tests.broker.running import PROJECT

STEPS_ASIDE = """
import os
from demo.priority import SESSION, step_aside
step_aside()
print(os.getpriority(os.PRIO_PROCESS, 0))
print(SESSION.read_text() if SESSION.exists() else "")
"""
SESSION_NOW = SESSION.read_text(encoding="ascii") if os.access(SESSION, os.W_OK) else ""


@pytest.mark.parametrize("leads", [True, False], ids=["leads a session", "is one of a session"])
def test_who_steps_aside_takes_its_session_along_only_where_it_leads_one(leads: bool) -> None:  # noqa: FBT001
    said = subprocess.run(
        [sys.executable, "-c", STEPS_ASIDE],
        cwd=PROJECT,
        start_new_session=leads,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.splitlines()

    assert int(said[0]) == LOWEST
    if SESSION_NOW and leads:
        assert said[1].endswith(f" nice {LOWEST}")
    elif SESSION_NOW:
        assert said[1] == SESSION_NOW.rstrip("\n")
