"""What to do about each thing that may be wrong with the chain, for the demo and for Compose."""

from typing import NamedTuple


class Remedy(NamedTuple):
    """What to do first."""

    demo: str
    """Where `make demo` or `python -m demo` runs."""
    docker: str
    """Where Compose runs."""


BROKER_GONE = Remedy(
    "make demo starts it again by itself within seconds; if it stays away, var/log/broker.log says why.",
    "docker compose up -d broker; docker compose logs broker says why it ended.",
)
BROKER_MUTE = Remedy(
    "Look at the network between page and broker; if both are here, stop the demo and start it again.",
    "Look at the network between page and broker; docker compose restart broker if it hangs.",
)
CREDENTIAL = Remedy(
    "Stop the demo and start it again: it gives the broker and every part the same passwords, "
    "those in var/credentials.",
    "docker compose run --rm credentials, then docker compose restart broker ingest web simulator mazak.",
)
OFFICE_GONE = Remedy(
    "make demo starts it again by itself; if it was unplugged, .venv/bin/python -m demo plug push; "
    "var/log/ingest.log says why it ended, or that the broker refuses its credential.",
    "docker compose up -d ingest; docker compose logs ingest says why it ended, or that the broker refuses "
    "its credential.",
)
OFFICE_BEHIND = Remedy(
    "Nothing: it catches up by itself. If it falls further behind, let the plant go slower "
    "(python -m simulator command speed 60).",
    "Nothing: it catches up by itself. If it falls further behind, set a lower SPEED.",
)
PLANT_GONE = Remedy(
    "make demo starts it again by itself; if it stays away, var/log/simulator.log says why it ended, or "
    "that the broker refuses its credential.",
    "docker compose up -d simulator; docker compose logs simulator says why it ended, or that the broker "
    "refuses its credential.",
)
PLANT_HANGS = Remedy(
    "Stop the demo and start it again: the plant goes on where it was; var/log/simulator.log may say why.",
    "docker compose restart simulator: the plant goes on where it was.",
)
FULL = Remedy(
    "Make room on the disk that holds var/history.db (df -h var); the office goes on by itself, and nothing "
    "is lost or counted twice.",
    "Make room on the disk of Docker's volumes (docker system df); the office goes on by itself, and nothing "
    "is lost or counted twice.",
)
READ_ONLY = Remedy(
    "Make var/history.db and its folder writable for whoever runs the demo; the office goes on by itself.",
    "Make the volume history writable for user 10001; the office goes on by itself.",
)
SERVER_GONE = Remedy(
    "Start the database server that --history (HISTORY_URL) names; the office goes on by itself.",
    "Start the database server that HISTORY_URL names; the office goes on by itself.",
)
UNWRITABLE = Remedy(
    "var/log/ingest.log says more; the office tries again twice a second and goes on by itself.",
    "docker compose logs ingest says more; the office tries again twice a second and goes on by itself.",
)
UNREADABLE = Remedy(
    "If the demo has just begun, wait for ingest to make the history; else var/log/web.log says more.",
    "If Compose has just begun, wait for ingest to make the history; else docker compose logs web says more.",
)
DROPPED = Remedy(
    "Nothing brings them back. Have the plant keep readings for longer: BACKLOG_HOURS=48 make demo.",
    "Nothing brings them back. Have the plant keep readings for longer: BACKLOG_HOURS=48 docker compose up.",
)
LITTLE_ROOM = Remedy(
    "Make room before it is full, on the disk that holds var/history.db (df -h var).",
    "Make room before it is full, on the disk of Docker's volumes (docker system df).",
)
PAGE_GONE = Remedy(
    "make demo starts it again by itself; if it stays away, var/log/web.log says why.",
    "docker compose up -d web; docker compose logs web says why it ended.",
)
CLOCK_AHEAD = Remedy(
    "Set the clock of the device, by NTP best of all; a reading more than ten minutes ahead is refused.",
    "Set the clock of the device, by NTP best of all; a reading more than ten minutes ahead is refused.",
)
REJECTED = Remedy(
    "Mend what the device sends: docs/messages.md says what is understood.",
    "Mend what the device sends: docs/messages.md says what is understood.",
)
LATER = Remedy(
    "Upgrade the part that is named to the version of the other: git pull, then start the demo again. "
    "docs/messages.md says how versions go together.",
    "Upgrade the part that is named to the version of the other: docker compose up -d --build. "
    "docs/messages.md says how versions go together.",
)
