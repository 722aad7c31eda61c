"""The messages of a machine as they came, and for any moment the message that tells of it, with its way."""

from typing import Any

from dashboard.api.question import Question
from dashboard.history.heard import Heard, Way, newest, speaking_at, way_of
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow
from protocol.moments import to_text
from protocol.topics import BATCH, SPARKPLUG

LIMIT = 5
MOST = 50
MOST_CHARACTERS = 20_000
"""Of a longer message the beginning is given."""


def messages(question: Question) -> dict[str, Any]:
    """The newest messages of a machine, or those that tell of a moment."""
    run = question.run
    machine = question.machine(run)
    at_ms = question.moment("at")
    limit = question.number("limit", default=LIMIT, least=1, most=MOST)
    reader = question.sources.reader
    if at_ms is None:
        found = newest(reader, run.run, machine.name, limit)
    else:
        found = speaking_at(reader, run.run, machine.name, at_ms, limit)
    kept_ms = reader.messages_from(run.run, machine.name)
    return {
        "run": run.run,
        "plant": "monitored",
        "machine": machine.name,
        "topic": topic_of(question.sources.root, machine),
        "gateway": machine.birth.gateway if machine.birth is not None else "",
        "at": None if at_ms is None else to_text(at_ms),
        "kept_from": None if kept_ms is None else to_text(kept_ms),
        "messages": [_message(reader, one) for one in found],
    }


def topic_of(root: str, machine: MachineRow) -> str:
    """Where a machine's readings come: its own topic, or that of whoever speaks for it."""
    levels = [root, *machine.path.split("/")] if machine.path else [root]
    behind = machine.birth.gateway if machine.birth is not None else ""
    if behind.startswith(f"{SPARKPLUG}/"):
        namespace, group, node = behind.split("/")
        return f"{namespace}/{group}/DDATA/{node}/{machine.name}"
    return "/".join([*levels, BATCH if behind else machine.name, "readings"])


def _message(reader: Reader, one: Heard) -> dict[str, Any]:
    text = one.payload.decode(errors="replace")
    return {
        "stamped": to_text(one.at_ms),
        "until": to_text(one.to_ms),
        "received": to_text(one.received_ms),
        "bytes": len(one.payload),
        "payload": text[:MOST_CHARACTERS],
        "whole": len(text) <= MOST_CHARACTERS,
        "way": _way(way_of(reader, one.received_ms)),
    }


def _way(way: Way) -> dict[str, Any]:
    return {
        "sent": _text(way.sent_ms),
        "committed": _text(way.committed_ms),
        "told": _text(way.told_ms),
    }


def _text(at_ms: int | None) -> str | None:
    return None if at_ms is None else to_text(at_ms)
