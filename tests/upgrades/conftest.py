"""The stored versions, each opened once by the present program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from dashboard.history.store import Store
from tests.upgrades.stored import Stored, all_stored

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = all_stored()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A stored history that the present program has opened."""

    version: Stored
    """Whose it was."""
    before: bytes
    """The file as that version left it."""
    after: bytes
    """The file as the present program leaves it."""

    def unpack(self, folder: Path) -> Path:
        """A copy of it in a folder."""
        file = folder / "history.db"
        file.write_bytes(self.after)
        return file


@pytest.fixture(scope="package", params=VERSIONS, ids=str)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """The history of each version, brought to the present one."""
    version: Stored = request.param
    file = version.unpack(tmp_path_factory.mktemp("opened"))
    before = file.read_bytes()
    Store(f"sqlite:///{file}").close()
    return Opened(version=version, before=before, after=file.read_bytes())
