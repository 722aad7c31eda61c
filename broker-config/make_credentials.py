"""Makes one credential per role for the broker and one for a database, and keeps those that are there.

Writes into one folder: `passwd`, the broker's file of hashed passwords, `acl`, a copy of the access
list, and for each role a file of its name that holds the password alone; that of the database stands in
`postgresql` and, for its clients, in `pgpass`. `--rotate` makes all of the broker anew; `--page-password`
asks for the password of whoever commands from the page, and keeps its hash in `page`. With `--tls`,
make_certificates.py makes an authority and certificates too; without it, this needs nothing but Python.
"""
# ruff: noqa: INP001, T201 - a script beside the files it belongs to, not a package; it answers by printing

from __future__ import annotations

import argparse
import base64
import getpass
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

PAGE = "page"
"""The file with the hash of the operator's password at the page, which no broker knows."""

LEAST_CHARACTERS = 12
"""A person chooses that password, so it is stretched, and short ones are refused."""

SCRYPT_N, SCRYPT_R, SCRYPT_P = 1 << 15, 8, 3
"""OWASP's choice that takes 32 MiB and a fifth of a second for each guess."""


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


def stretched(password: str, salt: bytes) -> str:
    """Return the line that the page keeps of a password: `scrypt$n$r$p$salt$hash`, both in base64."""
    digest = hashlib.scrypt(
        password.encode(), salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, maxmem=1 << 28, dklen=32
    )
    written = (base64.b64encode(part).decode() for part in (salt, digest))
    return "$".join(("scrypt", *map(str, (SCRYPT_N, SCRYPT_R, SCRYPT_P)), *written))


def ask_page_password() -> str:
    """Return the password that a person types twice, or that is the first line of the input."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("Password for commands from the page: ")
        if getpass.getpass("The same again: ") != password:
            raise SystemExit("the two differ; nothing was changed")
    if len(password) < LEAST_CHARACTERS:
        raise SystemExit(
            f"{len(password)} characters: allowed are {LEAST_CHARACTERS} or more; nothing is changed"
        )
    return password


def set_page_password(out: Path, password: str, app: Owner | None) -> None:
    """Keep the hash of the password of whoever commands from the page; who had signed in has to again."""
    out.mkdir(parents=True, exist_ok=True)
    write_private(out / PAGE, stretched(password, secrets.token_bytes(16)) + "\n", app)


def write_private(path: Path, text: str, belongs_to: Owner | None, mode: int = 0o600) -> None:
    """Replace a file in one step by one that its owner alone may read, unless another mode is given."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    hand_over(Path(name), belongs_to, mode)
    Path(name).replace(path)


def hand_over(path: Path, belongs_to: Owner | None, mode: int = 0o600) -> None:
    """Let the owner alone read a file, and give it to the one that was asked for."""
    path.chmod(mode)
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


def make(out: Path, *, app: Owner | None, broker: Owner | None, anew: bool = False) -> dict[str, str]:
    """Bring the folder to one password per role and the two files of the broker that fit them.

    Args:
        out: The folder.
        app: Who may read the roles' passwords.
        broker: Who may read the other files.
        anew: Whether every role gets another password.

    Returns:
        The password of each role at the broker. Roles that were there already keep theirs, and users of
        one's own too.
    """
    out.mkdir(parents=True, exist_ok=True)
    passwords = {}
    for role in (*ROLES, HEALTH, DATABASE):
        path, belongs_to = out / role, broker if role == HEALTH else app
        password = path.read_text(encoding="utf-8").strip() if path.exists() else ""
        # A database keeps the password that it was made with, until somebody changes it there.
        if password and (not anew or role == DATABASE):
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


def certify(out: Path, names: list[str], *, app: Owner | None, broker: Owner | None) -> None:
    """Bring the folder to an authority and the certificates of broker and page."""
    from make_certificates import make_certificates  # noqa: PLC0415 - it needs a package, and TLS is asked for

    def write(path: Path, text: str, reader: str) -> None:
        belongs_to = broker if reader == "broker" else app
        write_private(path, text, belongs_to, 0o644 if reader == "all" else 0o600)

    make_certificates(out, names, write)


def guest_line(password: str, host: str, port: int, *, tls: bool = False) -> str:
    """Return the line of shell by which a device made by hand joins the plant."""
    trusted = " --cafile ca.crt" if tls else ""
    return (
        f"mosquitto_pub -h {host} -p {port}{trusted} -u guest -P {password}"
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
    parser.add_argument("--rotate", action="store_true", help="give every role another password")
    parser.add_argument(
        "--page-password", action="store_true", help="set the password for commands from the page instead"
    )
    parser.add_argument(
        "--tls",
        action="store_true",
        default=bool(os.environ.get("TLS")),
        help="make an authority and certificates, too [TLS=1]",
    )
    parser.add_argument(
        "--tls-names",
        default=os.environ.get("TLS_NAMES", ""),
        help="further names and addresses that they hold for, divided by commas [TLS_NAMES]",
    )
    settings = parser.parse_args(arguments)

    if settings.page_password:
        set_page_password(settings.out, ask_page_password(), settings.app_owner)
        print("The page takes commands with that password from now on; whoever had signed in has to again.")
        return
    passwords = make(settings.out, app=settings.app_owner, broker=settings.broker_owner, anew=settings.rotate)
    if settings.tls:
        names = settings.tls_names.split(",")
        certify(settings.out, names, app=settings.app_owner, broker=settings.broker_owner)
    if settings.rotate:
        print("Every role has another password; the broker reads them when it is told to (SIGHUP).")
    print("A device of your own joins with one line:")
    print(guest_line(passwords["guest"], settings.host, settings.port, tls=settings.tls))


if __name__ == "__main__":
    main(sys.argv[1:])
