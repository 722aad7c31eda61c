"""The command line of the demo, where it refuses to start."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from demo.__main__ import say
from demo.claims import HOST
from tests.broker.running import PROJECT
from tests.ports import own_port

if TYPE_CHECKING:
    from pathlib import Path


def demo(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "demo", *arguments],
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_a_taken_port_ends_the_demo_before_it_starts_anything(tmp_path: Path, how: str) -> None:
    with socket.create_server((HOST, 0)) as server:
        port = str(server.getsockname()[1])
        if how == "argument":
            ended = demo("--port", port, "--mqtt-port", str(own_port()), "--state", str(tmp_path / "var"))
        else:
            ended = demo(PORT=port, MQTT_PORT=str(own_port()), STATE_DIR=str(tmp_path / "var"))

    assert ended.returncode == 1
    assert f"Port {port} on 127.0.0.1, where the page would listen, is taken" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stdout == ""
    assert not (tmp_path / "var").exists()


def test_a_port_that_is_no_number_is_named_with_what_is_allowed() -> None:
    ended = demo("--port", "http")

    assert ended.returncode == 2
    assert "--port http: allowed is a number from 1 to 65535" in ended.stderr


def test_a_brokers_url_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    ended = demo("--broker", "tcp://factory", "--port", str(own_port()), "--state", str(tmp_path))

    assert ended.returncode == 1
    assert "tcp://factory" in ended.stderr
    assert "mqtt://host:port" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_what_nobody_reads_any_more_keeps_nothing_from_being_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    closed = os.fdopen(writes, "w")
    monkeypatch.setattr(sys, "stdout", closed)

    say("Stopping ...")

    with contextlib.suppress(OSError):
        closed.close()
