"""Which broker carries the messages, and with which settings.

A URL that was given; else a Mosquitto found on this machine; else PyPI's `iotcore`.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from demo.claims import HOST

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS = Path(__file__).parents[1] / "broker-config" / "mosquitto.conf"
"""The broker's settings in Compose, from which those on this machine are derived."""
LISTENER, LISTENER_TLS = SETTINGS.with_name("listener.conf"), SETTINGS.with_name("listener-tls.conf")
"""Where it listens there, without and with TLS."""
AUDIT = SETTINGS.with_name("audit.conf")
"""Has it say who was refused what, among much else."""
INCLUDE = "include_dir "

PLACES = (
    "/usr/sbin/mosquitto",
    "/usr/local/sbin/mosquitto",
    "/opt/homebrew/sbin/mosquitto",
    "/usr/local/opt/mosquitto/sbin/mosquitto",
    r"C:\Program Files\mosquitto\mosquitto.exe",
    r"C:\Program Files (x86)\mosquitto\mosquitto.exe",
)
"""Where packages put Mosquitto without putting it on the PATH."""

IOTCORE_SETTINGS = """\
# Made by the demo at every start: this broker has neither an access list nor a memory on disk.
id = 0

[router]
id = 0
max_connections = 2000
# Small and few: it keeps this much for every subscription, read or not.
max_segment_size = 1048576
max_segment_count = 3
# Its default, 200, would cut off the retained messages beyond it.
max_outgoing_packet_count = 20000

[v4.1]
name = "v4-1"
listen = "{host}:{port}"
next_connection_delay_ms = 1

[v4.1.connections]
connection_timeout_ms = 60000
max_payload_size = 16777216
max_inflight_count = 20000
dynamic_filters = true

[v4.1.connections.auth]
{users}
"""


def find_mosquitto() -> Path | None:
    """Return the Mosquitto installed on this machine, or None."""
    on_path = shutil.which("mosquitto")
    candidates = [on_path, *PLACES] if on_path else PLACES
    return next((Path(place) for place in candidates if place and Path(place).is_file()), None)


def changed(settings: str, changes: Mapping[str, str]) -> str:
    """Return Mosquitto settings in which some keywords have another value.

    Raises:
        KeyError: The settings have no such keyword, so the change would have been lost.
    """
    missing = dict(changes)
    lines = []
    for line in settings.splitlines():
        keyword = line.partition(" ")[0]
        lines.append(f"{keyword} {missing.pop(keyword)}" if keyword in missing else line)
    if missing:
        raise KeyError(f"mosquitto.conf does not set {', '.join(sorted(missing))}")
    return "\n".join([*lines, ""])


def write_mosquitto_settings(
    folder: Path, *, port: int, credentials: Path, tls: bool = False, audit: bool = False
) -> Path:
    """Write the settings for a Mosquitto on the loopback address, and return their file.

    They are those of broker-config but for the address and the paths, in one file.

    Args:
        folder: For the file, and what the broker keeps.
        port: Where it listens.
        credentials: Folder with passwords, access list and certificates.
        tls: Whether it speaks TLS.
        audit: Whether it says who was refused what; `demo/sieve.py` finds that in what it says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listener = (LISTENER_TLS if tls else LISTENER).read_text(encoding="utf-8")
    listening = "\n".join(line for line in listener.splitlines() if not line.startswith(INCLUDE))
    files = {"password_file": "passwd", "acl_file": "acl"}
    if tls:
        files |= {"certfile": "broker.crt", "keyfile": "broker.key"}
    settings = changed(
        f"{listening}\n{SETTINGS.read_text(encoding='utf-8')}",
        {
            "listener": f"{port} {HOST}",
            "persistence_location": f"{folder}{os.sep}",
            **{keyword: str(credentials / name) for keyword, name in files.items()},
        },
    )
    if audit:
        settings += AUDIT.read_text(encoding="utf-8")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Started by root it would become `mosquitto`, who may not read what root has made.
        settings += "user root\n"
    file = folder / "mosquitto.conf"
    file.write_text(settings, encoding="utf-8")
    return file


def write_iotcore_settings(folder: Path, *, port: int, passwords: Mapping[str, str]) -> Path:
    """Write the settings for iotcore on the loopback address, and return their file."""
    folder.mkdir(parents=True, exist_ok=True)
    users = "\n".join(f"{json.dumps(user)} = {json.dumps(password)}" for user, password in passwords.items())
    file = folder / "iotcore.toml"
    file.touch(mode=0o600)
    file.write_text(IOTCORE_SETTINGS.format(host=HOST, port=port, users=users), encoding="utf-8")
    return file
