"""`make soak`: the whole demo for an hour and 25 plant days with faults on, and whether anything of it grows.

What is measured goes into a file at once, so that a soak that is broken off still gives its table:
`python -m tests.soak --read FILE`.
"""

import argparse
import signal
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.section import write_section
from protocol.address import address_of
from protocol.messages import MessageError, PlantResult, decode, encode
from protocol.session import Session
from protocol.topics import plant_topic
from simulator.histories.chronicle import ROOT
from simulator.specs.kind import load_kinds
from simulator.specs.machine import MachineSpec, load_machine
from tests.broker.running import PROJECT
from tests.soak.faults import Order, orders
from tests.soak.picture import write_picture
from tests.soak.plant import Demo
from tests.soak.questions import KINDS, Asker, paths
from tests.soak.readings import Ledger
from tests.soak.samples import EACH, PROGRAMS, Kept, Samples, programs, read, spread
from tests.soak.table import COUNTS, NONE_OF, table, wrong
from tests.soak.viewers import Viewers

EVERY_S = 5.0
"""Real seconds between two samples."""
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
DOCS = PROJECT / "docs"
SPREADS = ("", "_95", "_most")
COLUMNS = (
    "plant_h",
    *(f"{part}_{one}" for part in PROGRAMS for one in EACH),
    "db_used_mb", "db_free_mb", "db_file_mb", "wal_mb", "broker_store_mb", "input_log_mb", "logs_mb",
    "messages_kept",
    *(f"{name}{one}_ms" for name in ("told", *dict.fromkeys(KINDS)) for one in SPREADS),
    *NONE_OF, *COUNTS,
)  # fmt: skip


class Orders:
    """Sends the orders as their plant time comes.

    Args:
        demo: The demo.
        seed: Of the orders.
        machines: The machines by name.
        begun_ms: Plant time from which they count, ms since 1970.
    """

    def __init__(self, demo: Demo, seed: int, machines: dict[str, MachineSpec], begun_ms: int) -> None:
        self.sent = 0
        self.refused: list[str] = []
        self._begun_ms = begun_ms
        self._orders = orders(seed, machines)
        self._next: Order = next(self._orders)
        self._session = Session(
            name="soak",
            address=address_of(demo.broker, role="operator", credentials=demo.credentials),
            filters=[(plant_topic(ROOT, "result"), 1)],
        )
        self._session.start()

    def stop(self) -> None:
        """End the connection."""
        self._session.stop()

    def mind(self, now_ms: int) -> None:
        """Send what is due, and hear what came of what was sent before."""
        while self._next.after_ms <= now_ms - self._begun_ms:
            self._session.publish(plant_topic(ROOT, "command"), encode(self._next.command))
            self.sent += 1
            self._next = next(self._orders)
        while not self._session.inbox.empty():
            received = self._session.inbox.get()
            try:
                result = decode(received.payload, PlantResult) if received.topic else None
            except MessageError as error:
                self.refused.append(str(error))
                continue
            if result is not None and not result.ok:
                self.refused.append(f"{result.id}: {result.message}")


