"""A page that others reach: with a password of its own, and a clock that a test moves."""

import importlib.util
from pathlib import Path
from types import ModuleType

from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import Settings, make_app
from dashboard.calendar.places import Calendar
from dashboard.gate.door import Door
from dashboard.gate.hosts import Hosts
from dashboard.gate.password import PagePassword
from dashboard.gate.sessions import Sessions
from dashboard.gate.tries import Tries
from dashboard.kpi.basis import Basis
from dashboard.losses.reasons import Reasons
from protocol.address import Address
from tests.broker.running import PROJECT

PASSWORD = "the plant at night"  # noqa: S105 - made up
COMMAND = {"what": "start-over"}


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        """Now."""
        return self.now_s


def maker() -> ModuleType:
    """The script that makes credentials, as a module."""
    spec = importlib.util.spec_from_file_location(
        "make_credentials", PROJECT / "broker-config" / "make_credentials.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def set_password(folder: Path, password: str = PASSWORD) -> Path:
    """Set the page's password as its script does, and return the file."""
    script = maker()
    # A guess as cheap as can be: that it is dear is no matter of these tests.
    script.SCRYPT_N, script.SCRYPT_P = 1 << 10, 1  # type: ignore[attr-defined]
    script.set_page_password(folder, password, None)
    return folder / str(script.PAGE)


def door(folder: Path, clock: Clock | None = None) -> Door:
    """A door with the password."""
    passing = clock or Clock()
    return Door(
        password=PagePassword(set_password(folder)),
        hosts=Hosts(("*",)),
        tries=Tries(passing),
        sessions=Sessions(passing),
    )


def page(folder: Path, behind: Door) -> Flask:
    """The application behind a door; it has no broker."""
    app, _ = make_app(
        Settings(
            address=Address(host="127.0.0.1", port=1),
            root="shopfloor",
            history=f"sqlite:///{folder}/history.db",
            basis=Basis(calendar=Calendar.read()),
            reasons=Reasons.read(),
            guest_line="",
            door=behind,
        )
    )
    server: Flask = app.server
    return server


def sign_in(client: FlaskClient, password: str = PASSWORD) -> int:
    """Sign in as the page's own script does; returns the status."""
    answer = client.post(
        "/api/session", json={"password": password}, headers={"Origin": f"http://{client_host(client)}"}
    )
    return answer.status_code


def client_host(client: FlaskClient) -> str:
    """The name that a client asks for."""
    return str(client.environ_base.get("HTTP_HOST", "localhost"))
