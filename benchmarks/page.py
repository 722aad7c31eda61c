"""From a reading on the wire to the changed tile in a real Chromium: `python -m benchmarks.page`.

A real Mosquitto, ingest and web process, 24 machines, one tab that measures and nine more viewers; beside
it, in the same run, the same machines the usual Dash way: full figures, made anew for each viewer every
second. `--write` puts the table into docs/performance.md. `--heap` instead lives a day of the plant in tabs.
CPU is the kernel's own count, so this runs on Linux.
"""

# ruff: noqa: T201 - it prints what it measured
import argparse
import os
import platform
import statistics
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from playwright.sync_api import Browser, Request

from benchmarks.page_devices import Devices
from benchmarks.page_heap import heap
from benchmarks.page_office import PageOffice, cpu_s, wait_for
from benchmarks.page_pollers import CALLBACK, Pollers, Question
from benchmarks.page_tab import Tab, chromium, tab
from benchmarks.page_table import Cost, written
from benchmarks.page_viewers import Viewers
from benchmarks.page_way import Told, Way, way
from demo.claims import HOST, free_port

MACHINES, VIEWERS = 24, 10
SETTLE_S = 3.0
LOADS = 5
DOCS = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- page: made by `python -m benchmarks.page --write` -->", "<!-- /page -->"


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each thing is watched")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--heap", action="store_true", help="a day of plant time in the tab, and its heap")
    parser.add_argument("--hours", type=float, default=24.0, help="with --heap: hours of plant time")
    args = parser.parse_args(arguments)
    if args.heap:
        heap(MACHINES, hours=args.hours)
        return
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        step, pushed, polled = measured(Path(folder), browser, args.seconds)
        about = (
            f"{os.cpu_count()} cores, load {load:.1f} before and {os.getloadavg()[0]:.1f} after; "
            f"Python {platform.python_version()}, Dash {version('dash')}, plotly {version('plotly')}, "
            f"Chromium {browser.version}; {args.seconds:g} s each."
        )
    table = written(step, pushed, polled, about)
    print(table)
    if args.write:
        text = DOCS.read_text(encoding="utf-8")
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        DOCS.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def measured(folder: Path, browser: Browser, seconds: float) -> tuple[Way, Cost, Cost]:
    """Ours with all machines at one moment, ours with each at its own, and the usual way."""
    (folder / "devices").mkdir()
    (folder / "plant").mkdir()
    with PageOffice(folder / "devices") as office, Devices(office.broker, MACHINES) as devices:
        step = reported(browser, office, office.url, devices, seconds, spread=False)
        own = reported(browser, office, office.url, devices, seconds, spread=True)
        usual = reported(browser, office, polling(office).url, devices, seconds, spread=True)
    with PageOffice(folder / "plant") as office:
        office.simulate(MACHINES, speed="60", hours=2.0)
        caught_up(browser, office)
        pushed = pushing(browser, office, seconds, own)
        return step, pushed, asking(browser, polling(office), seconds, usual)


def reported(
    browser: Browser, office: PageOffice, url: str, devices: Devices, seconds: float, *, spread: bool
) -> Way:
    """How long reports of machines take to a tab, with nine more viewers."""
    with ExitStack() as stack:
        told = stack.enter_context(Told(office.broker))
        page = stack.enter_context(tab(browser))
        devices.speak(spread=spread)
        question = opened(page, url)
        port = int(url.rpartition(":")[2])
        stack.enter_context(
            Viewers(port, VIEWERS - 1) if url == office.url else Pollers(port, VIEWERS - 1, question)
        )
        page.page.wait_for_timeout(SETTLE_S * 1_000)
        page.forget()
        told.said.clear()
        devices.sent.clear()
        page.page.wait_for_timeout(seconds * 1_000)
        devices.rest()
        page.page.wait_for_timeout(SETTLE_S * 1_000)
        return way(list(devices.sent), list(told.said), page.noted())


def opened(page: Tab, url: str) -> Question:
    """Open a page; the question that it asks again and again, if it asks one."""
    questions: list[Question] = []

    def see(request: Request) -> None:
        if CALLBACK in request.url and request.post_data:
            questions.append((request.url.removeprefix(url), request.post_data))

    page.page.on("request", see)
    page.open(url, MACHINES)
    page.page.wait_for_timeout(2_000)
    return questions[-1] if questions else ("", "")


