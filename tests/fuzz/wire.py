"""The real thing: a Mosquitto, an ingest and a web process, and strangers beside machines that behave.

The machines' history is then that of an office that heard them alone, both processes live, and neither has
grown beyond bounds or met anything that was not foreseen.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from dashboard.history import tables
from dashboard.history.store import open_engine
from dashboard.ingest.share import MEASURING
from demo.claims import HOST
from protocol.messages import Clock, MessageError, Tick, Watermark, decode, encode
from protocol.moments import from_ms, to_ms
from tests.broker.clients import Client, wait_until
from tests.broker.running import PROJECT, RunningBroker
from tests.fuzz.hostile import TEXTS
from tests.fuzz.mutations import altered
from tests.fuzz.offices import OURS, said_to_an_office
from tests.fuzz.said import BATCHES, MESSAGES, written
from tests.ingest.office_of_a_day import (
    EPOCH_MS,
    MINUTE,
    RUN,
    births,
    clock,
    close,
    give,
    minutes,
    open_office,
)
from tests.ingest.running import RunningIngest
from tests.ports import own_port

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Engine

MIB = 1 << 20
COUNT = 30
"""Minutes of the two machines that behave."""
UNTIL_MS = EPOCH_MS + (COUNT + 2) * MINUTE
AT_ONCE = 100
MOST_BYTES = 400 * MIB
"""Of memory, of either process."""
MOST_ROWS = 200_000
"""Of any table."""
SOON_S = 180.0
STRANGE_DEVICES = """
[[device]]
topic = "devices/{machine}/power"
[device.signals]
power_kw = { factor = 0.001, path = "ENERGY.Power" }
"""
ASKED = (
    "/",
    "/api/health",
    "/api/kpis",
    "/api/losses",
    "/api/machines",
    "/api/refused",
    "/api/runs",
    "/live/state",
    "/metrics",
)
NOT_FORESEEN = ("Traceback", "not foreseen", "could not deal with")
CLOCKS = tuple(written(one) for one in MESSAGES if isinstance(one, Clock | Tick))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One hostile message."""

    user: str
    """Whose credential it is said with."""
    topic: str
    payload: bytes
    retain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of all of them."""

    tried: int
    """Hostile messages that the broker took."""
    refused: int
    """Of those: counted by the office with a reason."""
    memory_bytes: int
    """Of the larger of both processes."""
    rows: int
    """Of the two machines, compared."""
    findings: tuple[str, ...]
    """What should not have been."""


def stream(number: int, messages: int) -> Iterator[Said]:
    """So many hostile messages, the same ones for the same number; some come again, later."""
    random = Random(number)  # noqa: S311 - a fixed stream, no secret
    before: list[Said] = []
    for _ in range(messages):
        if before and random.randrange(10) == 0:
            yield random.choice(before[-50:])
            continue
        user = random.choice(("guest", "device", "machines", "machines"))
        topic, payload = said_to_an_office(random)
        if user == "device":
            topic, payload = (
                f"devices/{random.choice((*TEXTS, 'saw-1'))}/power",
                altered(random, (b'{"ENERGY":{"Power":1}}',)),
            )
        elif user == "guest":
            topic, payload = (
                f"shopfloor/{random.choice((*TEXTS, 'guest-1', 'guest-9'))}/readings",
                altered(random, BATCHES),
            )
        elif random.randrange(12) == 0:
            what = random.choice(("clock", "tick"))
            topic, payload = f"shopfloor/_plant/{what}", altered(random, CLOCKS)
            if _is_true(what, payload):
                continue
        if may_be_sent(topic):
            said = Said(user=user, topic=topic, payload=payload, retain=random.randrange(8) == 0)
            before.append(said)
            yield said


def may_be_sent(topic: str) -> bool:
    """Whether a broker takes a topic: others end the connection of who says them, and reach nobody."""
    try:
        size = len(topic.encode("utf-8"))
    except UnicodeEncodeError:
        return False
    return (
        0 < size < 1 << 16
        and not set("+#") & set(topic)
        and all(one >= " " and not "\x7f" <= one <= "\x9f" for one in topic)
    )


def _is_true(what: str, payload: bytes) -> bool:
    """Whether the plant's clock or its tick could be so: the plant may say what time it is."""
    try:
        decode(payload, Tick if what == "tick" else Clock)
    except MessageError:
        return False
    return True


