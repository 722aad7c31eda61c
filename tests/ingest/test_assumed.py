"""What the office keeps and tells of the assumptions of the plant."""

from pathlib import Path

from sqlalchemy import select

from dashboard.history import tables
from dashboard.history.assumed import assumptions_of, segments_of
from dashboard.history.reader import Reader
from dashboard.ingest.office import Office
from protocol.assumptions import Assumption, Assumptions, Segment
from protocol.messages import Value, encode
from protocol.moments import from_ms
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, close, give, minutes, open_office

TOPIC = "shopfloor/_plant/assumptions"
NOW_MS = EPOCH_MS + 30 * MINUTE
CHANGED_MS = EPOCH_MS + 10 * MINUTE + 1
FIRST: dict[str, Value] = {"rounds_s": 1200.0, "calls": True, "on_shift": "all"}
SECOND: dict[str, Value] = {"rounds_s": 600.0, "calls": False, "on_shift": ("anna",)}


def said(*segments: tuple[int, str, dict[str, Value]], run: str = RUN) -> tuple[str, bytes]:
    """What a plant says that has lived through these segments."""
    values = segments[-1][2]
    about = {
        "rounds_s": Assumption(
            value=values["rounds_s"], unit="s", least=60, most=14_400, words="rounds", source="[S]", grade="B"
        ),
        "calls": Assumption(value=values["calls"], words="calls"),
        "on_shift": Assumption(value=values["on_shift"]),
    }
    told = tuple(Segment(at=from_ms(at), label=label, values=of) for at, label, of in segments)
    return TOPIC, encode(Assumptions(run=run, persons=("anna", "ben"), assumptions=about, segments=told))


BEGUN = (EPOCH_MS, "as the run began", FIRST)
CHANGED = (CHANGED_MS, "rounds every 10 min, calls off, on shift anna", SECOND)


def office_of(folder: Path) -> Office:
    office = open_office(folder, NOW_MS)
    give(office, minutes(30))
    return office


def test_the_segments_of_a_run_are_kept_and_said_again_change_nothing(tmp_path: Path) -> None:
    office = office_of(tmp_path)
    give(office, [said(BEGUN), said(BEGUN)])
    office.commit()
    give(office, [said(BEGUN, CHANGED)])
    close(office, NOW_MS)
    again = open_office(tmp_path, NOW_MS)
    give(again, [said(BEGUN, CHANGED)])
    close(again, NOW_MS)

    reader = Reader(f"sqlite:///{tmp_path}/history.db")
    segments = segments_of(reader, RUN)
    assumptions = assumptions_of(reader, RUN)
    rows = list(reader.rows(select(tables.segments)))
    reader.close()

    assert len(rows) == 2
    assert [(one.from_ms, one.label, one.values) for one in segments] == [BEGUN, CHANGED]
    assert (assumptions["rounds_s"].value, assumptions["rounds_s"].grade) == (600, "B")
    assert (assumptions["calls"].value, assumptions["calls"].least) == (False, None)
    assert assumptions["on_shift"].value == ("anna",)


def test_pages_are_told_of_the_run_that_is_on_and_of_no_other(tmp_path: Path) -> None:
    office = office_of(tmp_path)

    assert office.assumed.of_run(RUN) is None
    give(office, [said(BEGUN)])
    told = office.assumed.of_run(RUN)
    assert told is not None
    assert told.persons == ["anna", "ben"]
    assert told.assumptions["calls"].grade == "assumption"
    assert [one.label for one in told.segments] == ["as the run began"]
    give(office, [said(BEGUN, run="b2c3d4e5")])
    assert office.assumed.of_run(RUN) is None
    close(office, NOW_MS)


def test_what_is_no_such_message_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    office = office_of(tmp_path)
    give(office, [said(BEGUN), (TOPIC, b'{"run": 7}'), (TOPIC, b"")])

    assert office.assumed.of_run(RUN) is not None
    assert office.refused.total == 1
    assert office.refused.newest().newest[0].topic == TOPIC
    close(office, NOW_MS)
