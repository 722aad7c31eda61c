"""What `make test` leaves to the time that journeys leave may have to wait: it must not be in a hurry."""

import re
import subprocess
from pathlib import Path

PROJECT = Path(__file__).parents[2]
IN_A_HURRY = re.compile(
    r"mark\.(broker|browser|database|engine|journey)|\bmonotonic\(|\bsleep\(|Thread\(|wait_until|RunningBroker"
)
"""What asks another process, a browser or the clock."""


def test_what_is_tested_beside_journeys_waits_for_nothing() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory", "pure"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.split()
    named = [PROJECT / name for name in listed if name.startswith("tests/")]
    files = [file for one in named for file in (one.rglob("test_*.py") if one.is_dir() else [one])]

    assert len(files) > 80
    assert [one for one in named if not one.exists()] == []
    assert [file for file in files if IN_A_HURRY.search(file.read_text(encoding="utf-8"))] == []
