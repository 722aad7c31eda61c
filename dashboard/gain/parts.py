"""The headline: how many more good parts each line made with monitoring than its twin made without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dashboard.gain.outlets import Outlets
from dashboard.kpi.account import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class LineParts:
    """What one line made in both plants."""

    outlets: Outlets
    """By which machines its good parts are counted."""
    monitored: int | None
    """Good parts of the monitored plant; None where nothing counts them."""
    twin: int | None
    """Good parts of the twin."""
    lead_ms: int | None = None
    """How much earlier the monitored plant had made as many as both have by now; None if unknown."""

    @property
    def line(self) -> str:
        """The line."""
        return self.outlets.line

    @property
    def gained(self) -> int | None:
        """Good parts that monitoring gained; negative where the twin made more, None where nothing counts."""
        return None if self.monitored is None or self.twin is None else self.monitored - self.twin

    @property
    def share(self) -> float | None:
        """The same by what the twin made; None where that is nothing."""
        return self.gained / self.twin if self.twin and self.gained is not None else None


def good_of(account: Account) -> int:
    """Good parts of a window, those made outside planned time included: they are sold as well."""
    rejects = account["rejects"] + account["off_rejects"] if account.counts_rejects else 0
    return account["parts"] + account["off_parts"] - rejects


def line_parts(outlets: Outlets, accounts: Mapping[str, tuple[Account, Account]]) -> LineParts:
    """The good parts of a line.

    Args:
        outlets: By which machines they are counted.
        accounts: What each machine did in the monitored plant and in the twin, by name.
    """
    if not outlets.counted:
        return LineParts(outlets=outlets, monitored=None, twin=None)
    both = [accounts[name] for name in outlets.counted]
    return LineParts(
        outlets=outlets,
        monitored=sum(good_of(monitored) for monitored, _ in both),
        twin=sum(good_of(twin) for _, twin in both),
    )


def money(lines: Sequence[LineParts], margins: Mapping[str, Decimal]) -> Decimal | None:
    """What the gained parts are worth: good parts gained times the margin of each, by line.

    Args:
        lines: The lines.
        margins: Margin of a good part by line, in whatever currency; under `""` that of every other line.

    Returns:
        None where no margin is given for any line whose parts are counted.
    """
    worth = [
        margin * one.gained
        for one in lines
        if one.gained is not None and (margin := margins.get(one.line, margins.get(""))) is not None
    ]
    return sum(worth, start=Decimal(0)) if worth else None
