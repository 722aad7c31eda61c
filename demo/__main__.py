"""Runs the whole demo on this machine: `python -m demo`.

`python -m demo doctor` says what is wrong with it, `python -m demo plug pull` takes its office away, and
`python -m demo rotate` gives every role another password while it runs. What
monitoring gains in many plants like it says `python -m demo study`; its `--help` explains that.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from demo.broker import find_mosquitto, write_iotcore_settings, write_mosquitto_settings
from demo.claims import HOST, ClaimError, Port, check_ports, claim_folder, is_listening
from demo.crew import LOOK_S, PROJECT, Crew
from demo.greeting import greeting, guest_line, machine_count
from demo.parts import Part, iotcore, mosquitto, plant_and_office
from demo.plug import Plug
from demo.plug import main as plug_main
from protocol.address import AUTHORITY, ROLES, AddressError, address_of

HIGHEST_PORT = 65_535
READY_S = 30.0
"""How long the page may take to answer before it is said that it does not."""


def settings_from(arguments: list[str] | None) -> argparse.Namespace:
    """Return the settings, from the command line or else from the environment."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)

    def option(name: str, variable: str, default: str | None, text: str) -> None:
        parser.add_argument(name, default=os.environ.get(variable) or default, help=f"{text} [{variable}]")

    option("--port", "PORT", "8050", "port of the page")
    option("--mqtt-port", "MQTT_PORT", None, "port of the broker that is started: 1883, with TLS 8883")
    parser.add_argument(
        "--tls",
        action="store_true",
        default=bool(os.environ.get("TLS")),
        help="broker and page with TLS, by an authority of the plant's own [TLS=1]",
    )
    option("--broker", "BROKER_URL", None, "a broker of your own instead, mqtt://host:port")
    option("--credentials", "CREDENTIALS_DIR", None, "folder of passwords for a broker of your own")
    option("--speed", "SPEED", "60", "simulated seconds per second: a number from 0.1 to 3600, or max")
    option("--state", "STATE_DIR", "var", "folder of history, passwords and logs")
    settings = parser.parse_args(arguments)
    settings.mqtt_port = settings.mqtt_port or ("8883" if settings.tls else "1883")
    for name in ("port", "mqtt_port"):
        text = getattr(settings, name)
        if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
            parser.error(f"--{name.replace('_', '-')} {text}: allowed is a number from 1 to 65535")
        setattr(settings, name, int(text))
    settings.state = Path(settings.state).resolve()
    settings.credentials = Path(settings.credentials).resolve() if settings.credentials else None
    return settings


def say(sentence: str) -> None:
    """Print at once, also into a pipe, and in one piece when several parts speak."""
    # Whoever read it may have gone, a terminal that was closed say: the parts are stopped all the same.
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()


def make_credentials(state: Path, *options: str) -> Path:
    """Make what is missing of passwords and certificates, and return their folder."""
    credentials = state / "credentials"
    maker = PROJECT / "broker-config" / "make_credentials.py"
    subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(maker), "--out", str(credentials), *options],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return credentials


def broker_of_ours(port: int, state: Path, *, tls: bool) -> tuple[Part, Path]:
    """Return the broker that this machine can start, and the folder of its passwords.

    Raises:
        ClaimError: It has to speak TLS, and the one that can be started does not.
    """
    credentials = make_credentials(state, *(["--tls"] if tls else []))
    program = find_mosquitto()
    folder = state / "broker"
    if program is not None:
        say(f"Broker: {program} on {HOST}:{port}.")
        settings = write_mosquitto_settings(folder, port=port, credentials=credentials, tls=tls, audit=True)
        return mosquitto(program, settings), credentials
    if tls:
        raise ClaimError(
            "TLS needs Mosquitto, and none was found on this machine: install it, or do without TLS"
        )
    say(
        f"Broker: iotcore on {HOST}:{port}, because no Mosquitto was found on this machine. "
        "It knows passwords but no access list, and forgets everything when it stops."
    )
    passwords = {role: (credentials / role).read_text(encoding="utf-8").strip() for role in ROLES}
    return iotcore(write_iotcore_settings(folder, port=port, passwords=passwords)), credentials


def wait_for_broker(port: int, crew: Crew, stopped: threading.Event) -> None:
    """Wait until the broker that was started listens, so that nobody begins by missing it."""
    until_s = time.monotonic() + READY_S
    while not is_listening(port) and time.monotonic() < until_s and not stopped.wait(LOOK_S / 2):
        crew.look()


