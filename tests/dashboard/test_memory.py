"""What a process may use of the memory, and what books take of that."""

import os
import platform
from pathlib import Path

import numpy as np
import pytest

from dashboard.history import books
from dashboard.history.books import MEMORY_BYTES, Books
from dashboard.history.reader import Reader
from dashboard.memory import give_back, resident_bytes, usable_bytes
from tests.history.both import BASIS

PHYSICAL = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_a_process_may_use_what_the_computer_has_or_its_container_may(tmp_path: Path) -> None:
    new, old = tmp_path / "memory.max", tmp_path / "memory.limit_in_bytes"

    assert usable_bytes((new, old)) == PHYSICAL
    new.write_text("max\n", encoding="ascii")
    old.write_text("9223372036854771712\n", encoding="ascii")
    assert usable_bytes((new, old)) == PHYSICAL
    new.write_text("104857600\n", encoding="ascii")
    assert usable_bytes((new, old)) == 100 << 20
    assert (resident_bytes() or 0) <= PHYSICAL


def test_what_is_free_between_things_that_stay_is_given_back() -> None:
    blocks = [np.ones(250) for _ in range(50_000)]
    full = resident_bytes() or 0
    stays = blocks[::100]
    del blocks

    given = give_back()

    # Of 100 MB a hundredth stays, here and there.
    kept = resident_bytes() or 0
    assert given == (platform.libc_ver()[0] == "glibc")
    assert not given or full - kept > 80e6
    assert sum(one.sum() for one in stays) == 250 * 500


@pytest.mark.parametrize(
    ("usable", "expected"), [(300 << 20, 100 << 20), (None, MEMORY_BYTES), (1 << 60, MEMORY_BYTES)]
)
def test_books_take_their_share_of_what_there_is_and_less_where_that_is_not_promised(
    usable: int | None, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "usable_bytes", lambda: usable)

    kept = Books(Reader(f"sqlite:///{tmp_path}/history.db"), BASIS)

    assert kept.room_bytes == expected
