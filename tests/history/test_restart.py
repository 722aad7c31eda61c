"""Whoever starts the dashboard again finds the same numbers, byte for byte."""

import urllib.request
from pathlib import Path

import pytest

from protocol.messages import Tick, Truth, TruthChange, decode, encode
from protocol.messages import Watermark as Committed
from protocol.moments import from_ms, to_text
from protocol.states import State
from tests.broker.clients import Client, wait_until
from tests.broker.running import RunningBroker
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, births, clock, minutes
from tests.ingest.running import RunningIngest
from tests.web.conftest import RunningWeb

pytestmark = pytest.mark.broker
COUNT = 70
UNTIL_MS = EPOCH_MS + COUNT * MINUTE
WINDOW = f"from={to_text(EPOCH_MS + 1_234)}&to={to_text(UNTIL_MS - 4_321)}"
QUESTIONS = [
    "runs",
    "machines",
    f"kpis?{WINDOW}",
    f"kpis?{WINDOW}&source=truth",
    f"kpis?{WINDOW}&machine=mill-1",
    f"kpis?{WINDOW}&by=hour",
    f"kpis?{WINDOW}&by=line",
    f"kpis/explain?{WINDOW}&machine=press-1&kpi=utilization",
    f"intervals?{WINDOW}&machine=mill-1",
    f"intervals?{WINDOW}&machine=my-press&format=csv",
    f"losses?{WINDOW}",
    f"stops?{WINDOW}",
    f"readings?{WINDOW}&machine=press-1&signal=power_kw&points=100",
    f"proof?{WINDOW}",
    "refused",
]


def live(plant: Client) -> None:
    """Seventy minutes of a mill, a press, and a press of one's own, with a truth and a bad message."""
    topic, payload = clock(UNTIL_MS)
    plant.say([topic], payload, retain=True)
    for topic, payload in births():
        plant.say([topic], payload, retain=True)
    for topic, payload in minutes(COUNT):
        plant.say([topic], payload)
    for minute in range(COUNT):
        at_ms = EPOCH_MS + minute * MINUTE
        power_kw = 8.1 if minute // 10 % 2 else 1.2
        own = f'{{"at": "{to_text(at_ms)}", "power_kw": {power_kw}, "parts": {minute}}}'
        plant.say(["shopfloor/my-press/readings"], own)
        change = TruthChange(offset_ms=21_000, state=State.RUNNING, phase="cycle", parts=minute)
        truth = Truth(
            run=RUN,
            at=from_ms(at_ms),
            until=from_ms(at_ms + MINUTE),
            state=State.IDLE,
            phase="waiting",
            parts=max(minute - 1, 0),
            changes=(change,),
        )
        plant.say(["shopfloor/_truth/mill-1"], encode(truth))
    plant.say(["shopfloor/my-press/readings"], "hello")
    plant.say(["shopfloor/_plant/tick"], encode(Tick(run=RUN, at=from_ms(UNTIL_MS))))


def committed(plant: Client) -> set[str]:
    """The offices that have everything in the history."""
    told = [decode(one.payload, Committed) for one in plant.heard if one.topic.endswith("watermark")]
    return {one.office for one in told if one.committed == from_ms(UNTIL_MS)}


def answers(web: RunningWeb) -> dict[str, bytes]:
    """What the API says to every question."""
    told = {}
    for question in QUESTIONS:
        with urllib.request.urlopen(f"{web.url}/api/{question}", timeout=20) as answer:  # noqa: S310 - our page
            told[question] = answer.read()
    return told


def told_of(viewer: Client) -> set[str]:
    """The machines whose tiles were told since the client began to listen."""
    return {one.topic.rpartition("/")[2] for one in viewer.heard if not one.retain and one.payload}


def test_every_answer_is_the_same_after_a_restart_of_all_that_keeps_the_history(
    broker: RunningBroker, tmp_path: Path
) -> None:
    ingest, web = RunningIngest(broker, tmp_path), RunningWeb(broker, tmp_path)
    plant = Client(broker.port, "machines", broker.password("machines"))
    ingest.start()
    web.start()
    plant.listen("shopfloor/_plant/watermark")
    live(plant)
    wait_until(lambda: committed(plant) == {"office", "proof"})
    wait_until(lambda: b'"state":"unknown"' not in web_says(web, "machines").replace(b" ", b""))
    before = answers(web)

    web.stop()
    ingest.stop()
    viewer = Client(broker.port, "viewer", broker.password("viewer"))
    viewer.listen("shopfloor/_office/machine/+")
    ingest.start()
    wait_until(lambda: {"mill-1", "press-1", "my-press"} <= told_of(viewer))
    web.start()
    after = answers(web)
    web.stop()
    ingest.stop()
    plant.close()
    viewer.close()

    for question, told in before.items():
        assert after[question] == told, question


def web_says(web: RunningWeb, question: str) -> bytes:
    with urllib.request.urlopen(f"{web.url}/api/{question}", timeout=20) as answer:  # noqa: S310 - our page
        told: bytes = answer.read()
        return told
