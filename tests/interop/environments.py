"""An environment for each peer, made once from pinned versions, and how a peer is asked."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PEERS = Path(__file__).with_name("peers")
FOLDER = Path(os.environ.get("INTEROP_DIR", Path(__file__).parents[2] / ".interop"))
MAKING_S = 240
ASKING_S = 60


@dataclass(frozen=True)
class Peer:
    """An independent program."""

    name: str
    """What its registry calls it."""

    def ask(self, questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What it says to some questions: an `answer`, or an `error`."""
        asked = subprocess.run(
            self._command(),
            input=json.dumps(questions),
            capture_output=True,
            text=True,
            timeout=ASKING_S,
            check=False,
        )
        assert asked.returncode == 0, asked.stderr
        answers: list[dict[str, Any]] = json.loads(asked.stdout)
        return answers

    def _command(self) -> list[str]:
        program = PEERS / f"with_{self.name.replace('-', '_')}"
        if self.name == "sparkplug-payload":
            folder = made(self.name, PEERS / "package.json", _install_npm)
            return ["node", f"{program}.js", str(folder)]
        folder = made(self.name, PEERS / f"{self.name}.lock", _install_python)
        return [str(folder / "bin" / "python"), f"{program}.py"]


def made(name: str, pins: Path, install: Any) -> Path:
    """The folder of an environment, which is made where it is not there or its pins have changed."""
    wanted = hashlib.sha256(pins.read_bytes()).hexdigest()
    folder = FOLDER / name
    stamp = folder / "pins"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        install(folder, pins)
        stamp.write_text(wanted, encoding="utf-8")
    return folder


def _install_python(folder: Path, pins: Path) -> None:
    _run([sys.executable, "-m", "venv", str(folder)])
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--require-hashes", "-r", str(pins)])


def _install_npm(folder: Path, pins: Path) -> None:
    if shutil.which("npm") is None:
        pytest.fail("this test needs npm: apt-get install npm, or brew install node")
    shutil.copy(pins, folder / "package.json")
    _run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
    )


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=MAKING_S, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
