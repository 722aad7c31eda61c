"""How long the demo takes to start, what it takes at rest, and how that grows: `python -m benchmarks.rest`.

The default demo at speed 1, from its start until the page has all machines and their last eight hours, and
then at rest. Then plants of more machines, histories of more days, and more viewers, with the exponent by
which CPU and memory grow. `--write` puts tables and picture into docs/performance.md. CPU and memory are
the kernel's own count, so this runs on Linux.
"""

# ruff: noqa: T201 - it prints what it measured
import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.growth import Growth, Panel, write_picture
from benchmarks.page_office import PageOffice, wait_for
from benchmarks.page_viewers import Viewers
from benchmarks.rest_programs import EARLIER, Taken, at_rest, spent_s, whole
from benchmarks.section import DOCS, about, table, write_section
from benchmarks.year import Size, make_year
from demo.claims import HOST, free_port

PICTURE = DOCS.parent / "pictures" / "growth.svg"
MACHINES = (12, 50, 200, 1_000)
DAYS = (10, 40, 160)
VIEWERS = (1, 10, 40)
"""A web process keeps a reserve of its threads from streams: more than 48 would not all be let in."""
OF_DAYS, OF_VIEWERS = 12, 24
DEMO_MACHINES = 13
PROGRAMS = ("simulator", "broker", "ingest", "web")
FULL_S = 600.0
CPU_TARGET, MEMORY_TARGET_MB = 0.15, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How a start went, until the page was full."""

    wall_s: float
    """Real seconds."""
    cpu_s: float
    """CPU of all programs, in seconds."""


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rest", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each is watched at rest")
    parser.add_argument(
        "--study-s", type=float, default=1_200.0, help="how long the demo's study is waited for"
    )
    parser.add_argument("--most", type=int, default=1_000, help="no plant is larger")
    parser.add_argument("--only", choices=("demo", "machines", "days", "viewers"), help="only this part")
    parser.add_argument(
        "--write", action="store_true", help="put tables and picture into docs/performance.md"
    )
    args = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    parts: dict[str, str] = {}
    panels: list[Panel] = []
    if args.only in {None, "demo"}:
        parts["demo"] = demo(args.seconds, args.study_s)
    if args.only in {None, "machines"}:
        parts["machines"], panel = by_machines([one for one in MACHINES if one <= args.most], args.seconds)
        panels.append(panel)
    if args.only in {None, "days"}:
        parts["days"], panel = by_days(args.seconds / 4)
        panels.append(panel)
    if args.only in {None, "viewers"}:
        parts["viewers"], panel = by_viewers(args.seconds / 2)
        panels.append(panel)
    about_it = f"{about(load, 'numpy', 'dash', 'paho-mqtt', 'sqlalchemy')}."
    text = "\n\n".join([about_it, *parts.values(), *exponents(panels)])
    print(text)
    if args.write and args.only is None:
        write_picture(PICTURE, panels)
        write_section("rest", text)


def exponents(panels: list[Panel]) -> list[str]:
    """A table of the exponents, where there are any."""
    rows = [[panel.of, one.what, f"{one.exponent:.2f}"] for panel in panels for one in panel.growths]
    return [table(["grows with", "what", "as the power"], rows)] if rows else []


def demo(seconds: float, study_s: float) -> str:
    """The default demo at speed 1."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        settings = {"SPEED": "1", "PORT": str(port), "MQTT_PORT": str(free_port()), "STATE_DIR": folder}
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "demo"],
            env={**os.environ, **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            start = full(process.pid, port, DEMO_MACHINES, began)
            studying = at_rest(process.pid, min(seconds, 10.0)).get("study")
            until_s = time.monotonic() + study_s
            while studying is not None and studying.cpu > 0.01 and time.monotonic() < until_s:  # noqa: PLR2004
                studying = at_rest(process.pid, 5.0).get("study")
            taken = at_rest(process.pid, seconds)
        finally:
            process.terminate()
            process.wait(30)
    # It works at the lowest priority, and then stands still.
    study = taken.get("study", Taken(cpu=0.0, memory=0.0))
    busy = study.cpu > 0.01  # noqa: PLR2004
    if busy:
        taken["study"] = Taken(cpu=0.0, memory=study.memory)
    total = whole(taken)
    rows = [[name, f"{100 * one.cpu:.1f} %", f"{one.memory:.0f} MB"] for name, one in sorted(taken.items())]
    rows.append(["**in all**", f"**{100 * total.cpu:.1f} %**", f"**{total.memory:.0f} MB**"])
    rows.append(["target", f"{100 * CPU_TARGET:.0f} %", f"{MEMORY_TARGET_MB} MB"])
    return (
        f"The default demo at speed 1, with twin, {DEMO_MACHINES} machines: full after {start.wall_s:.1f} s "
        f"({start.cpu_s:.1f} s of CPU, eight hours of the plant and of its twin among them). "
        f"At rest, {'without the CPU of its study, still at work' if busy else 'its study done'}:\n\n"
        + table(["program", "of one core", "memory"], rows)
    )


def full(pid: int, port: int, machines: int, began: float) -> Start:
    """Wait until the page has all machines and the plant has lived through its past."""
    until_s = began + FULL_S
    while time.monotonic() < until_s:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/live/state", timeout=5) as answer:
                board = msgspec.json.decode(answer.read())["d"]["board"]
        except (OSError, KeyError, ValueError):
            board = None
        if board and board["machines"] >= machines and board["catching_up_to_ms"] is None:
            return Start(wall_s=time.monotonic() - began, cpu_s=spent_s(pid))
        time.sleep(0.2)
    raise SystemExit(f"the page was not full within {FULL_S:g} s")


def by_machines(counts: Sequence[int], seconds: float) -> tuple[str, Panel]:
    """Plants of more machines, with twin, at speed 1."""
    rows, points = [], []
    for machines in counts:
        with tempfile.TemporaryDirectory() as name:
            began = time.monotonic()
            with PageOffice(Path(name)) as office:
                office.simulate(machines, speed="1", hours=0.25, twin=True)
                start = full(os.getpid(), office.port, machines, began)
                time.sleep(5.0)
                taken = at_rest(os.getpid(), seconds)
        taken.pop(EARLIER, None)
        total = whole(taken)
        points.append((machines, total, start))
        shown = [*(taken[one] for one in PROGRAMS), total]
        rows.append([
            f"{machines:,}", f"{start.wall_s:.1f} s",
            *(f"{100 * one.cpu:.1f} %, {one.memory:.0f} MB" for one in shown),
        ])  # fmt: skip
        print(rows[-1], flush=True)
    grown = (
        Growth(what="CPU, % of a core", points=tuple((n, 100 * one.cpu) for n, one, _ in points)),
        Growth(what="memory, MB", points=tuple((n, one.memory) for n, one, _ in points)),
    )
    titles = ["machines", "full after", *PROGRAMS, "in all"]
    return table(titles, rows), Panel(of="machines", growths=grown)


def by_days(seconds: float) -> tuple[str, Panel]:
    """Histories of more days: what the web process takes once it has its books of them."""
    rows, points = [], []
    for days in DAYS:
        with tempfile.TemporaryDirectory() as name, PageOffice(Path(name) / "office") as office:
            file = Path(name) / "year.db"
            size = Size(machines=OF_DAYS, days=days)
            make_year(file, size)
            port = free_port()
            web = office.start(
                "aged", "-m", "dashboard", "web", "--history", f"sqlite:///{file}", "--host", HOST,
                "--port", str(port),
            )  # fmt: skip
            wait_for(f"http://{HOST}:{port}/health")
            taken = settled(web.pid, seconds)
            points.append((days, spent_s(web.pid), taken))
            rows.append([f"{days}", f"{file.stat().st_size / 1e6:.0f} MB", f"{points[-1][1]:.1f} s",
                         f"{taken.memory:.0f} MB", f"{100 * taken.cpu:.1f} %"])  # fmt: skip
        print(rows[-1], flush=True)
    grown = (
        Growth(what="start of the web process, s of CPU", points=tuple((n, cpu) for n, cpu, _ in points)),
        Growth(what="its memory, MB", points=tuple((n, one.memory) for n, _, one in points)),
    )
    titles = [
        f"days kept of {OF_DAYS} machines",
        "on disk",
        "web: CPU until its books are made",
        "memory",
        "at rest",
    ]
    return table(titles, rows), Panel(of="days kept", growths=grown)


def settled(pid: int, seconds: float) -> Taken:
    """What a process takes once it takes no more CPU than before."""
    until_s = time.monotonic() + FULL_S
    taken = whole(at_rest(pid, seconds))
    while taken.cpu > 0.05 and time.monotonic() < until_s:  # noqa: PLR2004 - it is still at work
        taken = whole(at_rest(pid, seconds))
    return taken


def by_viewers(seconds: float) -> tuple[str, Panel]:
    """More viewers of a plant at speed 60, each of which reads every byte of its stream."""
    rows, points = [], []
    with tempfile.TemporaryDirectory() as name, PageOffice(Path(name)) as office:
        office.simulate(OF_VIEWERS, speed="60", hours=0.25)
        full(os.getpid(), office.port, OF_VIEWERS, time.monotonic())
        for count in VIEWERS:
            with Viewers(office.port, count):
                time.sleep(3.0)
                taken = whole(at_rest(office.web.pid, seconds))
            points.append((count, taken))
            rows.append([f"{count}", f"{100 * taken.cpu:.1f} %", f"{taken.memory:.0f} MB"])
            print(rows[-1], flush=True)
    grown = (
        Growth(what="CPU of the web process, %", points=tuple((n, 100 * one.cpu) for n, one in points)),
        Growth(what="its memory, MB", points=tuple((n, one.memory) for n, one in points)),
    )
    return table([f"viewers of {OF_VIEWERS} machines at speed 60", "web", "memory"], rows), Panel(
        of="viewers", growths=grown
    )


if __name__ == "__main__":
    main()
