"""TLS by one setting: broker and page show certificates of the plant's own authority, which parts verify."""

import contextlib
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from demo.claims import HOST
from protocol.address import AUTHORITY, ROLES, address_of
from protocol.session import Session
from tests.broker.clients import wait_until
from tests.broker.running import RunningBroker, make_credentials
from tests.web.conftest import RunningWeb

pytestmark = pytest.mark.broker
READINGS = "shopfloor/my-press/readings"
SOON_S = 20.0


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    """A broker that speaks TLS alone."""
    running = RunningBroker(tmp_path_factory.mktemp("secure"), tls=True)
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def page(secure: RunningBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWeb]:
    """A page that speaks TLS alone."""
    running = RunningWeb(secure, tmp_path_factory.mktemp("page"), more=("--tls",))
    running.url = running.url.replace("http://", "https://")
    running.trusted = ssl.create_default_context(cafile=secure.credentials / AUTHORITY)
    running.start()
    yield running
    running.stop()


def shake_hands(broker: RunningBroker, authority: Path | None) -> str | None:
    """What a client that trusts this authority agrees upon with the broker."""
    address = address_of(broker.url, role="guest", credentials=broker.credentials)
    context = replace(address, authority=authority).context()
    assert context is not None
    with (
        socket.create_connection((HOST, broker.port), timeout=SOON_S) as opened,
        context.wrap_socket(opened, server_hostname=HOST) as secured,
    ):
        return secured.version()


def test_a_message_travels_from_guest_to_office(secure: RunningBroker) -> None:
    guest, office = (
        Session(
            name=role,
            address=address_of(secure.url, role=role, credentials=secure.credentials),
            filters=[(READINGS, 1)] if role == "office" else [],
        )
        for role in ("guest", "office")
    )
    office.start()
    guest.start()
    assert guest.connected.wait(SOON_S)
    assert office.connected.wait(SOON_S)
    assert office.inbox.get(timeout=SOON_S).topic == ""

    wait_until(lambda: bool(guest.publish(READINGS, b'{"power_kw": 3.2}').mid) and not office.inbox.empty())

    assert office.inbox.get(timeout=SOON_S).payload == b'{"power_kw": 3.2}'
    guest.stop()
    office.stop()


def test_who_does_not_know_the_authority_says_no_password_to_the_broker(
    secure: RunningBroker, tmp_path: Path
) -> None:
    make_credentials(tmp_path, "--tls")

    assert shake_hands(secure, secure.credentials / AUTHORITY) in {"TLSv1.2", "TLSv1.3"}
    for stranger in (None, tmp_path / AUTHORITY):
        with pytest.raises(ssl.SSLCertVerificationError):
            shake_hands(secure, stranger)


def test_nobody_is_heard_in_the_clear(secure: RunningBroker) -> None:
    hello = b"\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03abc"
    with socket.create_connection((HOST, secure.port), timeout=SOON_S) as opened:
        opened.sendall(hello)

        # It ends, and no CONNACK (0x20) has come; at most TLS's word that this was none.
        said = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := opened.recv(64):
                said += piece

    assert not said.startswith(b"\x20")


def test_every_part_asks_for_tls_1_2_and_for_the_brokers_own_name(secure: RunningBroker) -> None:
    for role in ROLES:
        context = address_of(secure.url, role=role, credentials=secure.credentials).context()

        assert context is not None
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.check_hostname


def test_the_page_is_verified_and_its_cookie_travels_encrypted_alone(page: RunningWeb) -> None:
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"{page.url}/health", timeout=SOON_S)  # noqa: S310 - our page
    with pytest.raises(OSError):  # noqa: PT011 - however the connection ends
        urllib.request.urlopen(page.url.replace("https", "http"), timeout=SOON_S)  # noqa: S310

    with urllib.request.urlopen(f"{page.url}/health", context=page.trusted, timeout=SOON_S) as answer:  # noqa: S310
        assert answer.read() == b"ok\n"


def test_a_page_without_its_certificate_says_what_makes_it(
    broker: RunningBroker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from dashboard.__main__ import main  # noqa: PLC0415 - the other tests start it as a program

    given = [
        "web",
        "--tls",
        "--credentials",
        str(broker.credentials),
        "--history",
        f"sqlite:///{tmp_path}/h.db",
    ]

    assert main(given) == 2
    assert "broker-config/make_credentials.py --tls makes it" in capsys.readouterr().err


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in {".crt", ".key"}}


def test_certificates_stay_until_they_lack_a_name_and_the_authority_stays_then_too(tmp_path: Path) -> None:
    make_credentials(tmp_path, "--tls")
    first = files(tmp_path)
    make_credentials(tmp_path, "--tls")
    assert files(tmp_path) == first

    make_credentials(tmp_path, "--tls", "--tls-names", "plant.example,10.0.0.7")

    again = files(tmp_path)
    assert {name for name in first if again[name] != first[name]} == {
        "broker.crt", "broker.key", "page.crt", "page.key",
    }  # fmt: skip
    made = x509.load_pem_x509_certificate(again["page.crt"])
    made.verify_directly_issued_by(x509.load_pem_x509_certificate(again["ca.crt"]))
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"localhost", "broker", "web", "plant.example"} <= set(names.get_values_for_type(x509.DNSName))
    assert "10.0.0.7" in map(str, names.get_values_for_type(x509.IPAddress))


def test_keys_are_readable_by_their_owner_alone_and_the_authority_by_everybody(tmp_path: Path) -> None:
    make_credentials(tmp_path, "--tls")

    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert {name for name, mode in modes.items() if mode != 0o600} == {AUTHORITY}
    assert modes[AUTHORITY] == 0o644
