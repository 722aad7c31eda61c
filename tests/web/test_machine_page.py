"""One machine's page in a real browser, with a history that ingest's office wrote."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.ingest.office_of_a_day import EPOCH_MS, close, give, minutes, open_office
from tests.web.accessible import serious
from tests.web.conftest import RunningWeb
from tests.web.plant import MINUTE, NOW_MS, SHIFT_MS, HandMachine, HandOffice
from tests.web.waiting import SOON_MS, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.browser]

PLOT = "document.querySelector('#trends .js-plotly-plot')"
POINTS = f"{PLOT}?._fullData?.[2]?.x.length"
RANGE = f"{PLOT}._fullLayout.xaxis.range.map(one => String(one))"


@pytest.fixture(scope="module", autouse=True)
def history(web: RunningWeb) -> None:
    """Two hours of mill-1 and press-1 where the web process reads them."""
    assert EPOCH_MS == SHIFT_MS
    count = (NOW_MS - SHIFT_MS) // MINUTE
    written = open_office(Path(web.history.removeprefix("sqlite:///")).parent, NOW_MS)
    give(written, minutes(count))
    close(written, NOW_MS)


def test_state_numbers_and_signals_are_there(office: HandOffice, web: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(f"{web.url}/machine/mill-1")
    office.tell()

    expect(browser_page.locator("#machine-state")).to_have_text("down", timeout=SOON_MS)
    expect(browser_page.locator("#machine-cause")).to_have_text("jam")
    numbers = browser_page.locator("#machine-numbers")
    expect(numbers).to_contain_text("75.0 %")
    expect(numbers).to_contain_text("running 1 h 30 min / observed 2 h")
    expect(numbers).to_contain_text("(running 1 h 30 min + idle 20 min) / observed 2 h")
    expect(browser_page.locator("#machine-buckets")).to_contain_text("unaccounted for: 0 s")
    wait_until(browser_page, f"{POINTS} >= 120")
    # Of all the ways to plotly.js the short one.
    assert browser_page.evaluate(
        "performance.getEntriesByType('resource').map(one => new URL(one.name).pathname)"
        ".filter(path => path.includes('plotly'))"
    ) == ["/assets/plotly-cartesian.min.js"]


def test_the_trends_grow_with_the_plant_and_keep_the_readers_zoom(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(f"{web.url}/machine/mill-1")
    wait_until(browser_page, f"{POINTS} >= 120")
    wait_until(browser_page, "window.office.channel.state.stream?.readyState === 1")
    before = browser_page.evaluate(POINTS)
    # As a reader zooms: the axis runs from half past six to seven.
    browser_page.evaluate(
        f"Plotly.relayout({PLOT}, {{'xaxis.range[0]': {SHIFT_MS + 30 * MINUTE}, "
        f"'xaxis.range[1]': {SHIFT_MS + 60 * MINUTE}}})"
    )
    zoomed = browser_page.evaluate(RANGE)

    for _ in range(3):
        office.tell(minutes=1)
        browser_page.wait_for_timeout(400)

    wait_until(browser_page, f"{POINTS} >= {before + 2}")
    assert browser_page.evaluate(RANGE) == zoomed


def test_the_strip_follows_the_zoom(office: HandOffice, web: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(f"{web.url}/machine/mill-1")
    wait_until(browser_page, f"{POINTS} >= 120")
    office.tell()
    middle = """canvas => { const pen = canvas.getContext('2d');
      return [...pen.getImageData(canvas.width >> 1, canvas.height - 3, 1, 1).data].slice(0, 3).join(); }"""
    wait_until(browser_page, f"({middle})(document.querySelector('#machine-strip')) === '15,143,111'")

    # The last ten minutes were down.
    browser_page.evaluate(
        f"Plotly.relayout({PLOT}, {{'xaxis.range[0]': {NOW_MS - 9 * MINUTE}, "
        f"'xaxis.range[1]': {NOW_MS - MINUTE}}})"
    )

    wait_until(browser_page, f"({middle})(document.querySelector('#machine-strip')) === '207,58,36'")


@pytest.mark.usefixtures("office")
def test_another_window_brings_its_own_numbers(web: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(f"{web.url}/machine/mill-1")
    expect(browser_page.locator("#machine-numbers")).to_contain_text("75.0 %", timeout=SOON_MS)

    browser_page.get_by_role("button", name="last 8 h").click()
    # The run is two hours old; the history, not the office by hand, has these.
    expect(browser_page.locator("#machine-window-words")).to_contain_text("06:00–08:00", timeout=SOON_MS)
    expect(browser_page.locator("#machine-numbers")).not_to_contain_text("75.0 %")

    browser_page.get_by_role("button", name="last shift").click()
    expect(browser_page.locator("#machine-window-words")).to_contain_text("22:00–06:00", timeout=SOON_MS)
    expect(browser_page.locator("#trends-empty")).to_have_text("No readings of its signals in this window.")
    browser_page.get_by_role("button", name="this shift").click()
    expect(browser_page.locator("#machine-numbers")).to_contain_text("75.0 %", timeout=SOON_MS)


@pytest.mark.usefixtures("office")
def test_the_stops_follow_the_window_and_the_address_keeps_it(web: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(f"{web.url}/machine/mill-1")
    words, stops = browser_page.locator("#machine-stops-words"), browser_page.locator("#machine-stops")
    expect(words).to_have_text("this shift (Mon, 5 Jan 2026, 06:00–now), longest first", timeout=SOON_MS)
    expect(stops).to_contain_text("in all", timeout=SOON_MS)

    browser_page.get_by_role("button", name="last shift").click()
    expect(words).to_contain_text("last shift (", timeout=SOON_MS)
    # The run is younger than that shift.
    expect(stops).to_contain_text("It did not stop in this window.", timeout=SOON_MS)

    browser_page.reload()
    expect(words).to_contain_text("last shift (", timeout=SOON_MS)
    browser_page.go_back()
    expect(words).to_contain_text("this shift (", timeout=SOON_MS)
    expect(stops).to_contain_text("in all", timeout=SOON_MS)


@pytest.mark.usefixtures("office")
def test_a_tile_leads_to_its_machine(web: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(web.url)

    browser_page.locator("[data-machine='press-1'] .tile-name").click(timeout=SOON_MS)

    expect(browser_page.locator("h1")).to_have_text("press-1", timeout=SOON_MS)
    expect(browser_page.locator("#machine-numbers")).to_contain_text(
        "power alone does not tell whether up or down", timeout=SOON_MS
    )


def test_an_unknown_machine_is_said_in_a_sentence_until_it_is_heard_of(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(f"{web.url}/machine/drill%20%3Cb%3E9")
    missing = browser_page.locator("#machine-missing")
    expect(missing).to_contain_text("No machine named drill <b>9 has been heard of", timeout=SOON_MS)

    office.machines.append(HandMachine(name="drill <b>9", letters="RRRR"))
    office.tell()

    expect(browser_page.locator("#machine-state")).to_have_text("running", timeout=SOON_MS)
    expect(missing).to_be_hidden()


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_and_has_no_serious_accessibility_finding(
    web: RunningWeb, browser_page: Page, width: int
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 900})
    browser_page.goto(f"{web.url}/machine/mill-1")
    wait_until(browser_page, f"{POINTS} >= 120")

    assert serious(browser_page) == []
    assert browser_page.evaluate("document.documentElement.scrollWidth") == width