def through_the_wire(folder: Path, *, number: int, messages: int) -> Outcome:
    """Say so many hostile messages beside two machines that behave, and see what came of it.

    Args:
        folder: Where broker and processes keep what they keep.
        number: Seed.
        messages: How many.
    """
    broker = RunningBroker(folder / "broker")
    broker.start()
    (folder / "topics.toml").write_text(STRANGE_DEVICES, encoding="utf-8")
    ingest = RunningIngest(broker, folder, "--topics", str(folder / "topics.toml"))
    clients: dict[str, Client] = {}
    web: subprocess.Popen[bytes] | None = None
    try:
        ingest.start()
        port = own_port()
        web = _web(broker, ingest, folder / "web.log", port)
        clients = {
            user: Client(broker.port, user, broker.password(user))
            for user in ("guest", "device", "machines", "viewer")
        }
        own = Client(broker.port, "machines", broker.password("machines"))
        clients["own"] = own
        own.listen("shopfloor/_plant/watermark")
        clients["viewer"].listen("shopfloor/_office/refused", "shopfloor/_office/work")
        for topic, payload in (clock(UNTIL_MS), *births()):
            own.say([topic], payload, retain=True)
        true, hostile = minutes(COUNT), list(stream(number, messages))
        for begin in range(0, max(len(hostile), 1), AT_ONCE):
            _say(clients, hostile[begin : begin + AT_ONCE])
            share = -(-len(true) * AT_ONCE // max(len(hostile) - begin, 1))
            for topic, payload in true[:share]:
                own.say([topic], payload)
            del true[:share]
        for topic, payload in true:
            own.say([topic], payload)
        own.say(["shopfloor/_plant/tick"], encode(Tick(run=RUN, at=from_ms(UNTIL_MS))))
        wait_until(lambda: _committed(own) >= UNTIL_MS, SOON_S)
        # What is committed with that tick may be told to pages a little later.
        kept = _refusals(ingest)
        wait_until(lambda: _told_refused(clients["viewer"]) >= kept, SOON_S)
        return _outcome(folder, ingest=ingest, web=web, port=port, viewer=clients["viewer"], hostile=hostile)
    finally:
        for client in clients.values():
            client.close()
        if web is not None:
            web.kill()
            web.wait()
        ingest.kill()
        broker.kill()


def _web(broker: RunningBroker, ingest: RunningIngest, log: Path, port: int) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "dashboard", "web", "--broker", broker.url, "--credentials",
        str(broker.credentials),
        "--history", ingest.history, "--host", HOST, "--port", str(port),
    ]  # fmt: skip
    with log.open("ab") as opened:
        return subprocess.Popen(command, cwd=PROJECT, stdout=opened, stderr=opened)


def _say(clients: dict[str, Client], messages: Iterable[Said]) -> None:
    """Say them, and wait until the broker has answered each."""
    sent = [clients[one.user].send(one.topic, one.payload, retain=one.retain) for one in messages]
    for one in sent:
        one.wait_for_publish(SOON_S)


def _refusals(ingest: RunningIngest) -> int:
    """How many are kept of those that were refused."""
    engine = open_engine(ingest.history)
    kept = _sizes(engine)[tables.refusals.name]
    engine.dispose()
    return kept


def _told_refused(viewer: Client) -> int:
    """How many messages were refused, as pages were told last."""
    told = [one.payload for one in viewer.heard if one.topic.endswith("/refused") and one.payload]
    return int(json.loads(told[-1])["total"]) if told else 0


def _committed(own: Client) -> int:
    marks = [decode(one.payload, Watermark) for one in own.heard if one.topic.endswith("/watermark")]
    # The office's proving side hears the tick, and not what was said before it.
    measured = [one.committed for one in marks if one.office == MEASURING]
    return max((to_ms(one) for one in measured if one is not None), default=0)


