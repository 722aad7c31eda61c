"""A tab of a real Chromium that notes when updates come, when tiles change and when that is drawn."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

BROWSERS = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--headless=new",
    "--disable-background-networking",
    "--disable-component-update",
)
NOTE = """(() => {
  const now = () => performance.timeOrigin + performance.now();
  const notes = (window.notes = { came: [], changed: [], asked: [] });
  const Real = window.EventSource;
  window.EventSource = class extends Real {
    constructor(...all) { super(...all); this.addEventListener("message", () => notes.came.push(now())); }
  };
  const fetched = window.fetch;
  window.fetch = async (address, ...more) => {
    const answer = await fetched(address, ...more);
    const url = typeof address === "string" ? address : address.url;
    if (url.includes("_dash-update-component")) { notes.came.push(now()); notes.asked.push(now()); }
    return answer;
  };
  const drawn = new MessageChannel();
  let waiting = [];
  /* A task that is asked for while a frame is made runs once it has been. */
  drawn.port1.onmessage = () => { for (const one of waiting) one.push(now()); waiting = []; };
  const last = new Map(), tile = ".tile[data-machine]";
  function see(node, at) {
    const { machine, state } = node.dataset;
    if (last.get(machine) === state) return;
    last.set(machine, state);
    const note = [machine, state, at];
    notes.changed.push(note);
    waiting.push(note);
  }
  new MutationObserver(records => {
    const at = now();
    for (const { type, target, addedNodes } of records) {
      if (type === "attributes") { if (target.matches(tile)) see(target, at); continue; }
      /* A tile may be changed by putting another in its place. */
      for (const node of addedNodes) {
        if (node.nodeType !== 1) continue;
        if (node.matches(tile)) see(node, at);
        else if (node.firstElementChild) node.querySelectorAll(tile).forEach(one => see(one, at));
      }
    }
    if (waiting.length) drawn.port2.postMessage(0);
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state"] });
})()"""
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint').map(entry => entry.startTime)[0] || 0"
TILES = "document.querySelectorAll('.tile[data-machine][data-state]').length"
LOAD_MS = 60_000
SPENT = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What the tab saw of its tiles."""

    changed: list[tuple[str, str, float]]
    """Machine, the state its tile changed to, and when, ms since 1970."""
    drawn: dict[tuple[str, float], float]
    """When such a change was drawn, by machine and moment."""
    came: list[float]
    """When updates came, ms since 1970."""
    asked: list[float]
    """When answers to a page's own questions came, ms since 1970."""


@dataclass
class Tab:
    """One page, and its line to the browser's own figures."""

    page: Page
    strangers: list[str] = field(default_factory=list)
    """Addresses of requests that left this machine."""
    answered: list[int] = field(default_factory=list)
    """Bytes of each answer, as they came over the wire."""

    def __post_init__(self) -> None:
        self._devtools = self.page.context.new_cdp_session(self.page)
        self._devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._devtools.send("Network.enable")
        self._devtools.on("Network.loadingFinished", self._finished)

    def open(self, url: str, tiles: int) -> tuple[float, float]:
        """Load a page; milliseconds to its first contentful paint, and to all of its tiles."""
        self.page.goto(url, wait_until="commit")
        for _ in range(LOAD_MS // 20):
            if self.page.evaluate(TILES) >= tiles:
                painted, full = self.page.evaluate(f"[{FIRST_PAINT}, performance.now()]")
                return float(painted), float(full)
            self.page.wait_for_timeout(20)
        sys.exit(f"{url} shows {self.page.evaluate(TILES)} of {tiles} tiles after {LOAD_MS // 1_000} s")

    def spent(self) -> dict[str, float]:
        """Seconds of CPU that the page's main thread has spent, on all tasks and on sorts of them."""
        told = self._devtools.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in told if one["name"] in SPENT}

    def forget(self) -> None:
        """Forget what has been noted."""
        self.page.evaluate("() => { notes.came.length = notes.changed.length = notes.asked.length = 0; }")

    def noted(self) -> Noted:
        """What has been noted since."""
        told: dict[str, Any] = self.page.evaluate("notes")
        whole = [one for one in told["changed"] if len(one) > len("mst")]
        return Noted(
            changed=[(name, state, at) for name, state, at, _ in whole],
            drawn={(name, at): drawn for name, _, at, drawn in whole},
            came=told["came"],
            asked=told["asked"],
        )

    def heap(self) -> dict[str, float]:
        """What the page holds once its garbage is gone: bytes of JavaScript, nodes, listeners."""
        for _ in range(2):
            self._devtools.send("HeapProfiler.collectGarbage")
        told = {one["name"]: one["value"] for one in self._devtools.send("Performance.getMetrics")["metrics"]}
        used = self._devtools.send("Runtime.getHeapUsage")["usedSize"]
        return {"bytes": used, "nodes": told["Nodes"], "listeners": told["JSEventListeners"]}

    def see(self, request: Request) -> None:
        """Note a request that leaves this machine."""
        url = urlsplit(request.url)
        if url.scheme not in {"data", "blob", "about"} and url.hostname not in {"127.0.0.1", "localhost"}:
            self.strangers.append(request.url)

    def _finished(self, event: dict[str, Any]) -> None:
        self.answered.append(int(event["encodedDataLength"]))


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        sys.exit("this benchmark needs Chromium: apt-get install chromium, or install Google Chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def tab(browser: Browser) -> Iterator[Tab]:
    """A tab with a cold cache, 1440 pixels wide."""
    context: BrowserContext = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(NOTE)
    made = Tab(context.new_page())
    context.on("request", made.see)
    yield made
    context.close()
