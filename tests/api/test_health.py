"""Health and metrics: of an office that speaks on a real broker, and of one that does not."""

import time
import urllib.parse

import pytest
from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics

from dashboard.conclusions import Keeping, Process
from dashboard.live.channel import Channel
from protocol.moments import from_text
from tests.api.asking import ask, get, samples, wait_until
from tests.web.plant import HandOffice, a_call

pytestmark = pytest.mark.broker


def test_all_is_well_while_the_office_speaks(
    listening: tuple[FlaskClient, Channel], office: HandOffice
) -> None:
    client, channel = listening
    with office.speaking():
        wait_until(lambda: channel.board is not None)
        health = ask(client, "/api/health")

    assert (health["status"], health["reason"]) == ("ok", "")
    assert [part["part"] for part in health["chain"]] == ["broker", "simulator", "ingest", "history", "web"]
    assert health["sentences"] == []
    assert all(part["ok"] for part in health["chain"])
    assert health["run"] == office.board_of().run
    assert 0 <= health["age_s"] < 5
    assert (health["gaps"], health["repeats"], health["refused"]) == (0, 0, 0)


def test_a_plant_whose_clock_stands_still_is_named(
    listening: tuple[FlaskClient, Channel], office: HandOffice
) -> None:
    client, channel = listening
    office.board = {"achieved": 0.0, "gaps": 3}
    with office.speaking():
        wait_until(lambda: channel.board is not None and channel.board.gaps == 3)
        health = ask(client, "/api/health")

    assert health["status"] == "degraded"
    assert health["reason"] == "The plant's clock stands still."
    assert health["gaps"] == 3


def test_a_broker_that_is_away_is_named_and_nobody_behind_it_is_blamed(client: FlaskClient) -> None:
    health = ask(client, "/api/health")

    assert health["status"] == "degraded"
    assert health["reason"].startswith("No connection to the broker at ")
    assert [one["link"] for one in health["sentences"]] == ["broker"]
    lamps = {part["part"]: part["lamp"] for part in health["chain"]}
    assert (lamps["broker"], lamps["simulator"], lamps["ingest"]) == ("broken", "unknown", "unknown")
    assert health["age_s"] is None


def test_an_office_that_was_never_heard_is_named(listening: tuple[FlaskClient, Channel]) -> None:
    client, channel = listening
    wait_until(lambda: channel.connected)

    health = ask(client, "/api/health")

    assert health["reason"] == "The office (ingest) has not been heard yet: it is starting, or does not run."


def test_the_links_say_what_the_office_and_the_broker_say_of_themselves(
    listening: tuple[FlaskClient, Channel], office: HandOffice
) -> None:
    client, channel = listening
    now_ms = int(time.time() * 1_000)
    keeping = Keeping(
        committed_wall_ms=now_ms, took_ms=3.5, failing="", failing_since_wall_ms=None,
        size_bytes=8_192, free_bytes=10**9,
    )  # fmt: skip
    office.work(
        process=Process(
            wall_ms=now_ms, waiting=7, dropped=0, late=2, memory_bytes=60_000_000, keeping=keeping
        )
    )
    wait_until(lambda: channel.known().work is not None and channel.known().broker.version != "")

    chain = {part["part"]: part["measures"] for part in ask(client, "/api/health")["chain"]}
    found = {part: {one["key"]: one["value"] for one in measures} for part, measures in chain.items()}

    assert found["broker"]["address"] == str(channel.address)
    assert found["broker"]["version"].startswith("mosquitto version ")
    assert found["ingest"] | {"messages_per_s": 31.4, "waiting": 7, "late": 2} == found["ingest"]
    assert found["history"] | {"commit_ms": 3.5, "size_bytes": 8_192} == found["history"]
    assert found["web"]["streams"] == 0
    assert all(one["of"] == 100_000 for one in chain["ingest"] if one["key"] == "waiting")


def test_a_history_that_takes_nothing_is_named_while_the_office_says_so(
    listening: tuple[FlaskClient, Channel], office: HandOffice
) -> None:
    client, channel = listening
    now_ms = int(time.time() * 1_000)
    keeping = Keeping(
        committed_wall_ms=None, took_ms=None, failing="database or disk is full",
        failing_since_wall_ms=now_ms - 9_000, size_bytes=8_192, free_bytes=0,
    )  # fmt: skip
    office.work(
        process=Process(wall_ms=now_ms, waiting=0, dropped=0, late=0, memory_bytes=None, keeping=keeping)
    )
    with office.speaking():
        wait_until(lambda: channel.work is not None)
        (sentence,) = ask(client, "/api/health")["sentences"]

    assert (sentence["link"], sentence["weight"]) == ("history", "broken")
    assert sentence["what"].startswith("The history cannot be written: the disk is full.")
    assert from_text(sentence["since"]) == now_ms - 9_000


