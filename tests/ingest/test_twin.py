"""The office of the twin beside that of the plant: one commit, two runs, and no message in the wrong one."""

from pathlib import Path

import pytest

from dashboard.history.reader import Reader
from dashboard.history.store import Store
from dashboard.ingest.office import Office
from dashboard.ingest.share import MEASURING
from dashboard.ingest.twin import TwinOffice
from protocol.messages import Birth, Clock, Tick, encode
from protocol.moments import from_ms
from protocol.session import Received

RUN = "5f0c2a91"
AT_MS = 1_767_592_800_000
MINUTE_MS = 60_000


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'history.db'}"


@pytest.fixture
def offices(url: str) -> tuple[Office, TwinOffice]:
    office = Office(root="shopfloor", store=Store(url))
    return office, TwinOffice(office)


def clock(run: str) -> bytes:
    at = from_ms(AT_MS)
    return encode(Clock(run=run, epoch=at, at=at, wall=at, speed=60.0))


def birth(run: str) -> bytes:
    return encode(Birth(at=from_ms(AT_MS), run=run, simulated=True, states="reported"))


def said_by_twin(twin: TwinOffice, topic: str, payload: bytes, *, retained: bool = True) -> None:
    received = Received(
        topic=f"twin/{topic}", payload=payload, retained=retained, qos=0, mid=0, connection=1, session="",
        wall_s=0.0,
    )  # fmt: skip
    twin.receive(received, AT_MS)


def said(office: Office, topic: str, payload: bytes) -> None:
    office.receive(f"shopfloor/{topic}", payload, wall_ms=AT_MS, retained=True)


def tick(minutes: int, *, twin: bool = True) -> Tick:
    at = from_ms(AT_MS + minutes * MINUTE_MS)
    return Tick(run=RUN, at=at, twin=at if twin else None)


def test_a_machine_of_both_plants_stands_in_the_history_of_each_run(
    offices: tuple[Office, TwinOffice], url: str
) -> None:
    office, twin = offices
    said_by_twin(twin, "_plant/clock", clock(f"{RUN}-twin"))
    said(office, "_plant/clock", clock(RUN))
    said_by_twin(twin, "machining/mill-1/birth", birth(f"{RUN}-twin"))
    said(office, "machining/mill-1/birth", birth(RUN))
    office.commit()
    reader = Reader(url)

    assert [one.run for one in reader.machines(RUN)] == [RUN]
    assert [one.run for one in reader.machines(f"{RUN}-twin")] == [f"{RUN}-twin"]
    assert [one.run for one in reader.runs()] == [RUN]
    assert (newest := reader.run(None)) is not None
    assert newest.run == RUN
    assert (twins := reader.run(f"{RUN}-twin")) is not None
    assert twins.epoch_ms == AT_MS


@pytest.mark.parametrize("run", [RUN, ""])
def test_what_a_run_of_another_plant_says_under_a_root_is_refused(
    offices: tuple[Office, TwinOffice], run: str
) -> None:
    office, twin = offices

    said(office, "machining/mill-1/birth", birth(f"{RUN}-twin"))
    said_by_twin(twin, "machining/mill-1/birth", birth(run))

    reasons = [one.reason for one in office.refused.newest().newest]
    assert any("none of a twin" in reason for reason in reasons)
    # Whoever names no run under the twin's root belongs to that of no plant's twin.
    assert any("allowed under twin/ is one of a twin" in reason for reason in reasons) == bool(run)
    assert office.fleet.of_run("") == {}


def test_both_are_as_far_as_the_one_that_is_less_far(offices: tuple[Office, TwinOffice]) -> None:
    office, twin = offices
    for minutes, has_twin in ((0, True), (10, False)):
        office.tick(RUN, AT_MS + minutes * MINUTE_MS, MEASURING)
        twin.tick(tick(minutes, twin=has_twin), MEASURING, AT_MS)

    plants_ms = office.committed_ms(RUN, MEASURING)

    assert plants_ms == AT_MS + 10 * MINUTE_MS
    assert twin.committed_ms(tick(10), MEASURING, plants_ms) == AT_MS
    assert twin.committed_ms(tick(10, twin=False), MEASURING, plants_ms) == plants_ms


def test_a_machine_of_the_twin_that_went_while_nobody_listened_is_retired(
    offices: tuple[Office, TwinOffice],
) -> None:
    _, twin = offices
    for name in ("mill-1", "mill-2"):
        said_by_twin(twin, f"machining/{name}/birth", birth(f"{RUN}-twin"))
    twin.connected()
    said_by_twin(twin, "_plant/clock", clock(f"{RUN}-twin"))
    with twin.roll_call.put_off():
        for minutes in range(5):
            twin.tick(tick(minutes), MEASURING, AT_MS)
    said_by_twin(twin, "machining/mill-1/birth", birth(f"{RUN}-twin"))
    assert set(twin.office.fleet.shown()) == {"mill-1", "mill-2"}

    for minutes in (6, 7):
        twin.tick(tick(minutes), MEASURING, AT_MS)

    assert set(twin.office.fleet.shown()) == {"mill-1"}


def test_a_twin_that_is_lived_no_longer_keeps_its_history(offices: tuple[Office, TwinOffice]) -> None:
    office, twin = offices
    said_by_twin(twin, "_plant/clock", clock(f"{RUN}-twin"))
    said_by_twin(twin, "machining/mill-1/birth", birth(f"{RUN}-twin"))

    said_by_twin(twin, "_plant/clock", b"")

    assert set(twin.office.fleet.shown()) == {"mill-1"}
    assert office.refused.total == 0
