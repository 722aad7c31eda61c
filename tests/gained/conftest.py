"""Three hours of both plants in one history, lived once for all tests."""

from pathlib import Path

import pytest

from tests.gained.two_plants import write_two_plants

MINUTES = 200
AWAY = (130, 160)
"""Minutes in which there is no office."""
NAMES = ("mill-1", "mill-3", "packer-1", "packer-2", "compressor-1")


@pytest.fixture(scope="session")
def two_plants(tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of the history of a few machines of the demo, with calls and without."""
    folder: Path = tmp_path_factory.mktemp("two-plants")
    return write_two_plants(folder, MINUTES, *NAMES, away=AWAY)