def test_open_calls_are_counted_by_rule_and_machine(
    listening: tuple[FlaskClient, Channel], office: HandOffice
) -> None:
    client, channel = listening
    office.call(
        a_call("mill-1", 10),
        a_call("mill-1", 5, rule="micro-stops", acknowledged_ms=office.now_ms),
        a_call("press-1", 5, acknowledged_ms=office.now_ms),
    )
    wait_until(lambda: channel.calls is not None and len(channel.machines()) == 2)

    health = ask(client, "/api/health")
    found = {
        (one.name, one.labels.get("rule") or one.labels.get("machine")): one.value
        for one in samples(get(client, "/metrics").text)
        if "call" in one.name
    }

    assert health["open_calls"] == 3
    assert found == {
        ("shopfloor_calls_raised_total", None): 3,
        ("shopfloor_calls_open", "stopped"): 2,
        ("shopfloor_calls_open", "micro-stops"): 1,
        ("shopfloor_calls_open", "slow-cycle"): 0,
        ("shopfloor_calls_open", "no-data"): 0,
        ("shopfloor_calls_open", "trend"): 0,
        ("shopfloor_machine_called", "mill-1"): 1,
        ("shopfloor_machine_called", "press-1"): 1,
        ("shopfloor_machine_call_unheard", "mill-1"): 1,
        ("shopfloor_machine_call_unheard", "press-1"): 0,
    }


def test_metrics_parse_and_say_what_the_office_said(
    listening: tuple[FlaskClient, Channel], office: HandOffice
) -> None:
    client, channel = listening
    wait_until(lambda: channel.board is not None and len(channel.machines()) == 2)
    found = samples(get(client, "/metrics").text)

    def value(name: str, **labels: str) -> float:
        (one,) = [one.value for one in found if one.name == name and labels.items() <= one.labels.items()]
        return one

    mill = office.tile(office.machines[0])
    labels = {"machine": "mill-1", "line": "machining"}
    assert value("shopfloor_machine_state", **labels, state="down") == 1
    assert (
        sum(
            one.value
            for one in found
            if one.name == "shopfloor_machine_state" and one.labels["machine"] == "mill-1"
        )
        == 1
    )
    assert value("shopfloor_shift_state_seconds", **labels, state="running") == mill.shift.running_ms / 1_000
    assert value("shopfloor_shift_utilization_ratio", **labels) == mill.shift.utilization
    assert value("shopfloor_machine_info", **labels, kind="cnc-mill", how="reported") == 1
    assert value("shopfloor_part_up", part="broker") == 1
    assert value("shopfloor_machines") == 2
    assert value("shopfloor_messages_refused_total") == 0


def test_what_is_undefined_has_no_sample(listening: tuple[FlaskClient, Channel], office: HandOffice) -> None:
    client, channel = listening
    wait_until(lambda: len(channel.machines()) == len(office.machines))

    found = samples(get(client, "/metrics").text)

    press = [one.name for one in found if one.labels.get("machine") == "press-1"]
    assert "shopfloor_shift_uptime_ratio" not in press
    assert "shopfloor_shift_uptime_low_ratio" in press
    assert "shopfloor_shift_parts" not in press


def test_metrics_keep_to_the_conventions_and_to_few_labels(
    listening: tuple[FlaskClient, Channel], office: HandOffice
) -> None:
    client, channel = listening
    wait_until(lambda: len(channel.machines()) == len(office.machines))
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    # This parser refuses what the format forbids: counters without _total, samples that come twice …
    families = list(parse_openmetrics(answer.text))  # type: ignore[no-untyped-call]

    assert answer.mimetype == "application/openmetrics-text"
    for family in families:
        assert family.documentation, family.name
        assert family.name.startswith("shopfloor_")
        assert not family.name.endswith(("_ms", "_percent", "_minutes", "_hours")), family.name
        for sample in family.samples:
            allowed = {"machine", "line", "state", "part"}
            if family.type == "info":
                allowed |= {"version", "kind", "how"}
            assert sample.labels.keys() <= allowed, sample


def test_a_scrape_that_asks_for_something_is_refused(client: FlaskClient) -> None:
    body = ask(client, f"/metrics?{urllib.parse.urlencode({'name[]': 'up'})}", 400)

    assert body["parameter"] == "name[]"
