"""Where the broker is, and as whom one connects to it."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

DEFAULT_URL = "mqtt://127.0.0.1:1883"
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

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def address_of(url: str, *, role: str, credentials: Path | None) -> Address:
    """The broker at a URL, as the user named like the role.

    A user in the URL comes before the credentials: that is a broker of one's own.

    Args:
        url: `mqtt://host:port` or `mqtt://user:password@host:port`.
        role: One of `ROLES`.
        credentials: Folder with a file for each role, holding its password; None to do without.

    Raises:
        AddressError: The URL is not of that form, or the role has no readable password.
    """
    parts = urlsplit(url if "://" in url else f"mqtt://{url}")
    try:
        port = parts.port or 1883
    except ValueError as error:
        raise AddressError(f"broker {url!r}: {error}; allowed is mqtt://host:port") from error
    if parts.scheme != "mqtt" or not parts.hostname:
        raise AddressError(f"broker {url!r}: allowed is mqtt://host:port")
    if parts.username:
        return Address(
            host=parts.hostname,
            port=port,
            user=unquote(parts.username),
            password=unquote(parts.password or ""),
        )
    if credentials is None:
        return Address(host=parts.hostname, port=port)
    file = credentials / role
    try:
        password = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise AddressError(
            f"cannot read the password of {role!r} from {file}: {error.strerror}; "
            "broker-config/make_credentials.py makes it"
        ) from error
    return Address(host=parts.hostname, port=port, user=role, password=password)
