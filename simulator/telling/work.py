"""A day's work of the simulator: begin a run, put the factory together, and let it work."""

import gc
import logging
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from types import FrameType

from protocol.messages import OfficeNotice
from protocol.moments import to_text
from simulator.commanding.clockwork import Clockwork
from simulator.commanding.commands import Answered
from simulator.histories.answers import results_of
from simulator.histories.chosen import ChosenClock
from simulator.histories.chronicle import ROOT, Chronicle
from simulator.histories.run import Run
from simulator.histories.twin import twin_of
from simulator.specs.calibration import load_bench
from simulator.specs.kind import load_kinds
from simulator.specs.people import load_rules
from simulator.specs.settings import SpecError
from simulator.telling.call_log import CallLog
from simulator.telling.connections import Connections, Fleet
from simulator.telling.desk import Desk
from simulator.telling.factory import Factory
from simulator.telling.folder import MachinesFolder
from simulator.telling.gateways import Gateways
from simulator.telling.lockstep import Lockstep
from simulator.telling.opening import (
    HOUR_MS,
    KINDS_FOLDER,
    ConnectionsOf,
    Order,
    begin,
    connections_of,
    ghosts_of,
    ghosts_of_twin,
    opened,
    run_before,
)
from simulator.telling.pace import MAX_TICK_MS, Pace
from simulator.telling.parts import Parts
from simulator.telling.plant_topics import PlantTopics
from simulator.telling.voice import Voice

logger = logging.getLogger(__name__)

BEAT_EVERY_S = 1.0
GARBAGE = (100_000, 20, 20)
"""So many new objects are looked through for garbage at once, and how often all that are older."""
SWITCH_S = 0.001


def run_factory(order: Order) -> None:
    """Work until SIGTERM or SIGINT.

    Raises:
        SpecError: A kind, the people's file or that of the assumptions is wrong.
        StateError: The state folder cannot be used.
    """
    # The loop computes while two threads send; with Python's 5 ms they would wait for it, and the
    # office for them: catching up with 8 h takes a quarter less time.
    sys.setswitchinterval(SWITCH_S)
    stopping = threading.Event()
    listen_to_signals(stopping)
    kinds = load_kinds(KINDS_FOLDER)
    lookahead_ms = _lookahead_ms(order)
    bench = load_bench()
    folder = MachinesFolder(order.machines, kinds, clock=monotonic, bench=bench)
    before = run_before(order.state)
    run, news = begin(before, order, kinds, folder)
    whose: ConnectionsOf = (
        "gateway" if order.protocol == "sparkplug" else connections_of(order, len(run.texts()))
    )
    topics = PlantTopics(order.broker, root=ROOT, together=whose == "gateway")
    connections = _connections(order, whose, speak=lambda: topics.connected)
    # No will of a machine of the twin tells anybody anything: a connection for a line is enough.
    twins_connections = Gateways(order.broker, speak=lambda: topics.connected)
    chosen = ChosenClock(order.state, run=run.id, asked=order.speed)
    answered = Answered([*results_of(run, kinds, bench), *chosen.answered])
    topics.start()
    connections.start()
    twins_connections.start()
    notice = OfficeNotice(names=(), boot="")
    while True:
        run.pen.stopping = stopping
        twin = twin_of(run, kinds, bench) if order.twin else None
        chronicle = Chronicle(run, kinds, bench, beside=twin)
        # What stands now stands as long as the run, and hardly anything here is garbage that only a look
        # through all of it finds: looked through after every few objects, a large fleet would cost twice
        # as much.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE)
        pace = Pace(
            clockwork=chosen.clockwork,
            position_ms=run.position_ms,
            catch_up_to_ms=run.catch_up_to_ms,
            clock=monotonic,
            longest_ms=min(MAX_TICK_MS, lookahead_ms),
        )
        desk = Desk(
            run=run,
            chronicle=chronicle,
            pace=pace,
            chosen=chosen,
            shifts=order.shifts,
            answered=answered,
            open_next=lambda before, command: opened(
                order, folder.texts(), seed=command.seed, before=before, command=command.id
            ),
        )
        parts = Parts(
            run=run,
            chronicle=chronicle,
            folder=folder,
            pace=pace,
            lockstep=_lockstep(run, lookahead_ms, notice),
            topics=topics,
            voice=Voice(chronicle, connections, topics.truths),
            twin=None if twin is None else Voice(twin, twins_connections, topics.twin_truths),
            desk=desk,
            calls=CallLog(run, lookahead_ms=lookahead_ms),
        )
        factory = Factory(
            parts,
            patience_s=order.wait_for_office_s,
            backlog_ms=round(order.backlog_hours * HOUR_MS),
            beat=heartbeat(order.heartbeat),
        )
        gone = [(connections, one) for one in ghosts_of(before, run, kinds, bench)]
        twins = ghosts_of_twin(before, run, kinds, bench, lives=twin is not None)
        factory.start(news, [*gone, *((twins_connections, one) for one in twins)])
        factory.work(stopping.is_set)
        if factory.next_run is None:
            break
        gc.unfreeze()
        # The connections stand, and whoever listens hears the machines of the new run on them.
        logger.info("run %s ends at plant time %s", run.id, to_text(run.position_ms))
        before, run, news, notice = run, factory.next_run, [], parts.lockstep.notice
        # The next run goes by at the speed that was chosen; a pause and a jump end with their run.
        chosen = ChosenClock(order.state, run=run.id, asked=order.speed)
        chosen.choose(Clockwork(speed=pace.clockwork.speed))
    factory.stop()
    logger.info("run %s finished at plant time %s", run.id, to_text(run.position_ms))