def main(arguments: list[str] | None = None) -> int:
    """Let it run, and return the exit code: 1 where anything grows, or is lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="how long at least, in real minutes (default: 60)"
    )
    parser.add_argument(
        "--days", type=float, default=25.0, help="how many plant days at least (default: 25, as at speed 600)"
    )
    parser.add_argument("--speed", default="600", help="simulated seconds per second (default: 600)")
    parser.add_argument("--seed", type=int, default=1, help="of plant, faults and questions (default: 1)")
    parser.add_argument("--viewers", type=int, default=4, help="streams of the page (default: 4)")
    parser.add_argument("--out", type=Path, default=Path("var/soak"), help="folder of what is measured")
    parser.add_argument("--read", type=Path, default=None, metavar="FILE", help="only judge such a file")
    parser.add_argument("--write", action="store_true", help="put table and picture into docs/reliability.md")
    asked = parser.parse_args(arguments)
    file = asked.read or asked.out / "samples.csv"
    if asked.read is None:
        _soak(asked, file)
    columns = read(file)
    print(table(columns))
    if asked.write:
        write_picture(DOCS / "pictures" / "soak.svg", columns)
        write_section("soak", table(columns), command="tests.soak", file=DOCS / "reliability.md")
    found = wrong(columns)
    print("\n" + ("\n".join(found) or "Nothing grows, nothing is lost, nothing is doubled."))
    return 1 if found else 0


def _soak(asked: argparse.Namespace, file: Path) -> None:
    ending = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ending.set())
    folder = PROJECT / "simulator"
    kinds = load_kinds(folder / "kinds")
    specs = [load_machine(one, kinds) for one in sorted((folder / "machines").glob("*.toml"))]
    machines = {one.name: one for one in specs}
    with ExitStack() as stack:
        demo = stack.enter_context(Demo(asked.out / "state", speed=asked.speed, seed=asked.seed))
        demo.wait_until_full(len(machines) + 1)
        kept = Kept(demo.state)
        run, epoch_ms = kept.run()
        begun_ms = kept.committed_ms(run)
        ledger = Ledger(demo.history, begun_ms)
        sender = Orders(demo, asked.seed, machines, begun_ms)
        stack.callback(sender.stop)
        viewers = stack.enter_context(Viewers(demo.port, asked.viewers))
        now = [begun_ms]
        named = [(one.name, one.location[-1], one.sensors[0].name) for one in specs]
        asker = stack.enter_context(Asker(demo.port, paths(asked.seed, named, lambda: (epoch_ms, now[0]))))
        samples = Samples(file, COLUMNS)
        first: dict[str, tuple[int, ...]] = {}
        restarts = 0
        end_s, next_s = time.monotonic() + asked.minutes * 60, time.monotonic()
        last_ms = begun_ms + asked.days * DAY_MS
        while (time.monotonic() < end_s or now[0] < last_ms) and not ending.wait(0.25):
            if not demo.runs:
                raise SystemExit(f"the demo ended by itself: {demo.state / 'demo.log'} says why")
            now[0] = kept.committed_ms(run)
            sender.mind(now[0])
            ledger.look(run, now[0])
            if time.monotonic() < next_s:
                continue
            next_s = max(next_s + EVERY_S, time.monotonic())
            taken = programs(demo.pid)
            for part, one in taken.items():
                before = first.setdefault(part, one.pids)
                restarts += before[0] not in one.pids
                first[part] = one.pids
            demo.said.look()
            row = {"plant_h": (now[0] - epoch_ms) / HOUR_MS, **kept.sample(run)}
            row |= {
                f"{part}_{key}": value for part, one in taken.items() for key, value in one.values.items()
            }
            row |= spread("told", kept.told_ms())
            for kind, times in asker.times().items():
                row |= spread(kind, times)
            found = ledger.found
            row |= {
                "lost": found.lost, "doubled": found.doubled, "taken_away": found.taken_away,
                "checked": found.readings, "values": found.values,
                "errors": demo.said.errors, "warnings": demo.said.warnings, "restarts": restarts,
                "failed": len(asker.failed), "asked": asker.count,
                "refused": len(sender.refused), "orders": sender.sent,
                "updates": viewers.updates, "streams_ended": viewers.ended, "silent_s": viewers.silent_s,
            }  # fmt: skip
            samples.add(row)
            _tell(asked.out / "notes.txt", demo, ledger.notes, asker.failed, sender.refused)


def _tell(file: Path, demo: Demo, *noted: list[str]) -> None:
    """Write down in words what was counted."""
    said = [f"{count:7d} {sentence}" for sentence, count in demo.said.sentences.most_common()]
    lines = [*said, *(one for notes in noted for one in notes[:200])]
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
