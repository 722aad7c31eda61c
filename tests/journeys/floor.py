"""What a person sees on the floor page, asked of a real browser."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from typing import TYPE_CHECKING, Any

from tests.broker.running import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

STATE_WORDS = ("running", "idle", "stopped", "down", "setup", "unknown")
PERCENTAGE = re.compile(r"\d\s*%")
RECORDED = "mazak-1"
FULL_S = 120.0
CHANGE_S = 30.0
POLL_S = 0.2

READ_TILES = """() => Object.fromEntries([...document.querySelectorAll('[data-machine]')].map(tile =>
  [tile.dataset.machine, Object.fromEntries([...tile.querySelectorAll('[data-field]')].map(field =>
    [field.dataset.field, field.textContent.trim()]))]))"""
IS_FULL = "() => document.querySelector('#catch-up')?.hidden === true"
READ_CLOCK = "() => document.querySelector('#plant-clock')?.textContent ?? ''"


def machines_of(project: Path = PROJECT) -> set[str]:
    """Return the names of the machines that a plant started from this folder has."""
    return {file.stem for file in (project / "simulator" / "machines").glob("*.toml")} | {RECORDED}


def wait_for_page(address: str, wait_s: float) -> None:
    """Wait until the page answers."""
    until_s = time.monotonic() + wait_s
    while True:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2):  # noqa: S310 - our page
                return
        except OSError:
            assert time.monotonic() < until_s, f"{address} does not answer"
            time.sleep(POLL_S)


def ask(address: str, path: str) -> Any:
    """Return what the page's API answers."""
    with urllib.request.urlopen(f"{address}{path}", timeout=30) as answer:  # noqa: S310 - our page
        return json.load(answer)


def tiles(page: Page) -> dict[str, dict[str, str]]:
    """Return the fields of every tile, by machine."""
    found: dict[str, dict[str, str]] = page.evaluate(READ_TILES)
    return found


def missing(page: Page, machines: set[str]) -> str:
    """Say what a full floor page would have and this one has not; empty when it is full."""
    seen = tiles(page)
    gaps = [f"{name}: no tile" for name in sorted(machines - set(seen))]
    for name in sorted(machines & set(seen)):
        state, share = seen[name].get("state", ""), seen[name].get("utilization", "")
        if not state.lower().startswith(STATE_WORDS):
            gaps.append(f"{name}: state {state!r}")
        if not PERCENTAGE.search(share):
            gaps.append(f"{name}: utilization {share!r}")
    if not page.evaluate(IS_FULL):
        gaps.append("still catching up")
    return "; ".join(gaps)


def expect_full(page: Page, machines: set[str], wait_s: float = FULL_S) -> None:
    """Wait until every machine has a tile with a state and a utilization, and the past is filled in."""
    until_s = time.monotonic() + wait_s
    while gaps := missing(page, machines):
        assert time.monotonic() < until_s, f"after {wait_s:.0f} s the page is not full: {gaps}"
        page.wait_for_timeout(POLL_S * 1000)


def expect_change(page: Page, wait_s: float = CHANGE_S) -> None:
    """Wait until the clock has gone on and something on a tile has changed."""
    clock, before = page.evaluate(READ_CLOCK), tiles(page)
    assert clock, "the page has no plant clock"
    until_s = time.monotonic() + wait_s
    while page.evaluate(READ_CLOCK) == clock or tiles(page) == before:
        assert time.monotonic() < until_s, f"nothing changed within {wait_s:.0f} s"
        page.wait_for_timeout(POLL_S * 1000)


def expect_tile(page: Page, machine: str, *, there: bool = True, wait_s: float = CHANGE_S) -> None:
    """Wait until a machine has a tile, or has none."""
    until_s = time.monotonic() + wait_s
    while (machine in tiles(page)) is not there:
        assert time.monotonic() < until_s, (
            f"after {wait_s:.0f} s {machine} has {'no' if there else 'still a'} tile"
        )
        page.wait_for_timeout(POLL_S * 1000)


def look_at_the_floor(page: Page, address: str, machines: set[str]) -> None:
    """Open the floor page and see what the README promises. The page answers already."""
    page.goto(address)
    expect_full(page, machines)
    expect_change(page)
