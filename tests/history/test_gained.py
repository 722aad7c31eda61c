"""The gain is the same in either database, to the millisecond and to the part."""

from pathlib import Path

from dashboard.calendar.places import Calendar
from dashboard.gain.paper import Habits
from dashboard.history.gain import Gain, GainReader
from dashboard.history.reader import Reader
from dashboard.history.twins import twin_plants
from dashboard.kpi.basis import Basis
from tests.gained.two_plants import EPOCH_MS, MINUTE, live_two_plants
from tests.history.conftest import NewHistory

COUNT = 75


def gain(url: str) -> Gain:
    reader = Reader(url)
    plants = twin_plants(reader, reader.runs()[0])
    assert plants is not None
    found = GainReader(reader, Basis(calendar=Calendar.read())).gain(
        plants, EPOCH_MS + 7, EPOCH_MS + COUNT * MINUTE, Habits()
    )
    reader.close()
    return found


def test_the_gain_is_the_same_in_either_database(new_history: NewHistory, tmp_path: Path) -> None:
    here, there = new_history(), f"sqlite:///{tmp_path}/by-hand.db"
    for url in (here, there):
        live_two_plants(url, COUNT, "lathe-1", "moulder-1", away=(50, 60))

    mine, other = gain(here), gain(there)

    assert mine.split == other.split
    assert mine.split.answered_ms > 0
    assert [(one.line, one.monitored, one.twin) for one in mine.lines] == [
        (one.line, one.monitored, one.twin) for one in other.lines
    ]
    assert mine.pairs == other.pairs
    assert mine.holes == other.holes
    assert len(mine.holes) == 1
