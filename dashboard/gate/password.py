"""The operator's password at the page: kept as a hash alone, in a file that may change while the page runs.

`broker-config/make_credentials.py --page-password` writes the file.
"""

import base64
import binascii
import hashlib
import hmac
import logging
import secrets
import threading
from pathlib import Path

logger = logging.getLogger(__name__)

SCHEME = "scrypt"
MAX_MEMORY_BYTES = 1 << 28
"""What one comparison may take: a file that asks for more is none of ours."""
MAX_LENGTH = 1_024
"""Characters of a password that are looked at; a longer one is wrong."""


class PagePassword:
    """The password whose hash stands in a file.

    Args:
        file: One line, `scrypt$n$r$p$salt$hash`, both in base64; it need not exist yet.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        # One at a time: a comparison takes 32 MiB and a fifth of a second, on purpose.
        self._comparing = threading.Lock()
        self._key = secrets.token_bytes(32)
        self._right: tuple[str, bytes] | None = None
        """The line that was last compared with success, and what was right, under a key of this process."""

    def line(self) -> str:
        """The line in the file, `""` where there is none: then no password is right."""
        try:
            return self.file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def is_right(self, password: str) -> bool:
        """Whether this is the password."""
        line = self.line()
        if not line or not password or len(password) > MAX_LENGTH:
            return False
        said = hmac.digest(self._key, password.encode("utf-8", "replace"), "sha256")
        with self._comparing:
            known = self._right
            if known is not None and known[0] == line and hmac.compare_digest(known[1], said):
                return True
            if not _fits(password, line, self.file):
                return False
            self._right = line, said
            return True


def _fits(password: str, line: str, file: Path) -> bool:
    try:
        scheme, n, r, p, salt, digest = line.split("$")
        expected = base64.b64decode(digest, validate=True)
        found = hashlib.scrypt(
            password.encode("utf-8", "replace"),
            salt=base64.b64decode(salt, validate=True),
            n=int(n),
            r=int(r),
            p=int(p),
            maxmem=MAX_MEMORY_BYTES,
            dklen=len(expected),
        )
    except (ValueError, binascii.Error, OverflowError, MemoryError) as error:
        logger.warning("%s: no hash of a password (%s): make it anew", file, type(error).__name__)
        return False
    return scheme == SCHEME and hmac.compare_digest(found, expected)
