"""What the API says of faults on demand: the plant's word beside a history that was worked out by hand."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import pytest
from flask.testing import FlaskClient

from dashboard.app import make_app
from dashboard.history.store import Writes
from dashboard.ingest.proof import Proof
from dashboard.live.channel import Channel
from protocol.address import address_of
from protocol.faults import Breakable, FaultEntry, Faults, FaultSpell
from protocol.messages import Truth, TruthChange, encode
from protocol.moments import from_ms
from protocol.states import State
from tests.api.asking import ask, get, settings, wait_until
from tests.broker.clients import Client
from tests.broker.running import RunningBroker
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, close, give, minutes, open_office

pytestmark = pytest.mark.broker
NOW_MS = EPOCH_MS + 40 * MINUTE
CATALOGUE = (
    FaultEntry(fault="jam", title="jam", about="machine", severity="jammed", duration_s=300, expected="down"),
    FaultEntry(
        fault="delay", title="delay", about="link", severity="late", duration_s=600, expected="unknown"
    ),
)
JAM = FaultSpell(
    machine="mill-1", fault="jam", severity=1.0, words="jammed",
    begun=from_ms(EPOCH_MS + 35 * MINUTE), until=from_ms(NOW_MS),
)  # fmt: skip
DELAY = FaultSpell(
    machine="press-1", fault="delay", severity=0.5, words="late",
    begun=from_ms(EPOCH_MS + 36 * MINUTE), until=from_ms(NOW_MS + 6 * MINUTE),
)  # fmt: skip
STRANGE = msgspec.structs.replace(JAM, machine="mill-9", begun=from_ms(EPOCH_MS + 37 * MINUTE))


def hears(channel: Channel, said: Faults) -> bool:
    """Whether a page's channel has heard this of the plant last."""
    return channel.faults == said


@pytest.fixture
def lab(broker: RunningBroker, tmp_path: Path) -> Iterator[FlaskClient]:
    """A mill that truly ran for 35 minutes, made 34 parts, and is jammed since; the press truly runs."""
    office = open_office(tmp_path, NOW_MS)
    give(office, minutes(40))
    jammed = Truth(
        run=RUN, at=from_ms(EPOCH_MS), until=from_ms(NOW_MS), state=State.RUNNING,
        changes=(
            TruthChange(offset_ms=34 * MINUTE, parts=34, rejects=0),
            TruthChange(offset_ms=35 * MINUTE, state=State.DOWN, cause="jam"),
        ),
    )  # fmt: skip
    runs = Truth(run=RUN, at=from_ms(EPOCH_MS), until=from_ms(NOW_MS), state=State.RUNNING)
    assert isinstance(office.writes, Writes)
    for machine, truth in (("mill-1", jammed), ("press-1", runs)):
        Proof(office.store).receive(machine, truth, office.writes)
    close(office, NOW_MS)
    viewer = address_of(broker.url, role="viewer", credentials=broker.credentials)
    app, channel = make_app(replace(settings(f"sqlite:///{tmp_path}/history.db"), address=viewer))
    plant = Client(broker.port, "machines", broker.password("machines"))
    machines = {"mill-1": Breakable(signals=("power_kw",)), "press-1": Breakable(without={"jam": "why not"})}
    told = Faults(run=RUN, catalogue=CATALOGUE, machines=machines, spells=(JAM, DELAY, STRANGE))
    client: FlaskClient = app.server.test_client()
    ask(client, "/api/faultlab")
    # Whoever has heard one word of the plant hears the next as it is said, and not as the broker kept it.
    for said in (msgspec.structs.replace(told, spells=()), told):
        plant.say(["shopfloor/_plant/faults"], encode(said), retain=True)
        wait_until(partial(hears, channel, said))
    yield client
    channel.stop()
    plant.close()


def test_without_a_plant_that_says_so_nothing_can_be_broken(tmp_path: Path) -> None:
    app, channel = make_app(settings(f"sqlite:///{tmp_path}/history.db"))

    said = ask(app.server.test_client(), "/api/faultlab")
    channel.stop()

    assert said == {"run": None, "begun": 0, "catalogue": [], "machines": {}, "faults": []}


def test_the_answer_has_what_there_is_and_the_faults_newest_first(lab: FlaskClient) -> None:
    said = ask(lab, "/api/faultlab")

    assert [one["fault"] for one in said["catalogue"]] == ["jam", "delay"]
    assert said["machines"]["press-1"] == {"signals": [], "without": {"jam": "why not"}, "reason": ""}
    assert [(one["machine"], one["under_way"]) for one in said["faults"]] == [
        ("mill-9", False),
        ("press-1", True),
        ("mill-1", False),
    ]
    assert [one["machine"] for one in ask(lab, "/api/faultlab?limit=1")["faults"]] == ["mill-9"]


def test_a_jam_lost_what_the_mill_would_have_run_and_made_at_its_pace_before(lab: FlaskClient) -> None:
    jam = ask(lab, "/api/faultlab")["faults"][2]

    # 35 minutes running, 34 parts; so five minutes are worth five minutes and 34 / 7 parts.
    assert (jam["lost_s"], jam["lost_parts"]) == (300.0, round(34 / 7, 1))
    assert (jam["lost_against"], jam["lost_of_s"]) == ("normal pace", 300.0)
    measured, truth = (
        ask(
            lab, "/api/kpis?machine=mill-1&from=2026-01-05T06:35:00Z&to=2026-01-05T06:40:00Z&source=" + source
        )
        for source in ("measured", "truth")
    )
    assert truth["utilization"] == 0
    assert jam["utilization_error_points"] == round(100 * measured["utilization"], 3)
    assert jam["false_calls"] is None
    assert "called" in jam["why"]


def test_what_cannot_be_said_is_null_with_the_reason(lab: FlaskClient) -> None:
    strange, delay, _ = ask(lab, "/api/faultlab")["faults"]

    assert (delay["lost_s"], delay["lost_against"]) == (None, "twin")
    assert delay["why"]["lost"] == "the machine has no twin to compare with"
    assert delay["false_calls"] == 0
    assert strange["lost_s"] is None
    assert set(strange["why"].values()) == {
        "the office had said nothing of this machine as it began",
        "the history knows nothing of this machine yet",
    }


def test_scores_are_a_table_too(lab: FlaskClient) -> None:
    lines = get(lab, "/api/faultlab?format=csv").text.splitlines()

    assert lines[0].lstrip("\ufeff").startswith("machine,fault,signal,severity,from,until,under_way,seen_as")
    assert lines[3].startswith("mill-1,jam,,1.0,2026-01-05T06:35:00.000Z,2026-01-05T06:40:00.000Z,false")
