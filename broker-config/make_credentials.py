"""Makes one credential per role for the broker and one for a database, and keeps those that are there.

Writes into one folder: `passwd`, the broker's file of hashed passwords, `acl`, a copy of the access
list, and for each role a file of its name that holds the password alone; that of the database stands in
`postgresql` and, for its clients, in `pgpass`. Needs nothing but Python.
"""
# ruff: noqa: INP001, T201 - a script beside the files it belongs to, not a package; it answers by printing

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import os
import secrets
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROLES = ("machines", "office", "proof", "operator", "viewer", "guest", "device")
"""Everyone whom the access list beside this file knows."""

DATABASE = "postgresql"
"""The user of a database that keeps the history; the broker does not know it."""

PGPASS = "pgpass"
"""The same password in the file that PostgreSQL's clients read."""

HEALTH = "health"
"""Whom the broker's own health check signs in as. The access list grants it nothing."""

ACCESS_LIST = Path(__file__).with_name("acl")
"""Copied because Mosquitto wants it, like the passwords, readable by its own account alone."""

ITERATIONS = 101
"""What mosquitto_passwd uses. The passwords are random, so stretching them would add nothing."""

SALT_BYTES = 12
"""The length that Mosquitto 2.0 demands."""


class Owner(NamedTuple):
    """The account that a file is handed to."""

    uid: int
    """User id."""

    gid: int
    """Group id."""


def owner(text: str) -> Owner:
    """Return the owner that `1883:1883`, or `1883` for both, stands for."""
    uid, _, gid = text.partition(":")
    return Owner(int(uid), int(gid or uid))


def hashed(password: str, salt: bytes, iterations: int = ITERATIONS) -> str:
    """Return the password as Mosquitto keeps it: PBKDF2 with SHA-512, parts divided by `$`."""
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, iterations)
    return f"$7${iterations}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def matches(password: str, entry: str) -> bool:
    """Say whether this entry of the password file stands for this password."""
    try:
        _, version, iterations, salt, _ = entry.split("$")
        expected = hashed(password, base64.b64decode(salt, validate=True), int(iterations))
    except ValueError:
        return False
    return version == "7" and hmac.compare_digest(expected, entry)


def write_private(path: Path, text: str, belongs_to: Owner | None) -> None:
    """Replace a file in one step by one that its owner alone may read."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    hand_over(Path(name), belongs_to)
    Path(name).replace(path)


def hand_over(path: Path, belongs_to: Owner | None) -> None:
    """Let the owner alone read a file, and give it to the one that was asked for."""
    path.chmod(0o600)
    if belongs_to is not None:
        if not hasattr(os, "chown"):
            raise SystemExit("files cannot be handed to another account on this system")
        os.chown(path, *belongs_to)


def entries_of(passwd: Path) -> dict[str, str]:
    """Return the hashed entry of each user in a password file, which need not exist yet."""
    if not passwd.exists():
        return {}
    lines = passwd.read_text(encoding="utf-8").splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


def make(out: Path, *, app: Owner | None, broker: Owner | None) -> dict[str, str]:
    """Bring the folder to one password per role and the two files of the broker that fit them.

    Returns:
        The password of each role at the broker. Roles and users that were there already keep theirs.
    """
    out.mkdir(parents=True, exist_ok=True)
    passwords = {}
    for role in (*ROLES, HEALTH, DATABASE):
        path, belongs_to = out / role, broker if role == HEALTH else app
        password = path.read_text(encoding="utf-8").strip() if path.exists() else ""
        if password:
            hand_over(path, belongs_to)
        else:
            password = secrets.token_hex(16)
            write_private(path, password + "\n", belongs_to)
        passwords[role] = password
    escaped = passwords.pop(DATABASE).replace("\\", "\\\\").replace(":", "\\:")
    write_private(out / PGPASS, f"*:*:*:*:{escaped}\n", app)

    kept = entries_of(out / "passwd")
    made = {
        role: hashed(password, secrets.token_bytes(SALT_BYTES))
        for role, password in passwords.items()
        if not matches(password, kept.get(role, ""))
    }
    lines = [f"{user}:{entry}\n" for user, entry in {**kept, **made}.items()]
    write_private(out / "passwd", "".join(lines), broker)
    write_private(out / "acl", ACCESS_LIST.read_text(encoding="utf-8"), broker)
    return passwords


def guest_line(password: str, host: str, port: int) -> str:
    """Return the line of shell by which a device made by hand joins the plant."""
    return (
        f"mosquitto_pub -h {host} -p {port} -u guest -P {password}"
        """ -t shopfloor/my-press/readings -m '{"power_kw": 3.2}'"""
    )


def main(arguments: list[str] | None = None) -> None:
    """Make what is missing and print the guest's line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the credentials")
    parser.add_argument(
        "--app-owner", type=owner, help="UID[:GID] that may read the roles' passwords; default: yours"
    )
    parser.add_argument(
        "--broker-owner", type=owner, help="UID[:GID] that may read the other files; default: yours"
    )
    parser.add_argument("--host", default="127.0.0.1", help="broker named in the guest's line")
    parser.add_argument("--port", type=int, default=1883, help="its port, likewise")
    settings = parser.parse_args(arguments)

    passwords = make(settings.out, app=settings.app_owner, broker=settings.broker_owner)
    print("A device of your own joins with one line:")
    print(guest_line(passwords["guest"], settings.host, settings.port))


if __name__ == "__main__":
    main(sys.argv[1:])
