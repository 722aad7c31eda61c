"""What axe finds against a page, as it is while what it shows is fresh."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

FRESH = """() => {
  for (const page of document.querySelectorAll('.page'))
    for (const [name, value] of [['opacity', '1'], ['filter', 'none'], ['transition', 'none']])
      page.style.setProperty(name, value, 'important');
}"""
"""What is old is greyed, and meant to be: how fast this computer is must not decide what is measured."""


def findings(page: Page, context: str | None = None) -> list[Any]:
    """Everything that axe finds against a page, or a part of it."""
    page.evaluate(FRESH)
    found: list[Any] = Axe().run(page, context=context).response["violations"]
    return found


def serious(page: Page, context: str | None = None) -> list[str]:
    """What is serious or critical among it, with the elements that it is about."""
    return [
        f"{one['id']}: {[node['html'][:160] for node in one['nodes']]}"
        for one in findings(page, context)
        if one["impact"] in ("serious", "critical")
    ]
