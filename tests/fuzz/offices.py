"""The office itself, without a broker: hostile messages between those of two machines that behave.

Whatever strangers say, the history of the two is the one of an office that heard them alone.
"""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from dashboard.ingest.desk import Desk
from dashboard.ingest.proof import Proof
from dashboard.sparkplug.host import Host, Refused
from dashboard.sparkplug.metric_map import MetricMap
from protocol.messages import Birth, PlantResult, Response, Truth, Truths
from protocol.sparkplug.payloads import decode_payload
from tests.fuzz.decoders import sparkplug_payloads
from tests.fuzz.hostile import TEXTS
from tests.fuzz.mutations import altered
from tests.fuzz.said import BATCHES, EDGE_BATCHES, MESSAGES, OFFICE_COMMANDS, written
from tests.fuzz.target import Refusal, Target
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, close, give, minutes, open_office
from tests.sparkplug.said import AT_MS, GROUP, NODE, data, device_birth, node_birth

if TYPE_CHECKING:
    from random import Random

COUNT = 3
UNTIL_MS = EPOCH_MS + 5 * MINUTE
AT_ONCE = 40
"""So many hostile messages are heard by one office."""
MOST_ROWS = 2_000
"""Of any table, whatever forty messages say."""
OURS = frozenset({"mill-1", "press-1"})
Said = tuple[str, bytes]
SORTS = {type(one): written(one) for one in MESSAGES}
PLACES = (
    "shopfloor/guest-1",
    "shopfloor/hall/guest-2",
    "shopfloor/a/b/c/guest-3",
    "shopfloor/machining/guest-4",
)
TOPICS = {
    "readings": BATCHES,
    "birth": (SORTS[Birth],),
    "online": (b"true", b"false"),
}
OF_PLANT = {
    "_plant/result": (SORTS[PlantResult],),
    "_plant/response": (SORTS[Response],),
    "_truth/guest-2": (SORTS[Truth],),
    "_truth/_batch": (SORTS[Truths].replace(b"mill-1", b"guest-2"),),
    "_office/command": OFFICE_COMMANDS,
    "hall/_batch/readings": EDGE_BATCHES,
    "hall/_gateway/online": (b"true", b"false"),
}


def said_to_an_office(random: Random) -> Said:
    """A hostile message, on a topic that is true for the most part."""
    if random.randrange(3) == 0:
        topic, true = random.choice(sorted(OF_PLANT.items()))
        return f"shopfloor/{topic}", altered(random, true)
    kind = random.choice(sorted(TOPICS))
    name = random.choice((*TEXTS, "guest-5", "mill-1", "shopfloor"))
    place = random.choice(PLACES) if random.randrange(4) else f"shopfloor/{name}"
    payload = altered(random, TOPICS[kind]) if random.randrange(4) else random.choice(TOPICS[kind])
    return f"{place}/{kind}", payload


def offices() -> list[Target]:
    """An office, and a host of Sparkplug nodes."""
    return [
        Target(
            name=f"office, {AT_ONCE} messages each",
            inputs=st.randoms(use_true_random=True).map(
                lambda random: [said_to_an_office(random) for _ in range(AT_ONCE)]
            ),
            take=_heard,
            share=0.05,
        ),
        Target(
            name="Sparkplug nodes, 8 messages each",
            inputs=st.lists(
                st.tuples(
                    st.sampled_from(("NBIRTH", "NDEATH", "DBIRTH", "DDATA", "DDEATH", "NDATA")),
                    st.sampled_from(("press", "saw")) | st.sampled_from(TEXTS),
                    sparkplug_payloads(),
                ),
                min_size=8,
                max_size=8,
            ),
            take=_said_by_nodes,
            share=0.5,
        ),
    ]


@cache
def _undisturbed() -> dict[str, list[Any]]:
    with tempfile.TemporaryDirectory() as folder:
        office = open_office(Path(folder), UNTIL_MS)
        give(office, minutes(COUNT))
        return close(office, UNTIL_MS)


def _heard(said: list[Said]) -> object:
    """Have an office hear them; fails at what nobody foresaw, or where the others' history is another."""
    with tempfile.TemporaryDirectory() as folder:
        office = open_office(Path(folder), UNTIL_MS)
        proof, desk, true = Proof(office.store), Desk(office), minutes(COUNT)
        for number, (topic, payload) in enumerate(said):
            if number % (AT_ONCE // len(true)) == 0 and true:
                give(office, [true.pop(0)], wall_ms=UNTIL_MS)
            if topic.startswith("shopfloor/_truth/"):
                try:
                    proof.hear(topic.removeprefix("shopfloor/_truth/"), payload, office.writes)
                except ValueError as error:
                    office.refused.add(topic, payload, str(error), wall_ms=UNTIL_MS)
            elif topic == "shopfloor/_office/command":
                desk.take(payload, wall_ms=UNTIL_MS)
            else:
                office.receive(topic, payload, wall_ms=UNTIL_MS, retained=False)
            if number % 7 == 0:
                office.commit()
                desk.take_results()
        give(office, true, wall_ms=UNTIL_MS)
        office.intake.learn()
        refused = office.refused
        kept = close(office, UNTIL_MS)
        for table, rows in kept.items():
            assert len(rows) < MOST_ROWS, f"{len(rows):,} rows in {table}"
        mine = {table: [row for row in rows if row[1] in OURS] for table, rows in kept.items()}
        assert mine == _undisturbed(), "what the two machines did is told otherwise"
        for one in refused.newest().newest:
            assert one.reason.strip()
            json.dumps(one.reason).encode("utf-8")
        return (
            Refusal(f"{refused.total} of {len(said)} refused")
            if refused.total == len(said)
            else refused.total
        )


def _said_by_nodes(said: list[tuple[str, str, bytes]]) -> object:
    """Have a host hear nodes that have been born; fails where it does what nobody foresaw."""
    host = Host(root="shopfloor", rules=MetricMap(), now_ms=lambda: AT_MS, shift=lambda: False)
    true = [
        ("NBIRTH", "", node_birth()),
        ("DBIRTH", "press", device_birth(1)),
        ("DDATA", "press", data(2, [(2, 1.0, 3.5)])),
    ]
    refused = 0
    for number, (kind, device, payload) in enumerate([*true, *said]):
        topic = "/".join(
            ["spBv1.0", GROUP, kind, NODE, *([device] if device and kind.startswith("D") else [])]
        )
        news = [*host.receive(topic, payload, float(number)), *host.turn(float(number) * 3)]
        refused += sum(isinstance(one, Refused) for one in news)
        for where, request in host.take_requests():
            assert where.startswith("spBv1.0/")
            decode_payload(request)
    return Refusal(f"{refused} refused") if refused == len(said) else refused
