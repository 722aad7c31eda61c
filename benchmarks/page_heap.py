"""A day of plant time in a tab, and what it leaves in the browser: `python -m benchmarks.page --heap`."""

# ruff: noqa: T201 - it prints what it measured
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.page_office import PageOffice
from benchmarks.page_tab import Tab, chromium, tab

LIMIT_BYTES = 20_000_000
PAGES = ("/", "/gain")
HOUR_MS = 3_600_000
PATIENCE_S = 3_600.0


def heap(machines: int, *, hours: float) -> None:
    """Print what tabs hold before and after so many hours of the plant, its garbage gone; pass or fail.

    Args:
        machines: How many.
        hours: Hours of plant time.
    """
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, PageOffice(Path(folder)) as office:
        office.simulate(machines, speed="max", hours=1.0, twin=True)
        with tab(browser) as floor, tab(browser) as gain:
            pages = dict(zip(PAGES, (floor, gain), strict=True))
            floor.open(office.url, machines)
            gain.page.goto(f"{office.url}/gain", wait_until="commit")
            while plant_ms(floor, past=True) is None:
                floor.page.wait_for_timeout(500)
            floor.page.wait_for_timeout(5_000)
            begun_ms = plant_ms(floor) or 0
            before = {path: one.heap() for path, one in pages.items()}
            until_s = time.monotonic() + PATIENCE_S
            while (plant_ms(floor) or 0) < begun_ms + hours * HOUR_MS:
                floor.page.wait_for_timeout(1_000)
                if time.monotonic() > until_s:
                    sys.exit(f"the plant lives no {hours:g} hours in {PATIENCE_S:.0f} s")
            passed = ((plant_ms(floor) or 0) - begun_ms) / HOUR_MS
            after = {path: one.heap() for path, one in pages.items()}
    print(f"{machines} machines, {passed:.1f} hours of plant time, garbage collected before and after")
    for path in PAGES:
        grown = {name: after[path][name] - before[path][name] for name in after[path]}
        print(
            f"{path:6} heap {before[path]['bytes'] / 1e6:.1f} to {after[path]['bytes'] / 1e6:.1f} MB "
            f"({grown['bytes'] / 1e6:+.1f}), nodes {before[path]['nodes']:.0f} {grown['nodes']:+.0f}, "
            f"listeners {before[path]['listeners']:.0f} {grown['listeners']:+.0f}"
        )
    grown_most = max(after[path]["bytes"] - before[path]["bytes"] for path in PAGES)
    print(f"{'PASS' if grown_most < LIMIT_BYTES else 'FAIL'}: below {LIMIT_BYTES / 1e6:.0f} MB")
    if grown_most >= LIMIT_BYTES:
        sys.exit(1)


def plant_ms(page: Tab, *, past: bool = False) -> int | None:
    """What time it is in the plant, the page says; None before it does, with `past` while it catches up."""
    catching_up = " && office.plant.board.catching_up_to_ms === null" if past else ""
    found: int | None = page.page.evaluate(
        f"office.plant && office.plant.board{catching_up} ? office.plant.board.now_ms : null"
    )
    return found
