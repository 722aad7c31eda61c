"""Makes the plant's own authority, and the certificates of broker and page that it signs.

Writes into the folder of credentials: `ca.crt`, which whoever connects trusts, `ca.key`, and for `broker`
and `page` a `.crt` and a `.key` each. What is there stays, unless it ends soon or lacks a name.
"""
# ruff: noqa: INP001 - a script beside the files it belongs to, not a package

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

NAMES = ("localhost", "127.0.0.1", "::1", "broker", "web")
"""By these broker and page are reached on this machine, and inside Compose's network."""
SERVERS = ("broker", "page")
AUTHORITY_DAYS, SERVER_DAYS = 3_650, 397
"""397 days are the most that browsers take."""
RENEWED_DAYS = 30
"""A certificate that ends sooner is made anew at the next start."""
EARLIER = dt.timedelta(hours=1)
"""Computers whose clocks are behind shall take it too."""


def make_certificates(out: Path, names: Iterable[str], write: Callable[[Path, str, str], None]) -> None:
    """Bring the folder to an authority and two certificates that hold for these names.

    Args:
        out: The folder.
        names: Host names and addresses beside `NAMES`.
        write: Writes one file: its path, its text, and who may read it: `app`, `broker` or `all`.
    """
    wanted = _alternatives([*NAMES, socket.gethostname(), *names])
    now = dt.datetime.now(dt.UTC)
    authority = _kept_authority(out, now) or _new_authority(out, now, write)
    for server in SERVERS:
        if not _holds(out / f"{server}.crt", authority[0], wanted, now):
            _sign(out, server, authority, wanted, now, write)


def _alternatives(names: Iterable[str]) -> x509.SubjectAlternativeName:
    kept = dict.fromkeys(name.strip() for name in names if name.strip())
    return x509.SubjectAlternativeName([_general(name) for name in kept])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _named(what: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, what)])


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return written.decode()


def _kept_authority(
    out: Path, now: dt.datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
    try:
        certificate = x509.load_pem_x509_certificate((out / "ca.crt").read_bytes())
        key = serialization.load_pem_private_key((out / "ca.key").read_bytes(), password=None)
    except (OSError, ValueError):
        return None
    # It has to outlive what it signs.
    lasts = certificate.not_valid_after_utc > now + dt.timedelta(days=SERVER_DAYS)
    return (certificate, key) if lasts and isinstance(key, ec.EllipticCurvePrivateKey) else None


def _new_authority(
    out: Path, now: dt.datetime, write: Callable[[Path, str, str], None]
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named(f"Machine monitoring on {socket.gethostname()[:32]}")
    certificate = (
        _begun(name, name, key.public_key(), now, AUTHORITY_DAYS)
        # It may sign servers, and no further authority.
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write(out / "ca.key", _pem(key), "app")
    write(out / "ca.crt", certificate.public_bytes(serialization.Encoding.PEM).decode(), "all")
    return certificate, key


def _holds(
    file: Path, authority: x509.Certificate, names: x509.SubjectAlternativeName, now: dt.datetime
) -> bool:
    """Whether a certificate is this authority's, has these names, and does not end soon."""
    try:
        kept = x509.load_pem_x509_certificate(file.read_bytes())
        kept.verify_directly_issued_by(authority)
        found = kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (
        OSError,
        ValueError,
        TypeError,
        InvalidSignature,
        UnsupportedAlgorithm,
        x509.ExtensionNotFound,
        x509.DuplicateExtension,
    ):
        # None yet, none that can be read, or another authority's: a new one mends it.
        return False
    return found == names and kept.not_valid_after_utc > now + dt.timedelta(days=RENEWED_DAYS)


def _sign(  # noqa: PLR0917 - all of them are what a signature is made of
    out: Path,
    server: str,
    authority: tuple[x509.Certificate, ec.EllipticCurvePrivateKey],
    names: x509.SubjectAlternativeName,
    now: dt.datetime,
    write: Callable[[Path, str, str], None],
) -> None:
    signer, signing = authority
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _begun(_named(server), signer.subject, key.public_key(), now, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
        )
        .sign(signing, hashes.SHA256())
    )
    owner = "broker" if server == "broker" else "app"
    write(out / f"{server}.key", _pem(key), owner)
    write(out / f"{server}.crt", certificate.public_bytes(serialization.Encoding.PEM).decode(), owner)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + dt.timedelta(days=days))
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
