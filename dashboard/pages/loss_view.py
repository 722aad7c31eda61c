"""What the address of the page of losses asks for: it holds all that a reader chose."""

from dataclasses import dataclass
from typing import Self, cast

from dashboard.losses.compare import EARLIER
from dashboard.losses.heat import LOST, MEASURES
from dashboard.losses.pareto import By
from dashboard.pages.choice import chosen, said
from protocol.moments import EARLIEST_MS, LATEST_MS, from_text

WINDOWS = {
    "shift": "this shift",
    "last": "last shift",
    "8h": "last 8 h",
    "24h": "last 24 h",
    "7d": "last 7 days",
    "28d": "last 28 days",
}
BY = {"time": "by time", "count": "by count"}
AGAINST = {"before": "the time before", "day": "a day earlier", "week": "a week earlier"}
"""Windows of the past, and what the page calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LossView:
    """What a reader of the page of losses looks at."""

    window: str
    """One of `WINDOWS`."""
    span: tuple[int, int] | None
    """A window of its own instead, [from, to) in ms since 1970."""
    of: str
    """`line:…`, `machine:…`, or `""` for the whole plant."""
    against: str
    """One of `EARLIER`, `line:…`, `machine:…`, or `""` for nothing."""
    measure: str
    """What the heat map shows, one of `MEASURES`."""
    by: By
    """Whether the costliest loss is what took most time, or what came most often."""
    loss: str
    """The loss whose causes are shown; `""` for the costliest."""

    @classmethod
    def asked(cls, search: str | None) -> Self:
        """The view of an address; what it says wrongly is as if it said nothing.

        >>> LossView.asked("?window=8h&machine=mill-1&against=day").of
        'machine:mill-1'
        >>> LossView.asked("?against=never&from=5").against, LossView.asked("?from=5").span
        ('', None)
        """
        line, machine = said(search, "line"), said(search, "machine")
        against = said(search, "against")
        what, _, name = against.partition(":")
        begun, ended = _moment(said(search, "from")), _moment(said(search, "to"))
        return cls(
            window=chosen(search, "window", WINDOWS),
            span=(begun, ended) if begun is not None and ended is not None and begun < ended else None,
            of=f"machine:{machine}" if machine else f"line:{line}" if line else "",
            against=against if against in EARLIER or (what in {"line", "machine"} and name) else "",
            measure=said(search, "measure") if said(search, "measure") in MEASURES else LOST,
            by=cast(By, chosen(search, "by", BY)),
            loss=said(search, "loss"),
        )


def _moment(text: str) -> int | None:
    try:
        at_ms = int(text) if text.isdigit() and text.isascii() else from_text(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        return None
    return at_ms if EARLIEST_MS <= at_ms <= LATEST_MS else None
