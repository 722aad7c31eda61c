"""What README, CONTRIBUTING and the tour promise is there and works as written."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from dashboard.calls.record import CallRecord, call_id
from dashboard.calls.rules import OF_NAME
from dashboard.calls.webhook import sentence
from dashboard.history.store import Store
from dashboard.ingest.office import Office
from dashboard.ingest.outbox import Event
from dashboard.ingest.receiver import PostError, Receiver
from protocol.messages import Call, Response, decode
from protocol.moments import from_text, to_ms, to_text
from protocol.readings import decode_batch
from protocol.topics import parse_machine_topic
from simulator.specs.kind import load_kinds
from simulator.specs.machine import parse_machine
from tests.broker.clients import wait_until

PROJECT = Path(__file__).parents[2]
SIX_MS = from_text("2026-01-05T06:00:00Z")
NOW_MS = SIX_MS + 600_000
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/tour.md",
    "docs/commands.md",
    "docs/faults.md",
    "docs/gain.md",
    "docs/guided-tour.md",
    "docs/decisions.md",
    "docs/doctor.md",
    "docs/messages.md",
    "docs/calls.md",
    "docs/pull-the-plug.md",
    "docs/performance.md",
)
README = (PROJECT / "README.md").read_text(encoding="utf-8")
FOLDERS = ("broker-config", "dashboard", "demo", "docs", "protocol", "simulator", "tests")
OTHER_FILES = {"simulator/machines/mill-7.toml"}
"""Files that the reader is told to make."""


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_calls_that_are_shown_are_calls_with_the_ids_that_they_have() -> None:
    every = blocks((PROJECT / "docs/calls.md").read_text(encoding="utf-8"), "json")
    shown = [text for text in every if '"text"' not in text]
    calls = [decode(text.encode(), Call) for text in shown if "raised" in text]
    (response,) = [decode(text.encode(), Response) for text in shown if "raised" not in text]

    assert [one.rule for one in calls] == list(OF_NAME)
    assert [one.id for one in calls] == [
        call_id(one.run, one.machine, one.rule, to_ms(one.raised)) for one in calls
    ]
    assert response.call == calls[0].id


def test_the_post_that_is_shown_is_what_is_posted_of_the_call_that_is_shown() -> None:
    shown = blocks((PROJECT / "docs/calls.md").read_text(encoding="utf-8"), "json")
    (post,) = [text for text in shown if '"text"' in text]
    event = msgspec.json.decode(post, type=Event)
    call = CallRecord(
        run=event.call.run,
        machine=event.call.machine,
        rule=event.call.rule,
        cause=event.call.cause,
        since_ms=to_ms(event.call.since),
        raised_ms=to_ms(event.call.raised),
    )

    assert event.call == decode(shown[0].encode(), Call)
    assert event.id == f"{call.id}-raised"
    assert event.text == sentence("raised", call)
    assert event.at == to_text(call.raised_ms)


def test_the_receiver_that_is_shown_tells_people_of_each_event_once() -> None:
    (program,) = blocks((PROJECT / "docs/calls.md").read_text(encoding="utf-8"), "python")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    receiver = subprocess.Popen(
        [sys.executable, "-c", program.replace("9000", str(port))],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    hook = Receiver(url=f"http://127.0.0.1:{port}/calls", headers={}, timeout_s=5.0)

    def posted(body: bytes) -> bool:
        try:
            hook.post(body)
        except PostError:
            return False
        return True

    wait_until(lambda: posted(b'{"id": "1-raised", "text": "mill-1 needs somebody"}'))
    hook.post(b'{"id": "1-raised", "text": "mill-1 needs somebody"}')
    hook.post(b'{"id": "1-closed", "text": "mill-1 is well again"}')
    receiver.terminate()

    assert receiver.communicate(timeout=15)[0].splitlines() == [
        "mill-1 needs somebody",
        "mill-1 is well again",
    ]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    text = (PROJECT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]

    for link in links:
        assert ((PROJECT / page).parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    text = (PROJECT / page).read_text(encoding="utf-8")
    named = {
        name
        for name in re.findall(r"`([\w./-]+\.(?:py|toml|js|md|yml|conf))`", text)
        if name.startswith(FOLDERS) and name not in OTHER_FILES
    }

    assert [name for name in sorted(named) if not (PROJECT / name).exists()] == []


def test_the_tour_names_only_modules_that_exist() -> None:
    text = (PROJECT / "docs/tour.md").read_text(encoding="utf-8")
    existing = {
        path.name
        for folder in FOLDERS
        for path in (PROJECT / folder).rglob("*")
        if path.suffix in {".py", ".js"}
    }
    named = {name.rpartition("/")[2] for name in re.findall(r"`([\w/]+\.(?:py|js))`", text)}

    assert len(named) > 20
    assert sorted(named - existing) == []


def test_the_machine_to_add_is_one_the_simulator_takes() -> None:
    kinds = load_kinds(PROJECT / "simulator" / "kinds")
    text = re.search(r"<<END\n(.*?)END\n", README, re.DOTALL)
    assert text is not None

    machine = parse_machine(text.group(1), "mill-7.toml", kinds)

    assert (machine.kind, machine.location) == ("cnc-mill", ("machining",))


def test_the_message_that_is_shown_is_one_the_office_understands() -> None:
    topic, _, payload = re.search(r"```\n(shopfloor/\S+)(\n)(\{.*?\})\n```", README, re.DOTALL).groups()  # type: ignore[union-attr]

    batch = decode_batch(payload.encode())

    assert parse_machine_topic(topic).machine == "mill-1"
    assert batch.signals["power_kw"].tolist() == [7.91, 8.02]
    assert [change.offset_ms for change in batch.changes] == [1_412, 1_412]


def test_the_messages_on_the_page_about_them_are_understood_as_it_says(tmp_path: Path) -> None:
    page = (PROJECT / "docs/messages.md").read_text(encoding="utf-8")
    birth, *readings, edge = blocks(page, "json")
    office = Office(root="shopfloor", store=Store(f"sqlite:///{tmp_path}/history.db"))

    for kind, text in (("birth", birth), *(("readings", text) for text in readings)):
        office.receive(f"shopfloor/line-1/press-7/{kind}", text.encode(), wall_ms=NOW_MS, retained=False)

    press = office.fleet.shown()["press-7"]
    assert office.refused.total == 0
    assert [(start - SIX_MS, state.value, cause) for start, _, state, cause in press.timeline.window(
        SIX_MS + 30_000, SIX_MS + 161_250
    )] == [(30_000, "running", ""), (101_250, "down", "jam")]  # fmt: skip
    assert press.timeline.known_until_ms == SIX_MS + 101_250 + 60_000
    assert press.tally.made(SIX_MS, SIX_MS + 120_000) == (4, 0)

    office.receive("shopfloor/line-1/_batch/readings", edge.encode(), wall_ms=NOW_MS, retained=False)

    machines = office.fleet.shown()
    assert office.refused.total == 0
    assert {name: (one.last_at_ms or 0) - SIX_MS - 180_000 for name, one in machines.items()} == {
        "press-7": 30_000, "press-8": 30_000, "press-9": 10_000
    }  # fmt: skip
    assert press.tally.made(SIX_MS, SIX_MS + 180_001) == (10, 0)
    assert {one.path for one in machines.values()} == {"line-1"}
    office.store.close()


@pytest.mark.parametrize("command", [["kinds"], ["check"], ["--help"]])
def test_the_commands_work_as_written(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulator", *command],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
