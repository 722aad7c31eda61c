"""Where the broker is, and as whom one connects to it."""

import ssl
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

DEFAULT_URL = "mqtt://127.0.0.1:1883"
PORTS = {"mqtt": 1883, "mqtts": 8883}
"""Usual port by scheme: in the clear, and with TLS."""
AUTHORITY = "ca.crt"
"""The plant's own authority, in the folder of credentials: whom it has signed is trusted, and nobody else."""
ROLES = ("machines", "office", "proof", "operator", "viewer", "guest", "device")
"""One credential each; the access list says what each may read and write."""


class AddressError(ValueError):
    """Raised when a broker's address or a credential cannot be used; says which and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A broker, and a user on it."""

    host: str
    """Host name or IP address."""
    port: int
    """TCP port."""
    user: str | None = None
    """User name, None to connect without one."""
    password: str | None = None
    """Its password."""
    file: Path | None = None
    """Where that password stands: it may have become another one."""
    tls: bool = False
    """Whether it is spoken to with TLS."""
    authority: Path | None = None
    """Whose signature its certificate has to carry; None for those that this computer trusts."""

    @property
    def password_now(self) -> str | None:
        """The password as it stands in its file, or as it was told where that has none."""
        if self.file is None:
            return self.password
        try:
            return _read(self.file) or self.password
        except OSError:
            return self.password

    def context(self) -> ssl.SSLContext | None:
        """How its certificate is verified; None without TLS."""
        return _context(self.authority) if self.tls else None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def address_of(url: str, *, role: str, credentials: Path | None) -> Address:
    """The broker at a URL, as the user named like the role.

    A user in the URL comes before the credentials: that is a broker of one's own.

    Args:
        url: `mqtt://host:port`, or `mqtts://` with TLS; either may have `user:password@` before the host.
        role: One of `ROLES`.
        credentials: Folder with a file for each role, holding its password; None to do without.

    Raises:
        AddressError: The URL is not of that form, or the role has no readable password.
    """
    where = f"broker {_without_secrets(url)!r}"
    try:
        parts = urlsplit(url if "://" in url else f"mqtt://{url}")
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        # The reason may hold what was taken for the port, a piece of a password.
        raise AddressError(f"{where}: allowed is mqtt://host:port, with a port up to 65535") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise AddressError(f"{where}: allowed is mqtt://host:port, or mqtts://host:port with TLS")
    authority = None if credentials is None else credentials / AUTHORITY
    address = Address(
        host=parts.hostname,
        port=port,
        tls=parts.scheme == "mqtts",
        authority=authority if authority is not None and authority.exists() else None,
    )
    if parts.username:
        return replace(address, user=unquote(parts.username), password=unquote(parts.password or ""))
    if credentials is None:
        return address
    file = credentials / role
    try:
        password = _read(file)
    except OSError as error:
        raise AddressError(
            f"cannot read the password of {role!r} from {file}: {error.strerror}; "
            "broker-config/make_credentials.py makes it"
        ) from error
    return replace(address, user=role, password=password, file=file)


def _without_secrets(url: str) -> str:
    """A URL as it may be said.

    >>> _without_secrets("mqt://us:word@broker"), _without_secrets("us:word@broker"), _without_secrets("x")
    ('mqt://…@broker', '…@broker', 'x')
    """
    head, at, host = url.rpartition("@")
    scheme, slashes, _ = head.partition("://")
    return f"{scheme}{slashes}…@{host}" if at and slashes else f"…@{host}" if at else url


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip()


@cache
def _context(authority: Path | None) -> ssl.SSLContext:
    # One for all: a fleet of a thousand connections would read the file a thousand times.
    context = ssl.create_default_context(cafile=authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