def wait_for_page(address: str, crew: Crew, stopped: threading.Event, authority: Path | None = None) -> bool:
    """Wait until the page answers; False when it does not within the time."""
    trusted = None if authority is None else ssl.create_default_context(cafile=authority)
    until_s = time.monotonic() + READY_S
    while time.monotonic() < until_s and not stopped.wait(LOOK_S):
        crew.look()
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2, context=trusted):  # noqa: S310 - ours
                return True
        except (urllib.error.URLError, OSError):
            continue
    return False


def run(settings: argparse.Namespace, stopped: threading.Event) -> None:
    """Start everything, keep it alive until the event, and stop everything.

    Raises:
        ClaimError: A port or the folder is in use.
        AddressError: The broker's URL cannot be used.
    """
    page = Port(number=settings.port, what="page", option="--port", variable="PORT")
    mqtt = Port(number=settings.mqtt_port, what="broker", option="--mqtt-port", variable="MQTT_PORT")
    check_ports([page] if settings.broker else [page, mqtt])
    with claim_folder(settings.state):
        parts: list[Part] = []
        url, credentials = settings.broker, settings.credentials
        if not url:
            url = f"mqtt{'s' if settings.tls else ''}://{HOST}:{settings.mqtt_port}"
            broker, credentials = broker_of_ours(settings.mqtt_port, settings.state, tls=settings.tls)
            parts = [broker]
        elif settings.tls:
            # A broker of one's own has its own certificate; the page's has to be made all the same.
            credentials = credentials or make_credentials(settings.state, "--tls")
        guest = address_of(url, role="guest", credentials=credentials)
        parts += plant_and_office(
            broker=url,
            credentials=credentials,
            state=settings.state,
            speed=settings.speed,
            port=settings.port,
            tls=settings.tls,
        )
        plug = Plug.of(settings.state)
        # A demo that starts is plugged in, however the last one ended.
        plug.push()
        passwords = None if settings.broker or credentials is None else credentials / "passwd"
        crew = Crew(parts, settings.state / "log", say, plug=plug, passwords=passwords)
        try:
            for stage in crew.stages():
                crew.start(stage)
                if stage == 0:
                    wait_for_broker(settings.mqtt_port, crew, stopped)
            address = f"http{'s' if settings.tls else ''}://{HOST}:{settings.port}"
            authority = credentials / AUTHORITY if settings.tls and credentials else None
            if wait_for_page(address, crew, stopped, authority):
                line = (
                    guest_line(
                        host=guest.host,
                        port=guest.port,
                        password=guest.password,
                        authority=guest.authority if guest.tls else None,
                    )
                    if guest.user == "guest" and guest.password
                    else None
                )
                machines = Path(os.environ.get("MACHINES_DIR") or PROJECT / "simulator/machines")
                say(
                    greeting(
                        address=address,
                        machines=machine_count(machines),
                        speed=settings.speed,
                        guest=line,
                        state="" if settings.state == Path("var").resolve() else f" --state {settings.state}",
                    )
                )
            elif not stopped.is_set():
                logs = settings.state / "log"
                say(f"The page does not answer at {address} yet; {logs} says why. Going on.")
            crew.watch(stopped)
        finally:
            say("Stopping ...")
            crew.stop()
            say("Everything has stopped.")


def rotate(arguments: list[str]) -> int:
    """Give every role another password; a demo that runs tells its broker, and its parts read them anew."""
    parser = argparse.ArgumentParser(prog="python -m demo rotate", description=rotate.__doc__)
    parser.add_argument(
        "--state",
        type=Path,
        default=Path(os.environ.get("STATE_DIR") or "var"),
        help="folder of the demo [STATE_DIR]",
    )
    credentials = make_credentials(parser.parse_args(arguments).state.resolve(), "--rotate")
    say(f"Every role has another password, in {credentials}. Devices of your own need the new one.")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the demo until Ctrl-C or a signal to stop, or one of its commands, and return the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["study"]:
        from demo.study.asked import main as study  # noqa: PLC0415 - the demo itself needs none of its numbers

        return study(given[1:])
    if given[:1] == ["plug"]:
        return plug_main(given[1:])
    if given[:1] == ["rotate"]:
        return rotate(given[1:])
    if given[:1] == ["doctor"]:
        from demo.doctor.command import main as doctor_main  # noqa: PLC0415 - the demo itself needs none of it

        return doctor_main(given[1:])
    settings = settings_from(arguments)
    stopped = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stopped.set())
    try:
        run(settings, stopped)
    except (ClaimError, AddressError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
