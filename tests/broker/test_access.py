"""What each role may say and hear, asked of a real broker by real clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocol.address import ROLES
from protocol.topics import MACHINE_KINDS, machine_filters
from tests.broker.clients import Client, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.broker.running import RunningBroker

pytestmark = pytest.mark.broker

ROOTS = ("shopfloor", "twin")
MACHINES = [f"{path}mill-1" for path in ("", "machining/", "hall-a/machining/", "site/hall-a/machining/")]
OF_MACHINES = [f"{machine}/{kind}" for machine in MACHINES for kind in MACHINE_KINDS]
CLEARED = [topic for topic in OF_MACHINES if topic.endswith(("/birth", "/online"))]
BATCHES = ["_batch/readings", "machining/_batch/readings"]
GATEWAYS = ["_gateway/online", "machining/_gateway/online"]
OF_PLANT = [f"_plant/{name}" for name in ("clock", "tick", "response", "result")]
OF_OFFICE = ["_plant/office", "_plant/watermark"]
OF_WORKER = "_plant/office/office-2-of-2"
SHARED = "_office/share/office-2-of-2"
ASSUMED = "_plant/assumptions"
BROKEN = "_plant/faults"
COMMAND = "_plant/command"
CALL = "_call/mill-1/7"
TRUTHS = ["_truth/mill-1", "_truth/_batch"]
CONCLUSIONS = ["_office/plant", "_office/refused", "_office/calls", "_office/work", "_office/machine/mill-1"]
CONCLUDED = "_office/assumptions"
LIKE_A_MACHINE = [
    "_plant/readings", "_truth/readings", "_office/readings", "_gateway/readings", "_call/readings",
    "_office/machine/readings", "_call/mill-1/readings", "_plant/office/readings",
]  # fmt: skip
"""The system's own topics of which a pattern of machines would match."""
STUDY = "_office/study"
HEARD = "_office/heard"
ASKED = "_office/command"
ANSWERED = "_office/result"
STRAY = [
    "site/hall-a/cell-1/machining/mill-1/readings",
    "mill-1/readings/more",
    "mill-1/config",
    "readings",
    "_truth/machining/mill-1",
    "_office/a/b/c",
    "_office/board",
    "_office/mill-1/machine",
    "_call/mill-1",
    "_call/mill-1/7/more",
]
EVERYTHING = [
    *OF_MACHINES,
    *BATCHES,
    *GATEWAYS,
    *OF_PLANT,
    *OF_OFFICE,
    OF_WORKER,
    SHARED,
    ASSUMED,
    BROKEN,
    CONCLUDED,
    HEARD,
    STUDY,
    COMMAND,
    CALL,
    *TRUTHS,
    *CONCLUSIONS,
    ASKED,
    ANSWERED,
    *LIKE_A_MACHINE,
    *STRAY,
]


def under(topics: list[str], *roots: str) -> set[str]:
    return {f"{root}/{topic}" for root in roots for topic in topics}


def of_nodes(*groups: str) -> set[str]:
    """What Sparkplug edge nodes of some groups say."""
    return {f"spBv1.0/{group}/{kind}/line" for group in groups for kind in ("NBIRTH", "NDATA", "NDEATH")} | {
        f"spBv1.0/{group}/{kind}/line/mill-1" for group in groups for kind in ("DBIRTH", "DDATA", "DDEATH")
    }


def to_nodes(*groups: str) -> set[str]:
    """What hosts ask of them."""
    return {f"spBv1.0/{group}/NCMD/line" for group in groups}


def to_devices(*groups: str) -> set[str]:
    """What hosts would ask of their devices, and none of ours does."""
    return {f"spBv1.0/{group}/DCMD/line/mill-1" for group in groups}


