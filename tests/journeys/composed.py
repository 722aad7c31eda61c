"""A copy of the project that a real Compose runs."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from demo.claims import HOST, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class ComposeProject:
    """A copy of the project as a clone would be, run under a name and on ports of its own."""

    def __init__(self, folder: Path, *, profile: str = "", **settings: str) -> None:
        """Choose a name and ports.

        Args:
            folder: The copy.
            profile: The profile that is asked for; empty for what is started without one.
            settings: Beside the ports, what the environment says.
        """
        self.folder = folder
        self._profile = ("--profile", profile) if profile else ()
        self.settings = settings
        """What the environment says beside the ports."""
        self.name = f"journey-{secrets.token_hex(4)}"
        self.port, self.mqtt_port = free_port(), free_port()
        self.address = f"http://{HOST}:{self.port}"

    def compose(self, *arguments: str, wait_s: float = 300) -> str:
        """Run `docker compose` and return what it prints."""
        settings = {"PORT": str(self.port), "MQTT_PORT": str(self.mqtt_port), **self.settings}
        ended = subprocess.run(
            ["docker", "compose", "--project-name", self.name, *self._profile, *arguments],
            cwd=self.folder,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=wait_s,
            check=False,
        )
        assert ended.returncode == 0, f"docker compose {' '.join(arguments)}: {ended.stdout}"
        return ended.stdout

    def left(self, what: str, *options: str) -> list[str]:
        """Return the containers, volumes or networks that the engine has for this project."""
        mine = f"label=com.docker.compose.project={self.name}"
        listing = ["docker", what, "ls", *options, "--quiet", "--filter", mine]
        return subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split()

    def inspected(self) -> dict[str, dict[str, Any]]:
        """Return what the engine says of each service's container."""
        containers = self.left("container", "--all")
        said = subprocess.run(["docker", "inspect", *containers], check=True, capture_output=True, text=True)
        found: list[dict[str, Any]] = json.loads(said.stdout)
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in found}

    def kill(self, service: str, user: str) -> None:
        """End everything in a service's container, as the user it runs as, as `kill -9` does."""
        inside = ["exec", "--no-TTY", "--user", user, service, "sh", "-c", "kill -9 -1"]
        command = ["docker", "compose", "--project-name", self.name, *self._profile, *inside]
        # Its shell goes with the container, so how it ends says nothing.
        subprocess.run(command, cwd=self.folder, capture_output=True, timeout=60, check=False)


def composed(project: ComposeProject) -> Iterator[ComposeProject]:
    """A project whose containers and volumes are gone in the end."""
    if subprocess.run(["docker", "compose", "version"], check=False).returncode != 0:
        pytest.fail("this test needs Docker with Compose: https://docs.docker.com/get-docker")
    yield project
    project.compose("down", "--volumes", "--timeout", "2")
