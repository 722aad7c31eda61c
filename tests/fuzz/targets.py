"""All that is fuzzed in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fuzz.decoders import decoders
from tests.fuzz.files import files
from tests.fuzz.offices import offices
from tests.fuzz.pages import pages

if TYPE_CHECKING:
    from tests.fuzz.target import Target


def targets() -> list[Target]:
    """Decoders, topics, files, pages, and the office itself."""
    return [*decoders(), *files(), *pages(), *offices()]