def _outcome(
    folder: Path,
    *,
    ingest: RunningIngest,
    web: subprocess.Popen[bytes],
    port: int,
    viewer: Client,
    hostile: list[Said],
) -> Outcome:
    findings: list[str] = []
    findings += [f"{path}: {wrong}" for path in ASKED if (wrong := _wrong_at(f"http://{HOST}:{port}{path}"))]
    if web.poll() is not None:
        findings.append(f"the web process ended with {web.returncode}")
    if not ingest.lives:
        findings.append("the ingest process ended")
    for log in (ingest.log, folder / "web.log"):
        text = log.read_text(encoding="utf-8", errors="replace")
        findings += [
            f"{log.name}: {text[max(0, at - 200) : at + 1_500]}"
            for word in NOT_FORESEEN
            if (at := text.find(word)) >= 0
        ]
    memory = max(_memory(web.pid), _memory(ingest.pid))
    if memory > MOST_BYTES:
        findings.append(f"{memory:,} bytes of memory: allowed are {MOST_BYTES:,}")
    engine = open_engine(ingest.history)
    kept = _rows(engine)
    findings += [
        f"{name}: {count:,} rows: allowed are {MOST_ROWS:,}"
        for name, count in _sizes(engine).items()
        if count > MOST_ROWS
    ]
    engine.dispose()
    findings += [
        f"{table} of the machines that behave: {_difference(rows, kept[table])}"
        for table, rows in undisturbed().items()
        if rows != kept[table]
    ]
    told = [json.loads(one.payload) for one in viewer.heard if one.topic.endswith("/refused") and one.payload]
    if any(not one["reason"].strip() for said in told for one in said["newest"]):
        findings.append("a refusal without a word")
    return Outcome(
        tried=len(hostile), refused=told[-1]["total"] if told else 0, memory_bytes=memory,
        rows=sum(len(rows) for rows in kept.values()), findings=tuple(findings),
    )  # fmt: skip


def _wrong_at(address: str) -> str:
    """What is wrong with the answer at an address; a page that has just started is waited for."""
    until_s = monotonic() + SOON_S
    while True:
        try:
            with urllib.request.urlopen(address, timeout=SOON_S) as answer:  # noqa: S310 - of this machine
                answer.read()
        except urllib.error.HTTPError as error:
            return f"{error.code} {error.read()[:300]!r}"
        except OSError as error:
            if monotonic() > until_s:
                return str(error)
            sleep(0.1)
        else:
            return ""


def _memory(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def _rows(engine: Engine) -> dict[str, list[Any]]:
    """The rows of the two machines, as `close` of an office gives them."""
    kept = {}
    with engine.connect() as connection:
        for table in (tables.intervals, tables.counts, tables.rollups, tables.machines):
            chosen = (
                select(table)
                .where(table.c.run == RUN, table.c.machine.in_(OURS))
                .order_by(*table.primary_key)
            )
            kept[table.name] = [
                tuple(round(one, 6) if isinstance(one, float) else one for one in row)
                for row in connection.execute(chosen)
            ]
    return kept


def _sizes(engine: Engine) -> dict[str, int]:
    sizes = {}
    with engine.connect() as connection:
        for table in tables.metadata.tables.values():
            try:
                sizes[table.name] = connection.scalar(select(func.count()).select_from(table)) or 0
            except OperationalError:
                continue
    return sizes


@cache
def undisturbed() -> dict[str, list[Any]]:
    """The rows of an office that heard the two machines alone."""
    with tempfile.TemporaryDirectory() as folder:
        office = open_office(Path(folder), UNTIL_MS)
        give(office, minutes(COUNT))
        return close(office, UNTIL_MS)


def _difference(wanted: list[Any], found: list[Any]) -> str:
    missing, added = [one for one in wanted if one not in found], [one for one in found if one not in wanted]
    return f"{len(missing)} missing, {len(added)} added: {missing[:2]} {added[:2]}"