GROUPS = ("shopfloor", "devices")
OWN_STATE = {"spBv1.0/STATE/office"}
STATES = OWN_STATE | {"spBv1.0/STATE/another"}
SPARKPLUG = STATES | of_nodes(*GROUPS, "others") | to_nodes(*GROUPS, "others") | to_devices(*GROUPS, "others")
DEVICES = {"devices/saw/status/switch:0", "devices/zigbee2mqtt/drill"}
ALL_TOPICS = sorted(
    under(EVERYTHING, *ROOTS)
    | {"shopfloor", "health", "elsewhere/mill-1/readings", "device/saw"}
    | DEVICES
    | SPARKPLUG
)
MAY_SAY = {
    "machines": under([*OF_MACHINES, *BATCHES, *GATEWAYS, *OF_PLANT, *TRUTHS], *ROOTS)
    | under(["_plant/readings", "_truth/readings", "_gateway/readings", "_call/readings"], *ROOTS)
    | under([ASSUMED, BROKEN], "shopfloor")
    | of_nodes("shopfloor"),
    "office": under([*OF_OFFICE, COMMAND, CALL, *CONCLUSIONS], *ROOTS)
    | under(["_office/machine/readings", "_call/mill-1/readings"], *ROOTS)
    | under(["_plant/office/readings"], "shopfloor")
    | under([*CLEARED, *GATEWAYS, ANSWERED, CONCLUDED, HEARD, STUDY, OF_WORKER, SHARED], "shopfloor")
    | to_nodes(*GROUPS)
    | OWN_STATE,
    "proof": under(["_plant/watermark"], "shopfloor"),
    "operator": under([COMMAND, ASKED], "shopfloor"),
    "viewer": set[str](),
    "guest": under(["mill-1/readings"], "shopfloor"),
    "device": DEVICES | of_nodes("devices"),
    "machining": set[str](),
    "health": set[str](),
}
MAY_HEAR = {
    "machines": under([*OF_OFFICE, "_plant/clock", COMMAND, CALL], *ROOTS)
    | under([OF_WORKER], "shopfloor")
    | to_nodes("shopfloor")
    | to_devices("shopfloor")
    | STATES,
    "office": under([*OF_MACHINES, *BATCHES, *GATEWAYS, *OF_PLANT, CALL], *ROOTS)
    | under([topic for topic in LIKE_A_MACHINE if "_truth" not in topic], *ROOTS)
    | under([ASKED, ASSUMED, STUDY, SHARED], "shopfloor")
    | DEVICES
    | of_nodes(*GROUPS)
    | OWN_STATE,
    "proof": under([*TRUTHS, "_truth/readings"], *ROOTS)
    | under(["_plant/clock", "_plant/tick"], "shopfloor"),
    "operator": under(["_plant/result", ANSWERED, CALL, *CONCLUSIONS, CONCLUDED, HEARD, STUDY], "shopfloor")
    | under(["_office/machine/readings", "_call/mill-1/readings"], "shopfloor"),
    "viewer": under([CALL, "_plant/clock", BROKEN, *CONCLUSIONS, CONCLUDED, HEARD, STUDY], "shopfloor")
    | under(["_office/machine/readings", "_call/mill-1/readings"], "shopfloor"),
    "guest": set[str](),
    "device": to_nodes("devices") | to_devices("devices") | STATES,
    "machining": set[str](),
    "health": set[str](),
}
ABOUT_BROKER = {
    f"$SYS/broker/{name}" for name in ("version", "clients/connected", "publish/messages/dropped")
}
"""What the page may hear of the broker itself: nothing of any client."""
OMNISCIENT = "omniscient"


def add_user(broker: RunningBroker, name: str, *, rights: str = "") -> None:
    """Give the broker one more user, as somebody who edits its files by hand would."""
    entry = (broker.credentials / "passwd").read_text(encoding="utf-8").splitlines()[0]
    with (broker.credentials / "passwd").open("a", encoding="utf-8") as passwd:
        passwd.write(entry.replace("machines:", f"{name}:", 1) + "\n")
    if rights:
        with (broker.credentials / "acl").open("a", encoding="utf-8") as acl:
            acl.write(f"\nuser {name}\n{rights}\n")


@pytest.fixture
def clients(broker: RunningBroker) -> Iterator[dict[str, Client]]:
    """One client for each role, one named like a line, and one who may do everything."""
    add_user(broker, "machining")
    add_user(broker, OMNISCIENT, rights="topic readwrite #\ntopic read $SYS/#")
    broker.stop()
    broker.start()
    passwords = {role: broker.password(role) for role in (*ROLES, "health")}
    added = dict.fromkeys(("machining", OMNISCIENT), passwords["machines"])
    made = {user: Client(broker.port, user, password) for user, password in {**passwords, **added}.items()}
    yield made
    for client in made.values():
        client.close()


def test_each_role_says_what_it_may_and_nothing_else(clients: dict[str, Client]) -> None:
    witness = clients[OMNISCIENT]
    witness.listen("#")
    for user, allowed in MAY_SAY.items():
        witness.heard.clear()

        clients[user].say(ALL_TOPICS, user)
        witness.say(["end"], "of this role")
        wait_until(lambda: "end" in witness.topics)

        assert witness.topics - {"end"} == allowed, user


@pytest.mark.parametrize("retained", [False, True])
def test_each_role_hears_what_it_may_and_nothing_else(clients: dict[str, Client], *, retained: bool) -> None:
    listeners = [clients[user] for user in MAY_HEAR]
    if not retained:
        for listener in listeners:
            listener.listen("#", "$SYS/#")
    clients[OMNISCIENT].say(ALL_TOPICS, "x", retain=retained)
    # Once after the last message: the broker answers a subscription after what it sent before.
    for listener in listeners:
        listener.listen("#", "$SYS/#")

    heard = {user: clients[user].topics for user in MAY_HEAR}
    # When a broker says what of itself is its own affair.
    of_broker = {user: {one for one in topics if one.startswith("$SYS/")} for user, topics in heard.items()}
    assert {user: topics - of_broker[user] for user, topics in heard.items()} == MAY_HEAR
    assert "$SYS/broker/version" in of_broker["viewer"] <= ABOUT_BROKER
    assert [user for user, topics in of_broker.items() if topics] == ["viewer"]


def test_the_access_list_reaches_every_depth_that_the_topics_have() -> None:
    for kind in MACHINE_KINDS:
        depths = {topic.count("/") for topic in machine_filters("shopfloor", kind)}

        assert depths == {f"shopfloor/{machine}/{kind}".count("/") for machine in MACHINES}


@pytest.mark.parametrize("user", [*ROLES, "nobody", ""])
def test_a_wrong_password_is_refused(broker: RunningBroker, user: str) -> None:
    client = Client(broker.port, user, "wrong")

    assert client.refused == "Not authorized"
    client.close()