def _connections(order: Order, whose: ConnectionsOf, *, speak: Callable[[], bool]) -> Connections:
    """Over what the machines speak."""
    if order.protocol == "json":
        return Gateways(order.broker, speak=speak) if whose == "gateway" else Fleet(order.broker, speak=speak)
    try:
        from simulator.telling.edge_nodes import EdgeNodes  # noqa: PLC0415 - needs an extra that others need not have
    except ModuleNotFoundError as error:
        raise SpecError(
            f"--protocol sparkplug needs the package protobuf ({error}): pip install protobuf, or the extra "
            "`sparkplug` of this project"
        ) from error
    logger.info("Sparkplug B, an edge node for each line, in group %s", order.group)
    return EdgeNodes(order.broker, group=order.group, host=order.host, speak=speak)


def _lookahead_ms(order: Order) -> int:
    """How far the plant may be ahead of the office: no further than people take to hear a call."""
    asked_ms = int(order.lookahead_s * 1_000)
    people, assumptions = load_rules(order.people, order.assumptions)
    # As long as the run lasts the reaction may be set to its least.
    least_s = assumptions.by_key["reaction_s"].least
    return asked_ms if people is None or least_s is None else min(asked_ms, round(least_s * 1_000))


def _lockstep(run: Run, lookahead_ms: int, notice: OfficeNotice) -> Lockstep:
    lockstep = Lockstep(run=run.id, epoch_ms=run.epoch_ms, lookahead_ms=lookahead_ms, now_s=monotonic())
    lockstep.hear_notice(notice, monotonic())
    return lockstep


def listen_to_signals(stopping: threading.Event) -> None:
    """Have SIGTERM and SIGINT (and CTRL_BREAK on Windows) ask for a clean end."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, stop)


def heartbeat(file: Path | None) -> Callable[[], None]:
    """A function that touches a file, about once a second however often it is called."""
    last_s = -BEAT_EVERY_S

    def beat() -> None:
        nonlocal last_s
        if file is not None and monotonic() - last_s >= BEAT_EVERY_S:
            last_s = monotonic()
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
            except OSError as error:
                logger.warning("cannot touch the heartbeat file %s: %s", file, error.strerror)

    return beat
