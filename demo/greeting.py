"""What is said once the page answers: where it is, what one sees, how a device of one's own joins."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

READING = '{"power_kw": 3.2}'
TOPIC = "shopfloor/my-press/readings"


def python_here() -> str:
    """Return this Python as one would type it in this folder."""
    here, python = Path.cwd(), Path(sys.executable)
    shown = str(python.relative_to(here)) if python.is_relative_to(here) else str(python)
    return shown if sys.platform == "win32" else shlex.quote(shown)


def guest_line(*, host: str, port: int, password: str, authority: Path | None = None) -> str:
    """Return the line of shell by which a device made by hand joins the plant.

    Without Mosquitto's client at hand it uses the one that came with the Python packages.
    """
    if shutil.which("mosquitto_pub") and sys.platform != "win32":
        trusted = "" if authority is None else f" --cafile {shlex.quote(str(authority))}"
        return f"mosquitto_pub -h {host} -p {port}{trusted} -u guest -P {password} -t {TOPIC} -m '{READING}'"
    secure = "" if authority is None else f", tls=dict(ca_certs='{authority.as_posix()}')"
    # Without a quote inside the quotes, so that every shell takes it.
    program = (
        "import paho.mqtt.publish as p; "
        f"p.single('{TOPIC}', str(dict(power_kw=3.2)).replace(chr(39), chr(34)), "
        f"hostname='{host}', port={port}, auth=dict(username='guest', password='{password}'){secure})"
    )
    return f'{python_here()} -c "{program}"'


def machine_count(machines: Path) -> int:
    """Return how many machines the simulator has files for."""
    return sum(1 for _ in machines.glob("*.toml"))


def greeting(*, address: str, machines: int, speed: str, guest: str | None, state: str = "") -> str:
    """Return what a person should now do and see.

    Args:
        address: Where the page is.
        machines: How many machines are simulated.
        speed: Simulated seconds per second, or `max`.
        guest: The line by which a device joins; None where there is none to show.
        state: What commands have to be told of the demo's folder; `""` where it is the usual one.
    """
    clock = {"1": "in real time", "max": "as fast as the office follows"}.get(
        speed, f"{speed} times as fast as yours"
    )
    lines = [
        "",
        f"  The shop floor is at {address}",
        "",
        f"  You should see {machines + 1} machines, one of them a real recording (mazak-1), each with",
        "  its state, uptime and utilization. The last eight hours fill in within half a minute;",
        f"  then the plant's clock runs {clock}.",
        "  To add a machine, in another terminal:",
        f"    {python_here()} -m simulator new cnc-mill mill-7 --line machining",
        "  To take the monitoring away and see what is left (and push, to bring it back):",
        f"    {python_here()} -m demo plug pull{state}",
    ]
    if guest is not None:
        lines += ["  A device of your own joins with one line:", f"    {guest}"]
    return "\n".join([*lines, "", "  Ctrl-C stops everything.", ""])
