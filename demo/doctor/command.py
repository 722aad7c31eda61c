"""Says what is wrong with the demo, since when, and what to do; works when everything is down.

Exit code 0 where nothing is broken, 1 otherwise.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from demo.claims import HOST
from demo.doctor.findings import Asked, find
from demo.doctor.printed import printed


def main(arguments: list[str]) -> int:
    """Ask, print, and return the exit code."""
    asked = _asked(arguments)
    findings = find(asked)
    sys.stdout.write(f"{printed(findings)}\n")
    return 0 if findings.well else 1


def _asked(arguments: list[str]) -> Asked:
    parser = argparse.ArgumentParser(prog="python -m demo doctor", description=__doc__)

    def option(name: str, variable: str, default: str, text: str) -> None:
        parser.add_argument(name, default=os.environ.get(variable) or default, help=f"{text} [{variable}]")

    option("--port", "PORT", "8050", "port of the page")
    option("--mqtt-port", "MQTT_PORT", "", "port of the broker: 1883, with TLS 8883")
    parser.add_argument(
        "--tls",
        action="store_true",
        default=bool(os.environ.get("TLS")),
        help="it runs with TLS [TLS=1]",
    )
    option("--broker", "BROKER_URL", "", "a broker of your own instead, mqtt://host:port")
    option("--credentials", "CREDENTIALS_DIR", "", "folder of passwords; without it that of the demo")
    option("--state", "STATE_DIR", "var", "folder of the demo")
    given = parser.parse_args(arguments)
    given.mqtt_port = given.mqtt_port or ("8883" if given.tls else "1883")
    for name in ("port", "mqtt_port"):
        if not getattr(given, name).isdecimal():
            parser.error(f"--{name.replace('_', '-')} {getattr(given, name)}: allowed is a number")
    state = Path(given.state).resolve()
    ours = None if given.broker else state / "credentials"
    secure = "s" if given.tls else ""
    return Asked(
        page=f"http{secure}://{HOST}:{given.port}",
        broker=given.broker or f"mqtt{secure}://{HOST}:{given.mqtt_port}",
        credentials=Path(given.credentials).resolve() if given.credentials else ours,
        state=state,
    )
