"""Every golden example that is, or can be told as, an event log: through Mosquitto, ingest, and the API."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import pytest
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from dashboard.app import Settings, make_app
from dashboard.calendar.places import Calendar
from dashboard.kpi.basis import Basis
from dashboard.kpi.choices import Choices
from dashboard.losses.reasons import Reasons
from protocol.address import Address
from protocol.moments import from_text, to_text
from tests.broker.running import PROJECT, RunningBroker
from tests.golden.logbook import Logbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

pytestmark = pytest.mark.broker

SOON_S = 120.0
"""On a busy machine Python alone may take a quarter of a minute to start."""
DAY = "2026-01-05T00:00:00.000Z"
MINUTE = 60
HOUR = 3_600
CALENDAR = """
zone = "UTC"
[[shift]]
name = "day"
starts = "00:00"

[[machine."can-line".break]]
name = "meals"
starts = "07:00"
ends = "08:00"

[[machine."press-22-1".maintenance]]
name = "not planned"
from = "2026-01-05 01:40"
to = "2026-01-05 02:00"

[[machine."press-22-2".maintenance]]
name = "not planned"
from = "2026-01-05 05:00"
to = "2026-01-05 06:00"

[[machine."welder".maintenance]]
name = "planned down time"
from = "{welder_from}"
to = "{welder_to}"
"""

# G18: seconds in each state by the hour in which they are booked, and how long that hour therefore is.
WELDER = [
    [("down", 2580 + 1015)],
    [("down", 3381 + 222)],
    [("down", 143), ("running", 20), ("down", 3190), ("running", 20), ("idle", 241)],
    [("idle", 1971), ("running", 392), ("down", 1220)],
    [("running", 455), ("idle", 1166), ("down", 1981)],
    [("down", 3600)],
    [("down", 1600), ("running", 443), ("idle", 1562)],
    [("idle", 1982), ("down", 1500), ("running", 119)],
]
WELDER_BEGINS = "2026-01-05T07:00:00.000Z"
WELDER_HOURS_S = [sum(seconds for _, seconds in hour) for hour in WELDER]
# The planned down time is the last 601 s of the fifth hour and the first 2,999 s of the sixth.
WELDER_PLANNED_DOWN_S = sum(WELDER_HOURS_S[:5]) - 601

LOGS = [
    Logbook(
        topic="shopfloor/bottling/can-line",
        begins=DAY,
        states=[("running", 373 * MINUTE), ("down", 47 * MINUTE), ("idle", 60 * MINUTE)],
        ideal_cycle_s=1,
        counts=[(0, 0, 0), (373 * MINUTE, 19_271, 423)],
    ),
    Logbook(
        topic="shopfloor/presses/press-10",
        begins=DAY,
        states=[("running", 75 * MINUTE), ("idle", 25 * MINUTE)],
        ideal_cycle_s=56.25,
        counts=[(0, 0, 0), (75 * MINUTE, 100, 5)],
    ),
    Logbook(
        topic="shopfloor/presses/press-14",
        begins=DAY,
        states=[("running", 400 * MINUTE), ("down", 50 * MINUTE), ("setup", 30 * MINUTE)],
        ideal_cycle_s=30,
        counts=[(0, 0, 0), (400 * MINUTE, 700, 100)],
    ),
    Logbook(
        topic="shopfloor/flux/flux-15",
        begins=DAY,
        states=[
            ("running", HOUR),
            ("running", HOUR),
            ("idle", HOUR),
            ("running", HOUR / 2),
            ("running", HOUR / 2),
            ("idle", 4 * HOUR),
        ],
        ideal_cycle_s=30,
        counts=[
            (0, 1200, 10),
            (HOUR, 1300, 11),
            (2 * HOUR, 1400, 11),
            (3 * HOUR, 1400, 11),
            (3.5 * HOUR, 1440, 14),
        ],
    ),
    Logbook(
        topic="shopfloor/welding/welder",
        begins=WELDER_BEGINS,
        states=[event for hour in WELDER for event in hour],
    ),
    Logbook(
        topic="shopfloor/line-22/press-22-1",
        begins=DAY,
        states=[("running", 90 * MINUTE), ("down", 10 * MINUTE), ("idle", 20 * MINUTE)],
        ideal_cycle_s=60,
        counts=[(0, 0, 0), (90 * MINUTE, 80, 0)],
    ),
    Logbook(
        topic="shopfloor/line-22/press-22-2",
        begins=DAY,
        states=[("running", 150 * MINUTE), ("down", 150 * MINUTE), ("idle", 60 * MINUTE)],
        ideal_cycle_s=60,
        counts=[(0, 0, 0), (150 * MINUTE, 150, 15)],
    ),
    Logbook(
        topic="shopfloor/repairs/pump-25",
        begins=DAY,
        states=[("running", 200 * MINUTE), ("down", 10 * MINUTE)] * 5,
    ),
    Logbook(topic="shopfloor/repairs/pump-26", begins=DAY, states=[("running", 1_000 * MINUTE)]),
    Logbook(
        topic="shopfloor/elements/unit-1",
        begins=DAY,
        states=[
            ("running", 330 * MINUTE),
            ("setup", 40 * MINUTE),
            ("down", 50 * MINUTE),
            ("idle", 30 * MINUTE),
        ],
        ideal_cycle_s=48,
        counts=[(0, 0, 0), (330 * MINUTE, 380, 19)],
    ),
]


# G15 once more, as a device would say it that knows nothing of batches: what it is at each event, which
# then holds for an hour at the most. Every message twice, and the last one first.
PLAIN = [
    (
        "birth",
        '{"at": "2026-01-05T00:00:00Z", "states": "reported", "period_ms": 3600000, "ideal_cycle_s": 30}',
    ),
    *(
        (
            "readings",
            f'{{"at": "2026-01-05T{clock}:00Z", "state": "{state}", "parts": {parts}, "rejects": {bad}}}',
        )
        for clock, state, parts, bad in 2
        * [
            ("07:00", "idle", 1440, 14),
            ("00:00", "running", 1200, 10),
            ("01:00", "running", 1300, 11),
            ("02:00", "idle", 1400, 11),
            ("03:00", "running", 1400, 11),
            ("03:30", "running", 1440, 14),
            ("04:00", "idle", 1440, 14),
            ("05:00", "idle", 1440, 14),
            ("06:00", "idle", 1440, 14),
        ]
    ),
]


def calendar_text() -> str:
    """The calendar of all of them, the welder's planned down time to the second."""
    begins_ms = from_text(WELDER_BEGINS) + WELDER_PLANNED_DOWN_S * 1_000
    both = (to_text(at_ms)[:19].replace("T", " ") for at_ms in (begins_ms, begins_ms + 3_600_000))
    welder_from, welder_to = both
    return CALENDAR.format(welder_from=welder_from, welder_to=welder_to)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A history to which a real ingest has written what a real broker carried."""
    folder = tmp_path_factory.mktemp("golden")
    calendar = folder / "calendar.toml"
    calendar.write_text(calendar_text(), encoding="utf-8")
    broker = RunningBroker(folder / "broker")
    broker.start()
    command = [
        sys.executable, "-m", "dashboard", "ingest", "--broker", broker.url,
        "--credentials", str(broker.credentials), "--history", f"sqlite:///{folder}/history.db",
        "--calendar", str(calendar), "--heartbeat", str(folder / "beat"),
    ]  # fmt: skip
    ingest = subprocess.Popen(command, cwd=PROJECT)
    try:
        _wait_for(folder / "beat")
        _tell(broker)
        with make_app(settings(folder))[0].server.test_client() as client:
            until_s = time.monotonic() + SOON_S
            while len(_heard(client)) < len(LOGS):
                assert time.monotonic() < until_s, f"heard only of {_heard(client)}"
                time.sleep(0.1)
        yield folder
    finally:
        ingest.terminate()
        ingest.wait(SOON_S)
        broker.kill()


def _wait_for(file: Path) -> None:
    until_s = time.monotonic() + SOON_S
    while not file.exists():
        assert time.monotonic() < until_s, "ingest did not start"
        time.sleep(0.05)


def _tell(broker: RunningBroker) -> None:
    """Say all logs, each second half before its first, and every message twice."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set("machines", broker.password("machines"))
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    sent = [client.publish(f"{log.topic}/birth", log.birth(), qos=1, retain=True) for log in LOGS]
    sent += [client.publish(f"shopfloor/flux/flux-16/{kind}", text, qos=1) for kind, text in PLAIN]
    for log in LOGS:
        first, second = log.batches()
        sent += [client.publish(f"{log.topic}/readings", one, qos=1) for one in (second, first, second)]
    for one in sent:
        one.wait_for_publish(SOON_S)
    client.disconnect()
    client.loop_stop()


