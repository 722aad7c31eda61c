"""The versions that were stored: what each left as its history, answered, and said at the broker."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol.moments import from_text
from tests.upgrades.recorder import Said, said_in

VERSIONS = Path(__file__).with_name("versions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One version."""

    name: str
    """What it is called."""
    folder: Path
    """Where it is kept."""
    commit: str
    """The commit it was made of."""
    schema: str
    """The version of its history's tables."""
    run: str
    """The run of its plant."""
    epoch_ms: int
    """When that began, ms since 1970."""

    def __str__(self) -> str:
        return self.name

    def unpack(self, folder: Path) -> Path:
        """Its history, as it left it, in a folder."""
        file = folder / "history.db"
        file.write_bytes(self.history)
        return file

    @property
    def history(self) -> bytes:
        """The bytes of its history."""
        return gzip.decompress((self.folder / "history.db.gz").read_bytes())

    @property
    def answers(self) -> dict[str, Any]:
        """What it answered at each path of the API."""
        answers: dict[str, Any] = json.loads(gzip.decompress((self.folder / "answers.json.gz").read_bytes()))
        return answers

    @property
    def said(self) -> list[Said]:
        """What was said at its broker in the last minutes, and what the broker kept from before."""
        return said_in(gzip.decompress((self.folder / "messages.jsonl.gz").read_bytes()))


def all_stored(folder: Path = VERSIONS) -> list[Stored]:
    """Every version that was stored, the oldest first."""
    found = [_read(file) for file in folder.glob("*/made.json")]
    return sorted(found, key=lambda one: (int(one.schema), one.name))


def _read(file: Path) -> Stored:
    made = json.loads(file.read_text(encoding="utf-8"))
    return Stored(
        name=made["name"],
        folder=file.parent,
        commit=made["commit"],
        schema=str(made["schema"]),
        run=made["run"],
        epoch_ms=from_text(made["epoch"]),
    )