@dataclass(frozen=True, slots=True)
class Polling:
    """The usual Dash page beside ours."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{HOST}:{self.port}"


def polling(office: PageOffice) -> Polling:
    """Start the usual Dash page; it ends with the office."""
    port = free_port()
    process = office.start("polling", "-m", "benchmarks.page_polling", "--port", str(port))
    wait_for(f"http://{HOST}:{port}/")
    return Polling(port, process.pid)


def caught_up(browser: Browser, office: PageOffice) -> None:
    """Wait until the plant has lived through its past."""
    with tab(browser) as page:
        page.open(office.url, MACHINES)
        while page.page.evaluate("office.plant.board.catching_up_to_ms") is not None:
            page.page.wait_for_timeout(500)


def painted(browser: Browser, url: str) -> tuple[float, float]:
    """First contentful paint and all tiles with a cold cache, milliseconds, medians of five loads."""
    found = []
    for _ in range(LOADS):
        with tab(browser) as page:
            found.append(page.open(url, MACHINES))
    return statistics.median(one for one, _ in found), statistics.median(one for _, one in found)


def pushing(browser: Browser, office: PageOffice, seconds: float, own: Way) -> Cost:
    """What ours costs."""
    with tab(browser) as page, Viewers(office.port, 1) as viewers:
        page.open(office.url, MACHINES)
        page.page.wait_for_timeout(SETTLE_S * 1_000)
        busy = watched(page, seconds * 2)
        updates = len(page.noted().came) / (seconds * 2)
        size, strangers = statistics.median(length for _, length in viewers.updates), len(page.strangers)
    costs = {}
    for count in (1, VIEWERS, 3 * VIEWERS):
        with Viewers(office.port, count) as viewers:
            time.sleep(SETTLE_S)
            viewers.updates.clear()
            spent = cpu_s(office.web.pid)
            time.sleep(seconds)
            costs[count] = (cpu_s(office.web.pid) - spent) / max(1, len(viewers.updates))
    asked = urllib.request.Request(f"{office.url}/live/state", headers={"Accept-Encoding": "gzip"})  # noqa: S310 - ours
    with urllib.request.urlopen(asked) as answer:  # noqa: S310 - ours
        first = len(answer.read())
    each = ", ".join(f"{1e3 * one:.2f} ms with {count} viewers" for count, one in costs.items())
    print(f"CPU of the web process for an update: {each}")
    paint_ms, full_ms = painted(browser, office.url)
    return Cost(
        way=own, bytes=size, first=first, busy=busy, updates=updates, strangers=strangers,
        viewer_ms=1e3 * (costs[3 * VIEWERS] - costs[1]) / (3 * VIEWERS - 1),
        paint_ms=paint_ms, full_ms=full_ms,
    )  # fmt: skip


def asking(browser: Browser, usual: Polling, seconds: float, own: Way) -> Cost:
    """What the usual way costs."""
    with tab(browser) as page:
        question = opened(page, usual.url)
        page.page.wait_for_timeout(SETTLE_S * 1_000)
        busy = watched(page, seconds)
        updates = len(page.noted().asked) / seconds
        strangers = len(page.strangers)
    costs, sizes = {}, []
    for count in (1, 4):
        with Pollers(usual.port, count, question) as pollers:
            time.sleep(SETTLE_S)
            pollers.answers.clear()
            spent = cpu_s(usual.pid)
            time.sleep(seconds)
            costs[count] = (cpu_s(usual.pid) - spent) / seconds
            rate = len(pollers.answers) / seconds
            sizes += pollers.answers
    paint_ms, full_ms = painted(browser, usual.url)
    return Cost(
        way=own, bytes=statistics.median(sizes), first=int(statistics.median(sizes)), busy=busy,
        updates=updates, strangers=strangers, viewer_ms=1e3 * costs[4] / rate,
        paint_ms=paint_ms, full_ms=full_ms,
    )  # fmt: skip


def watched(page: Tab, seconds: float) -> float:
    """Share of the time that the page's main thread is busy."""
    page.forget()
    before, began = page.spent(), time.monotonic()
    page.page.wait_for_timeout(seconds * 1_000)
    after, passed = page.spent(), time.monotonic() - began
    return (after["TaskDuration"] - before["TaskDuration"]) / passed


if __name__ == "__main__":
    main()
