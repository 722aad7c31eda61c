"""The doctor on the terminal: asked when nothing runs, when parts do, and when a credential is wrong."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dashboard.chain.links import Link, Measure
from dashboard.chain.remedies import CREDENTIAL, FULL
from dashboard.chain.sentences import Sentence
from demo.claims import claim_folder
from demo.doctor.findings import Asked, Findings, find
from demo.doctor.places import refusal_in
from demo.doctor.printed import WIDTH, printed
from demo.plug import Plug
from protocol.messages import Clock, encode
from protocol.moments import from_ms
from tests.broker.clients import Client
from tests.ports import own_port
from tests.web.plant import NOW_MS, RUN, SHIFT_MS, HandMachine, HandOffice

if TYPE_CHECKING:
    from tests.broker.running import RunningBroker

PROJECT = Path(__file__).parents[2]


def asked(state: Path, broker: RunningBroker | None = None) -> Asked:
    return Asked(
        page=f"http://127.0.0.1:{own_port()}",
        broker=f"mqtt://127.0.0.1:{own_port()}" if broker is None else broker.url,
        credentials=state / "credentials" if broker is None else broker.credentials,
        state=state,
    )


def test_where_nothing_runs_it_says_so_what_to_do_first_and_ends_with_one(tmp_path: Path) -> None:
    asking = [sys.executable, "-m", "demo", "doctor", "--port", str(own_port())]
    asking += ["--mqtt-port", str(own_port()), "--state", str(tmp_path / "none")]

    answer = subprocess.run(asking, cwd=PROJECT, capture_output=True, text=True, check=False)

    assert answer.returncode == 1
    assert "Nothing runs: neither a demo in" in answer.stdout
    assert "To do: make demo (or docker compose up -d)" in answer.stdout
    assert answer.stderr == ""
    assert not (tmp_path / "none").exists()


def test_of_a_demo_whose_broker_and_page_are_gone_the_broker_comes_first(tmp_path: Path) -> None:
    with claim_folder(tmp_path):
        found = find(asked(tmp_path))

    assert [one.link for one in found.sentences] == ["broker", "web"]
    assert [one.lamp for one in found.links] == ["broken", "unknown", "unknown", "unknown", "broken"]
    assert not found.well


@pytest.mark.broker
def test_without_the_page_it_hears_plant_and_office_at_the_broker(
    tmp_path: Path, broker: RunningBroker
) -> None:
    office = HandOffice(broker, [HandMachine(name="mill-1")])
    office.tell_board()
    with claim_folder(tmp_path), office.speaking():
        found = find(asked(tmp_path, broker))
    office.close()

    assert [one.link for one in found.sentences] == ["web"]
    lamps = {one.link: one.lamp for one in found.links}
    assert (lamps["broker"], lamps["ingest"], lamps["web"]) == ("well", "well", "broken")
    (measures,) = [one.measures for one in found.links if one.link == "broker"]
    assert any(str(one.value).startswith("mosquitto version") for one in measures)


@pytest.mark.broker
@pytest.mark.parametrize(("role", "link"), [("office", "ingest"), ("machines", "simulator")])
def test_a_credential_that_the_broker_does_not_take_is_found_by_trying_it(
    tmp_path: Path, broker: RunningBroker, role: str, link: str
) -> None:
    office = HandOffice(broker, [HandMachine(name="mill-1")])
    plant = Client(broker.port, "machines", broker.password("machines"))
    clock = Clock(run=RUN, epoch=from_ms(SHIFT_MS), at=from_ms(NOW_MS), wall=datetime.now(UTC), speed=60.0)
    plant.say(["shopfloor/_plant/clock"], encode(clock), retain=True)
    office.tell()
    (broker.credentials / role).write_text("wrong\n", encoding="utf-8")
    with claim_folder(tmp_path):
        found = find(asked(tmp_path, broker))
    plant.close()
    office.close()

    (sentence,) = [one for one in found.sentences if one.link == link]
    assert f"credential (user {role})" in sentence.what
    assert sentence.remedy == CREDENTIAL


@pytest.mark.broker
def test_an_office_that_is_unplugged_is_said_to_be_that(tmp_path: Path, broker: RunningBroker) -> None:
    Plug.of(tmp_path).pull()
    with claim_folder(tmp_path):
        found = find(asked(tmp_path, broker))

    (sentence,) = [one for one in found.sentences if one.link == "ingest"]
    assert sentence.what == "The office (ingest) is unplugged: nobody is called."
    assert sentence.remedy.demo == "python -m demo plug push"


def test_a_log_tells_of_a_refusal_until_the_part_is_let_in(tmp_path: Path) -> None:
    log = tmp_path / "ingest.log"
    refused = (
        "WARNING protocol.session: office: the broker at 127.0.0.1:1883 refuses user 'office': "
        "Not authorized; trying again every 1 to 5 s\n"
    )
    before = refusal_in(log)
    log.write_text("INFO something else\n" + refused + "INFO more\n", encoding="utf-8")
    then = refusal_in(log)
    with log.open("a", encoding="utf-8") as file:
        file.write("INFO protocol.session: office: connected to the broker at 127.0.0.1:1883\n")

    assert (before, then, refusal_in(log)) == ("", "Not authorized", "")


def test_what_is_printed_has_a_row_for_each_link_and_what_to_do_where_it_runs() -> None:
    sentence = Sentence(
        link="history", weight="broken", what="The disk is full.",
        since_wall_ms=int(time.time() * 1_000), remedy=FULL,
    )  # fmt: skip
    measures = (
        Measure(key="size_bytes", words="size on the disk", value=21_900_000, unit="bytes"),
        Measure(key="free_bytes", words="free on the disk", value=None, unit="bytes"),
    )
    links = [Link(link="history", lamp="broken", sentence=sentence, measures=measures)]

    said = {
        place: printed(Findings(place=place, links=links, sentences=[sentence]))
        for place in ("demo", "docker")
    }

    assert "  history     BROKEN    size on the disk 21.9 MB\n" in said["demo"]
    assert "1. history: The disk is full. Since " in said["demo"]
    assert "df -h var" in said["demo"]
    assert "docker system df" in said["docker"]
    assert max(len(line) for text in said.values() for line in text.splitlines()) <= WIDTH
    assert printed(Findings(place="demo", links=[], sentences=[])) == "All is well."
