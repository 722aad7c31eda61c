"""Calls beyond the page: to which address which of their events are posted, and what an event says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dashboard.calls.record import CallRecord

WHEN = ("raised", "escalated", "closed")
"""What happens to a call, in the order in which it may."""
KEYS = ("url", "rules", "when", "timeout_s", "header", "secret")
SCHEMES = ("http", "https")
LONGEST_TIMEOUT_S = 60.0
HEADER_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
PLACES = ("env:", "file:")
"""How a secret says where it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where calls are posted to, and which."""

    url: str | None = None
    """The address, or `env:NAME` or `file:PATH` where it is kept; None for nowhere."""
    rules: tuple[str, ...] | None = None
    """The rules whose calls are posted; None for all."""
    when: tuple[str, ...] = WHEN
    """What of a call is posted."""
    timeout_ms: int = 10_000
    """How long a post may take before it counts as failed, in milliseconds."""
    header: str = "Authorization"
    """The header that holds the secret."""
    secret: str | None = None
    """Where the secret is kept, `env:NAME` or `file:PATH`; None for a receiver that wants none."""

    def wants(self, rule: str, what: str) -> bool:
        """Whether an event of a rule's call is posted."""
        return what in self.when and (self.rules is None or rule in self.rules)


def webhook_of(given: object, source: str, *, rules: tuple[str, ...], refusal: type[ValueError]) -> Webhook:
    """The section `[webhook]` of the settings.

    Args:
        given: What stands there.
        source: Name of the file.
        rules: The rules there are.
        refusal: What is raised when it cannot be understood.

    Raises:
        ValueError: A `refusal` that names the file, the key, the value and what is allowed.
    """
    where = f"{source}: [webhook]"
    if not isinstance(given, Mapping):
        raise refusal(f"{source}: key 'webhook': {given!r} is no section: allowed is [webhook]")
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key not in KEYS:
            raise refusal(f"{where}: unknown key {key!r}: allowed are {', '.join(KEYS)}")
        try:
            name, means = _value(key, value, rules)
        except ValueError as error:
            raise refusal(f"{where}: key {key!r}: {error}") from error
        found[name] = means
    return Webhook(**found)


def _value(key: str, value: object, rules: tuple[str, ...]) -> tuple[str, Any]:
    """The field that a key sets, and what it is set to; raises what is wrong with the value."""
    if key in {"url", "secret"}:
        # What stands there may be a secret: it is not repeated.
        return key, None if value is False else _place(key, value)
    if key in {"rules", "when"}:
        return key, _chosen(value, rules if key == "rules" else WHEN, every=None if key == "rules" else WHEN)
    if key == "timeout_s":
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not 1 <= value <= LONGEST_TIMEOUT_S
        ):
            raise _wrong(value, f"seconds from 1 to {LONGEST_TIMEOUT_S:.0f}")
        return "timeout_ms", round(value * 1_000)
    if not isinstance(value, str) or not value or not HEADER_CHARACTERS.issuperset(value):
        raise _wrong(value, "a name of letters, digits, - and _")
    return key, value


def _place(key: str, value: object) -> str:
    if isinstance(value, str) and (value.startswith(PLACES) or (key == "url" and is_address(value))):
        return value
    raise ValueError(f"allowed is false, {f'{ADDRESSES}, ' if key == 'url' else ''}env:NAME or file:PATH")


def _chosen(value: object, words: tuple[str, ...], every: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if value == "all":
        return every
    if not isinstance(value, list) or not value or not all(one in words for one in value):
        raise _wrong(value, f'"all" or a list of {", ".join(words)}')
    return tuple(value)


def _wrong(value: object, allowed: str) -> ValueError:
    return ValueError(f"{value!r} is none of its values: allowed is {allowed}")


ADDRESSES = "an address that begins with http:// or https:// and holds no user"


def is_address(url: str) -> bool:
    """Whether something can be posted to an address.

    >>> [is_address(url) for url in ("https://a.example/calls", "file:///etc/passwd", "http://me:pw@a")]
    [True, False, False]
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url
    return plain and parts.scheme in SCHEMES and bool(parts.hostname) and "@" not in parts.netloc


def events_of(before: CallRecord | None, call: CallRecord) -> Iterator[tuple[str, int]]:
    """What has happened to a call since it was looked at last: what, and when in ms since 1970.

    Args:
        before: The call as it was; None where there was none.
        call: The call as it is.
    """
    if call.missed:
        return
    if before is None:
        yield "raised", call.raised_ms
    for what, was_ms, is_ms in (
        ("escalated", before and before.escalated_ms, call.escalated_ms),
        ("closed", before and before.closed_ms, call.closed_ms),
    ):
        if was_ms is None and is_ms is not None:
            yield what, is_ms


def sentence(what: str, call: CallRecord) -> str:
    """An event in words, for a chat or a telephone."""
    why = call.rule if call.cause in {"", call.rule} else f"{call.rule}, {call.cause}"
    words = {
        "raised": f"{call.machine} needs somebody: {why}",
        "escalated": f"{call.machine} still needs somebody, nobody has acknowledged: {why}",
        "closed": f"{call.machine} is well again: {why}",
    }
    return words[what]
