"""How a device that nobody configured joins: where the broker is, the guest's password, and lines to copy."""

import json
import shlex
from dataclasses import dataclass
from pathlib import Path

EXAMPLE = '{"power_kw": 3.2}'
MACHINE = "my-press"
USER = "guest"
DEVICE = "device"
"""Who devices sign in as that speak otherwise."""
AUTHORITY = "ca.crt"
"""The file with the plant's own authority, from the folder of credentials, as a device has it."""
UNTOLD = "PASSWORD"
"""Stands where a password is not to be shown, or not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """What a device of one's own is told."""

    host: str = "localhost"
    """Where the broker is, as a reader of the page reaches it."""
    port: int = 1883
    """Its port."""
    root: str = "shopfloor"
    """First level of the topics."""
    password: str | None = None
    """The guest's; None for a broker that asks for none."""
    device_password: str | None = None
    """That of devices which speak otherwise; None for a broker that asks for none."""
    tls: bool = False
    """Whether the broker is spoken to with TLS, and shows a certificate of the plant's own authority."""

    @property
    def topic(self) -> str:
        """Where a machine of one's own publishes."""
        return f"{self.root}/{MACHINE}/readings"

    @property
    def is_near(self) -> bool:
        """Whether the address is one that this computer alone reaches."""
        return self.host in {"localhost", "127.0.0.1", "::1"}


def guest_of(
    broker: str, root: str, credentials: Path | None, *, asked: bool = False, tls: bool = False
) -> Guest:
    """The guest of a broker.

    Args:
        broker: `host:port` as a reader of the page reaches it.
        root: First level of the topics.
        credentials: Folder with the guest's password; None for one that asks for none, or shall not be shown.
        asked: Whether the broker asks for one all the same.
        tls: Whether it is spoken to with TLS.
    """
    host, _, port = broker.rpartition(":")
    if not port.isdigit() or not host:
        host, port = broker, "1883"
    password, device = (
        (UNTOLD if asked else None) if credentials is None else _password(credentials / one)
        for one in (USER, DEVICE)
    )
    return Guest(host=host, port=int(port), root=root, password=password, device_password=device, tls=tls)


def guest_line(guest: Guest) -> str:
    """One line of shell that makes a tile, ready to copy."""
    return shlex.join([*_publish(guest), "-m", EXAMPLE])


def shell_loop(guest: Guest) -> str:
    """Lines of shell that publish how busy a computer is, every five seconds."""
    message = '"{\\"power_kw\\": $(cut -d \' \' -f 1 /proc/loadavg)}"'
    return f"while sleep 5; do\n  {shlex.join(_publish(guest))} -m {message}\ndone"


def python_lines(guest: Guest) -> str:
    """A program of Python with paho-mqtt."""
    login = "" if guest.password is None else f"client.username_pw_set({_q(USER)}, {_q(guest.password)})\n"
    secure = f"client.tls_set({_q(AUTHORITY)})\n" if guest.tls else ""
    return (
        "import json, time\n"
        "import paho.mqtt.client as mqtt  # pip install paho-mqtt\n\n"
        "client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)\n"
        f"{login}{secure}"
        f"client.connect({_q(guest.host)}, {guest.port})\n"
        "client.loop_start()\n"
        "while True:\n"
        f'    client.publish({_q(guest.topic)}, json.dumps({{"power_kw": 3.2}}), qos=1)\n'
        "    time.sleep(5)"
    )


def micropython_lines(guest: Guest) -> str:
    """A program of MicroPython, for an ESP32 say, that is in the network already."""
    login = "" if guest.password is None else f", user={_q(USER)}, password={_q(guest.password)}"
    if guest.tls:
        login += ", ssl=context"
    return (
        f"import json, time{', tls' if guest.tls else ''}\n"
        "from umqtt.simple import MQTTClient\n\n"
        f"{_trusting() if guest.tls else ''}"
        f"client = MQTTClient({_q(MACHINE)}, {_q(guest.host)}, port={guest.port}{login}, keepalive=60)\n"
        "client.connect()\n"
        "while True:\n"
        f'    client.publish({_q(guest.topic)}, json.dumps({{"power_kw": 3.2}}))\n'
        "    time.sleep(5)"
    )


def settings_lines(guest: Guest) -> str:
    """What a tool with a form for MQTT asks for, such as Node-RED's *mqtt out*."""
    rows = [*_server(guest), *_login(USER, guest.password)]
    return _rows([*rows, ("Topic", guest.topic), ("QoS", "1"), ("Retain", "off"), ("Payload", EXAMPLE)])


def device_lines(guest: Guest) -> str:
    """What a device that speaks otherwise asks for, and where it is told to speak."""
    rows = [*_server(guest), *_login(DEVICE, guest.device_password)]
    rows += [
        ("Shelly", "MQTT prefix devices/my-press; generic status updates on"),
        ("Tasmota", "Topic my-press; FullTopic devices/%topic%/%prefix%/"),
        ("Zigbee2MQTT", "base_topic: devices/zigbee2mqtt"),
        ("and here", "its table in dashboard/topics.toml, without the # before it"),
    ]
    return _rows(rows)


WAYS = {
    "shell": ("One line of shell", guest_line),
    "loop": ("A loop of shell", shell_loop),
    "python": ("Python", python_lines),
    "micropython": ("MicroPython", micropython_lines),
    "settings": ("Node-RED and others", settings_lines),
    "devices": ("Shelly, Tasmota, Zigbee2MQTT", device_lines),
}
"""Ways of joining: title of each, and what writes it."""


def _server(guest: Guest) -> list[tuple[str, str]]:
    return [
        ("Server", guest.host),
        ("Port", str(guest.port)),
        ("TLS", f"on, trusting {AUTHORITY}" if guest.tls else "off"),
    ]


def _trusting() -> str:
    return (
        "context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)\n"
        "context.verify_mode = tls.CERT_REQUIRED\n"
        f"context.load_verify_locations(open({_q(AUTHORITY)}, 'rb').read())\n"
    )


def _login(user: str, password: str | None) -> list[tuple[str, str]]:
    return [] if password is None else [("Username", user), ("Password", password)]


def _rows(rows: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in rows) + 1
    return "\n".join(f"{name + ':':<{width}} {value}" for name, value in rows)


def _publish(guest: Guest) -> list[str]:
    words = ["mosquitto_pub", "-h", guest.host, "-p", str(guest.port)]
    if guest.tls:
        words += ["--cafile", AUTHORITY]
    if guest.password is not None:
        words += ["-u", USER, "-P", guest.password]
    return [*words, "-t", guest.topic]


def _q(text: str) -> str:
    # Every JSON string of ASCII characters is one of Python's.
    return json.dumps(text)


def _password(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        # The page is worth showing without it; who runs the broker knows the password.
        return UNTOLD
