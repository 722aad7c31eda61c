"""What `make` and `.ci/run` say when something they need is missing."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from tests.broker.running import PROJECT

if TYPE_CHECKING:
    from pathlib import Path


def program(folder: Path, name: str, script: str) -> Path:
    """A program of this name that does what the script says."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, "MAKEFLAGS": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_names_a_python_that_is_too_old(tmp_path: Path) -> None:
    old = program(tmp_path, "python3", 'test "$1" = -V && echo "Python 3.9.2" && exit 0\nexit 1')

    ended = run("make", "python", f"PYTHON={old}")

    assert ended.returncode != 0
    assert f"This needs Python 3.11 or newer, and {old} is Python 3.9.2." in ended.stderr


def test_make_names_a_python_that_is_not_there() -> None:
    ended = run("make", "python", "PYTHON=python9")

    assert ended.returncode != 0
    assert "there is no python9" in ended.stderr


def test_ci_fails_without_an_engine_and_says_what_brings_one(tmp_path: Path) -> None:
    program(tmp_path, "make", "exit 0")
    program(tmp_path, "docker", "exit 1")
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"

    ended = run(".ci/run", PATH=path, COMPOSE_ENGINE=str(tmp_path / "none"))

    assert ended.returncode != 0
    assert "needs a Docker engine with Compose" in ended.stdout
    assert re.search(r"^== make test: \d+ s$", ended.stdout, re.MULTILINE)
    assert re.match(r"== engine: \d+ s, failed with 1$", ended.stdout.splitlines()[-1])


def test_ci_stops_at_the_first_stage_that_fails(tmp_path: Path) -> None:
    program(tmp_path, "make", 'test "$1" != test || exit 2')
    program(tmp_path, "docker", "exit 0")

    ended = run(".ci/run", PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert ended.returncode == 2
    assert ended.stdout.splitlines()[-1].startswith("== make test: ")
    assert ended.stdout.splitlines()[-1].endswith(", failed with 2")
