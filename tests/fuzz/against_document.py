"""The API against its OpenAPI document, by schemathesis: another's program, in an environment of its own.

The whole product runs: broker, ingest, web process, and a simulator of two machines that takes commands.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.chaos.plant import HOUR_MS, MACHINES, Plant
from tests.fuzz.target import Tally
from tests.interop.environments import made

if TYPE_CHECKING:
    from collections.abc import Iterable

API_NAME = "API against its document"
LOCK = Path(__file__).with_name("schemathesis.lock")
SETTINGS = Path(__file__).with_name("schemathesis.toml")
TAKEN = ("mill-1", "press-1")
"""The machines of the plant."""
LONGEST_S = 3_600
FIRST_ERROR = 400
"""Of HTTP's statuses."""
SHOWN = 1_500


def api_against_its_document(number: int, examples: int) -> Tally:
    """Have schemathesis ask every operation, rightly and wrongly, and hold every answer against the document.

    Args:
        number: Seed.
        examples: How many it makes up for each operation, beside those that cover its parameters.
    """
    tally, begun_s = Tally(name=API_NAME), time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        machines = folder / "machines"
        machines.mkdir()
        for machine in TAKEN:
            shutil.copy(MACHINES / f"{machine}.toml", machines)
        with Plant(
            folder / "plant", seed=number, inputs=False, machines=machines, speed="60", twin=False
        ) as plant:
            plant.reach(HOUR_MS // 60)
            report = _asked(plant.address, folder / "report.ndjson", number, examples)
            for part in ("ingest", "web"):
                said = plant.said(part)
                if "Traceback" in said:
                    tally.findings.append(f"{part}: {said[said.index('Traceback') :][:1_500]}")
    _add(tally, report)
    tally.took_s = time.monotonic() - begun_s
    return tally


def _asked(address: str, report: Path, number: int, examples: int) -> list[dict[str, Any]]:
    folder = made("schemathesis", LOCK, _install)
    command = [
        str(folder / "bin" / "st"), "--config-file", str(SETTINGS), "run", f"{address}/api/openapi.json",
        "--wait-for-schema", "60", "--seed", str(number), "--max-examples", str(examples),
        "--continue-on-failure",
        "--report-ndjson-path", str(report), "--no-color",
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=LONGEST_S, check=False, cwd=report.parent
    )
    assert report.exists(), done.stdout + done.stderr
    return [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]


def _install(folder: Path, pins: Path) -> None:
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [
            str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--require-hashes", "-r", str(pins),
        ],
    ):  # fmt: skip
        subprocess.run(command, check=True)


def _add(tally: Tally, report: Iterable[dict[str, Any]]) -> None:
    """Add what the events of a report say: each request with its answer, and each check that failed."""
    for event in report:
        for what, said in event.items():
            if what in {"FatalError", "NonFatalError"}:
                tally.findings.append(f"schemathesis: {json.dumps(said)[:SHOWN]}")
            elif what == "ScenarioFinished":
                _add_scenario(tally, said["recorder"])


def _add_scenario(tally: Tally, recorder: dict[str, Any]) -> None:
    for interaction in recorder.get("interactions", {}).values():
        answer = interaction.get("response")
        tally.tried += 1
        if answer is None:
            tally.findings.append(f"{recorder['label']}: no answer to {json.dumps(interaction)[:SHOWN]}")
        elif answer["status_code"] < FIRST_ERROR:
            tally.taken += 1
        else:
            tally.refused += 1
    for checks in recorder.get("checks", {}).values():
        tally.findings += [
            f"{recorder['label']}: {json.dumps(one)[:SHOWN]}" for one in checks if one["status"] != "success"
        ]
