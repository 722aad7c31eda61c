"""The ingest process put together: its settings, its two connections, and how it ends."""

import argparse
import queue
import signal
import threading
from typing import TYPE_CHECKING

from dashboard.calls.rules import CallRules
from dashboard.commands import command_topic
from dashboard.goals import Goals
from dashboard.history.store import Store
from dashboard.ingest.office import Office
from dashboard.ingest.poster import Poster
from dashboard.ingest.presence import presence_topic
from dashboard.ingest.process import Ingest
from dashboard.ingest.receiver import receiver_of
from dashboard.ingest.retention import Retention
from dashboard.ingest.share import MEASURING, PROVING, Share
from dashboard.ingest.topic_map import TopicMap
from dashboard.ingest.turnstile import Turnstile
from dashboard.ingest.twin import CLOCK_FILTER, FILTERS, TRUTH_FILTER
from dashboard.kpi.basis import basis_of
from dashboard.sparkplug.refusal import SparkplugError
from dashboard.states.rules import StateRules
from protocol.address import address_of
from protocol.messages import MessageError, OfficeNotice, encode
from protocol.session import Received, Session, Will, kept_client_id
from protocol.topics import (
    call_topic,
    every_topic,
    machine_filters,
    office_topic,
    plant_topic,
    truth_topic,
)

if TYPE_CHECKING:
    from dashboard.ingest.sparkplug import HostApplication

INBOX_MESSAGES = 100_000


def main(args: argparse.Namespace) -> int:
    """Run the ingest process until SIGTERM or SIGINT; returns its exit code.

    Args:
        args: `broker`, `credentials`, `history`, `worker`, `root`, `calendar`, `calls`, `choices`,
            `states`, `topics`, `goals`, `sparkplug`, `sparkplug_host`, `sparkplug_map`, `heartbeat`,
            `keep_readings_hours`, `keep_rollups_days`, `keep_hours_days`.
    """
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    root: str = args.root
    rules, calls, basis = StateRules.read(args.states), CallRules.read(args.calls), basis_of(args)
    devices = TopicMap.read(args.topics, root=root)
    receiver = receiver_of(calls.webhook, args.calls.name)
    poster = None if receiver is None else Poster(receiver)
    share = Share.of(args.worker)
    store = Store(args.history, alone=share.alone)
    office = Office(root=root, store=store, rules=rules, calls=calls, calendar=basis.calendar, share=share)
    inbox: queue.Queue[Received] = queue.Queue(INBOX_MESSAGES)
    turnstile = Turnstile(root)
    offline = encode(OfficeNotice(names=(), boot="", online=False))
    address = address_of(args.broker, role=MEASURING, credentials=args.credentials)
    measuring = Session(
        name=MEASURING,
        address=address,
        # Retained topics at QoS 0: at QoS 1 a broker may cut their burst at its queue's length.
        filters=[
            CLOCK_FILTER,
            (plant_topic(root, "clock"), 0),
            *((one, 0) for kind in ("birth", "online") for one in machine_filters(root, kind)),
            *((one, 1) for one in machine_filters(root, "readings")),
            *FILTERS,
            (plant_topic(root, "response"), 1),
            *(_of_the_plant(root) if share.leads else ()),
            (call_topic(root, "+", "+"), 0),
            (plant_topic(root, "tick"), 1),
            (command_topic(root), 1),
            *((one, 1) for one in devices.filters),
            *_beside(root, share),
        ],
        inbox=inbox,
        will=Will(topic=presence_topic(root, share), payload=offline),
        client_id=kept_client_id(f"{root}-{share.name()}", address),
        admits=turnstile.admits,
        manual_ack=True,
    )
    proving = None
    if share.proves:
        address = address_of(args.broker, role=PROVING, credentials=args.credentials)
        proving = Session(
            name=PROVING,
            address=address,
            filters=[(truth_topic(root, "+"), 1), TRUTH_FILTER, (plant_topic(root, "tick"), 1)],
            inbox=inbox,
            client_id=kept_client_id(f"{root}-{PROVING}", address),
            manual_ack=True,
        )
    side = _side(args, office, inbox)
    ingest = Ingest(
        root=root,
        office=office,
        basis=basis,
        sessions=(measuring, proving),
        inbox=inbox,
        poster=poster,
        turnstile=turnstile,
        devices=devices,
        goals=Goals.read(args.goals),
        side=side,
        heartbeat=args.heartbeat,
        retention=Retention(
            readings_ms=round(args.keep_readings_hours * 3_600_000),
            rollups_ms=round(args.keep_rollups_days * 86_400_000),
            hours_ms=round(args.keep_hours_days * 86_400_000),
        ),
    )
    sessions = [one for one in (measuring, proving) if one is not None]
    for session in sessions:
        session.start()
    if side is not None:
        side.start()
    if poster is not None:
        poster.start()
    try:
        ingest.run(stopping)
    finally:
        goodbye = measuring.publish(presence_topic(root, share), offline, retain=True)
        measuring.flush(goodbye, timeout_s=1.0)
        if side is not None:
            side.stop()
        for session in sessions:
            session.stop()
        office.store.close()
    return 0


def _of_the_plant(root: str) -> list[tuple[str, int]]:
    """What tells of the plant as a whole, which is the first worker's."""
    return [(plant_topic(root, "result"), 1), (plant_topic(root, "assumptions"), 1)]


def _beside(root: str, share: Share) -> list[tuple[str, int]]:
    """What the first worker hears beside that: what the others have, and what nobody knows."""
    if not share.leads:
        return []
    # What matches nothing else is counted as unknown; a broker sends one copy of the rest.
    return [*((office_topic(root, "share", name), 0) for name in share.others), (every_topic(root), 0)]


def _side(
    args: argparse.Namespace, office: Office, inbox: "queue.Queue[Received]"
) -> "HostApplication | None":
    """The office as a Sparkplug host application, where that is asked for."""
    if not args.sparkplug:
        return None
    if not office.share.alone:
        raise SparkplugError(
            "--sparkplug: there is one host application, and several workers would be as many: "
            "allowed is --worker 1/1"
        )
    try:
        from dashboard.ingest.sparkplug import HostApplication  # noqa: PLC0415 - needs an extra that others need not have
        from dashboard.sparkplug.metric_map import MetricMap  # noqa: PLC0415 - the same
        from protocol.sparkplug.topics import check_id  # noqa: PLC0415 - the same
    except ModuleNotFoundError as error:
        raise SparkplugError(
            f"--sparkplug needs the package protobuf ({error}): pip install protobuf, or the extra "
            "`sparkplug` of this project"
        ) from error
    try:
        groups = [check_id(one.strip(), "--sparkplug: the group") for one in args.sparkplug.split(",")]
        name = check_id(args.sparkplug_host, "--sparkplug-host: the host")
    except MessageError as error:
        raise SparkplugError(str(error)) from error
    return HostApplication(
        office=office,
        address=address_of(args.broker, role=MEASURING, credentials=args.credentials),
        groups=groups,
        name=name,
        rules=MetricMap.read(args.sparkplug_map),
        inbox=inbox,
    )
