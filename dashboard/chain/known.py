"""What is known of each link of the chain at one moment, by whoever asks."""

from dataclasses import dataclass, field

from dashboard.conclusions import Board, Refusal, Work
from protocol.messages import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerKnown:
    """The broker, as the one who asks stands to it."""

    address: str
    """Host and port, without credentials."""
    user: str
    """As whom the one who asks signs in; `""` for nobody."""
    connected: bool
    """Whether there is a connection."""
    refusal: str = ""
    """Why the broker refuses the user; `""` where it does not, or cannot be reached."""
    away_since_wall_ms: int | None = None
    """Since when there has been no connection, ms since 1970; None while there is one."""
    mute_since_wall_ms: int | None = None
    """Since when it has not answered on a connection that stands, ms since 1970; None where it does."""
    version: str = ""
    """What the broker calls itself; `""` where it does not say."""
    clients: int | None = None
    """Connections that it has; None where it does not say."""
    dropped: int | None = None
    """Messages that it has thrown away because a client was too slow; None where it does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantKnown:
    """The simulated plant, as its clock tells."""

    clock: Clock
    """The newest word of its clock."""
    age_s: float
    """Seconds since then."""
    moved_s: float
    """Seconds since plant time went on last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKnown:
    """The process that serves the pages."""

    streams: int
    """Pages that follow live over a stream of their own."""
    turned_away: int
    """Streams that were asked for when all were taken; such a page polls."""
    resyncs: int
    """Times that a viewer was too slow for the changes that are kept, and began anew."""
    dropped: int
    """Messages from the broker for which there was no room."""
    failures: int
    """Messages that ended in an unforeseen error."""
    memory_bytes: int | None
    """What the process holds in memory; None where that cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known of the chain."""

    wall_ms: int
    """When it was known, ms since 1970."""
    broker: BrokerKnown
    """The broker."""
    plant: PlantKnown | None = None
    """The simulated plant; None where none has been heard."""
    board: Board | None = None
    """The office's newest word on the plant; None before it was heard."""
    board_age_s: float | None = None
    """Seconds since then."""
    work: Work | None = None
    """The office's newest word on itself."""
    work_age_s: float | None = None
    """Seconds since then."""
    refusal: Refusal | None = None
    """The newest message that was refused."""
    unreadable: str = ""
    """Why the page cannot read the history; `""` where it can, or has not tried."""
    lag_ms: int | None = None
    """Plant time that is worked out and not yet in the history."""
    page: PageKnown | None = None
    """The page's process; None where it does not answer."""
    offices: dict[str, str] = field(default_factory=dict)
    """Of some roles (`machines`, `office`), why the broker refuses their credential, where that was tried."""
