"""The one line of shell with which a device that nobody configured joins."""

import shlex
from pathlib import Path

EXAMPLE = '{"power_kw": 3.2}'


def guest_line(broker: str, root: str, credentials: Path | None) -> str:
    """The command, ready to copy.

    Args:
        broker: `host:port` as a reader of the page reaches it.
        root: First level of the topics.
        credentials: Folder with the guest's password; None for a broker that asks for none.
    """
    host, _, port = broker.rpartition(":")
    if not port.isdigit() or not host:
        host, port = broker, "1883"
    words = ["mosquitto_pub", "-h", host, "-p", port]
    if credentials is not None:
        words += ["-u", "guest", "-P", _password(credentials)]
    words += ["-t", f"{root}/my-press/readings", "-m", EXAMPLE]
    return shlex.join(words)


def _password(credentials: Path) -> str:
    try:
        return (credentials / "guest").read_text(encoding="utf-8").strip()
    except OSError:
        # The page is worth showing without it; who runs the broker knows the password.
        return "PASSWORD"
