"""Waiting for a condition on a page whose security policy forbids the browser to evaluate text."""

import time

from playwright.sync_api import Page

SOON_MS = 20_000
"""For a page to load on a busy computer."""


def wait_until(page: Page, condition: str, timeout_ms: int = SOON_MS) -> None:
    """Wait until a JavaScript expression is true. Playwright's own waiting would evaluate it in the page."""
    until_s = time.monotonic() + timeout_ms / 1_000
    while not page.evaluate(condition):
        assert time.monotonic() < until_s, f"not within {timeout_ms} ms: {condition}"
        page.wait_for_timeout(50)