def _heard(client: FlaskClient) -> set[str]:
    """The machines of which both halves of the log are in the history."""
    heard = set()
    for log in LOGS:
        name = log.topic.rsplit("/", 1)[1]
        end = to_text(from_text(log.begins) + round(log.length_s * 1_000))
        answer = client.get(f"/api/kpis?machine={name}&from={log.begins}&to={end}")
        if answer.status_code == 200 and answer.json is not None and not answer.json["unknown_s"]:
            heard.add(name)
    return heard


def settings(folder: Path, **choices: Any) -> Settings:
    """Of an application over that history."""
    calendar = Calendar.read(folder / "calendar.toml")
    return Settings(
        address=Address(host="127.0.0.1", port=1),
        root="shopfloor",
        history=f"sqlite:///{folder}/history.db",
        basis=Basis(calendar=calendar, choices=Choices(**choices)),
        reasons=Reasons.read(),
        guest_line="",
    )


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[FlaskClient]:
    with make_app(settings(folder))[0].server.test_client() as client:
        yield client


def kpis(client: FlaskClient, what: str, from_: str, seconds: float) -> dict[str, Any]:
    to = to_text(from_text(from_) + round(seconds * 1_000))
    answer = client.get(f"/api/kpis?{what}&from={from_}&to={to}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json  # type: ignore[assignment]
    return found


def test_g1_a_shift_of_cans(client: FlaskClient) -> None:
    found = kpis(client, "machine=can-line", DAY, 480 * MINUTE)

    assert found["planned_s"] == 420 * MINUTE
    assert found["utilization"] == pytest.approx(0.8881, abs=5e-5)
    assert found["performance"] == pytest.approx(0.8611, abs=5e-5)
    assert found["quality"] == pytest.approx(0.9780, abs=5e-5)
    assert found["oee"] == pytest.approx(0.7479, abs=5e-5)
    assert found["teep"] == pytest.approx(0.6544, abs=5e-5)
    assert found["planned_s"] / found["calendar_s"] == 0.875


def test_g10_performance_is_shown_as_it_is_or_capped_by_choice(client: FlaskClient, folder: Path) -> None:
    found = kpis(client, "machine=press-10", DAY, 100 * MINUTE)
    assert (found["utilization"], found["performance"], found["quality"]) == (0.75, 1.25, 0.95)
    assert found["oee"] == pytest.approx(0.8906, abs=5e-5)

    with make_app(settings(folder, performance_above_1="capped"))[0].server.test_client() as capping:
        capped = kpis(capping, "machine=press-10", DAY, 100 * MINUTE)
    assert capped["performance"] == 1.0
    assert capped["oee"] == pytest.approx(0.7125)


def test_g14_a_shift_of_losses(client: FlaskClient) -> None:
    found = kpis(client, "machine=press-14", DAY, 480 * MINUTE)

    assert found["utilization"] == pytest.approx(0.8333, abs=5e-5)
    assert (found["performance"], found["good"]) == (0.875, 600)
    assert found["quality"] == pytest.approx(0.8571, abs=5e-5)
    assert found["oee"] == pytest.approx(0.625)


def test_g15_counters_are_differenced_from_their_first_value(client: FlaskClient) -> None:
    found = kpis(client, "machine=flux-15", DAY, 8 * HOUR)

    assert (found["running_s"], found["planned_s"], found["parts"]) == (10_800, 28_800, 240)
    assert found["utilization"] == 0.375
    assert found["performance"] == pytest.approx(0.6666667, abs=5e-8)
    assert found["quality"] == pytest.approx(0.9833333, abs=5e-8)
    assert found["oee"] == pytest.approx(0.2458333, abs=5e-8)


def test_g15_told_as_one_plain_message_an_event_gives_the_same(client: FlaskClient) -> None:
    whole = kpis(client, "machine=flux-15", DAY, 8 * HOUR)
    plain = kpis(client, "machine=flux-16", DAY, 8 * HOUR)

    for key in ("running_s", "observed_s", "parts", "good", "utilization", "performance", "quality", "oee"):
        assert plain[key] == whole[key], key


def test_g18_the_welder_s_shift_is_summed_and_not_averaged(client: FlaskClient) -> None:
    shift = kpis(client, "machine=welder", WELDER_BEGINS, sum(WELDER_HOURS_S))

    starts_s = accumulate(WELDER_HOURS_S, initial=0)
    hours = [
        kpis(client, "machine=welder", to_text(from_text(WELDER_BEGINS) + start * 1_000), length)
        for start, length in zip(starts_s, WELDER_HOURS_S, strict=False)
    ]
    assert [round(100 * (hour["uptime"] or 0)) for hour in hours] == [0, 0, 8, 66, 54, 0, 56, 58]
    assert (shift["calendar_s"], shift["planned_s"], shift["down_s"]) == (28_803, 25_203, 16_832)
    assert shift["running_s"] + shift["idle_s"] == 8_371
    assert shift["uptime"] == pytest.approx(0.33214, abs=5e-6)
    assert sum(hour["uptime"] or 0 for hour in hours) / 8 == pytest.approx(0.302, abs=5e-4)


def test_g22_a_line_is_summed_and_not_averaged(client: FlaskClient) -> None:
    line = kpis(client, "line=line-22", DAY, 6 * HOUR)
    each = {name: kpis(client, f"machine={name}", DAY, 6 * HOUR) for name in ("press-22-1", "press-22-2")}

    # The first one's log ends after two hours; what comes then is neither observed nor running.
    assert each["press-22-1"]["oee"] == pytest.approx(0.80)
    assert each["press-22-2"]["oee"] == pytest.approx(0.45)
    assert line["oee"] == pytest.approx(0.5375)
    assert line["utilization"] == pytest.approx(0.60)
    assert line["performance"] == pytest.approx(0.9583, abs=5e-5)
    assert line["quality"] == pytest.approx(0.9348, abs=5e-5)
    assert (line["parts"], line["good"]) == (230, 215)


def test_g22_planned_share_of_all_time(client: FlaskClient) -> None:
    one = kpis(client, "machine=press-22-1", DAY, 120 * MINUTE)
    other = kpis(client, "machine=press-22-2", DAY, 360 * MINUTE)

    planned, everything = (one[key] + other[key] for key in ("planned_s", "calendar_s"))
    assert planned / everything == pytest.approx(400 / 480)


def test_g25_mean_times_between_failures_and_to_restoration(client: FlaskClient) -> None:
    found = kpis(client, "machine=pump-25", DAY, 1_050 * MINUTE)
    sound = kpis(client, "machine=pump-26", DAY, 1_000 * MINUTE)

    assert (found["failures"], found["mtbf_s"], found["mttr_s"]) == (5, 200 * MINUTE, 10 * MINUTE)
    assert found["utilization"] == pytest.approx(0.952381, abs=5e-7)
    assert (sound["failures"], sound["mtbf_s"], sound["mttr_s"]) == (0, None, None)
    assert sound["utilization"] == 1.0


def test_d1_the_elements_of_iso_22400(client: FlaskClient) -> None:
    found = kpis(client, "machine=unit-1", DAY, 450 * MINUTE)

    assert found["utilization"] == pytest.approx(0.7333, abs=5e-5)
    assert found["performance"] == pytest.approx(0.9212, abs=5e-5)
    assert found["quality"] == 0.95
    assert found["oee"] == pytest.approx(0.6418, abs=5e-5)
    assert found["nee"] == pytest.approx(0.7196, abs=5e-5)
