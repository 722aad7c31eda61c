"""What a machine's page says below its numbers, through a real broker, ingest, history and browser.

Stops and their reasons, parts against plan, cycles, signals with what is foreseen, and messages as they came.
"""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.broker.running import RunningBroker
from tests.ingest.plant_of_calls import EPOCH_MS
from tests.ingest.running import RunningIngest
from tests.web.accessible import serious
from tests.web.conftest import RunningWeb
from tests.web.waiting import SOON_MS, wait_until
from tests.web.worn import JAM_S, MICRO_S, NAME, Plant, write

pytestmark = [pytest.mark.broker, pytest.mark.browser]

PLOT = "document.querySelector('#trends .js-plotly-plot')"
SHAPES = f"({PLOT}?.layout?.shapes || [])"
CURVE = f"{PLOT}?._fullData?.[2]?.x.length"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningWeb, Plant]]:
    """Broker, office and page on five hours of a mill, and the plant that goes on."""
    folder = tmp_path_factory.mktemp("detail")
    write(folder)
    broker = RunningBroker(folder / "broker")
    broker.start()
    ingest, web = RunningIngest(broker, folder), RunningWeb(broker, folder)
    plant = Plant(broker)
    ingest.start()
    try:
        web.start()
        yield web, plant
    finally:
        web.stop()
        plant.close()
        ingest.stop()
        broker.kill()


@pytest.fixture
def web(shop: tuple[RunningWeb, Plant]) -> RunningWeb:
    return shop[0]


@pytest.fixture
def plant(shop: tuple[RunningWeb, Plant]) -> Plant:
    return shop[1]


def second_newest_way(web: RunningWeb) -> dict[str, str | None]:
    """When the message before the last was sent, committed and told to pages."""
    with urllib.request.urlopen(f"{web.url}/api/messages?machine={NAME}&limit=2", timeout=60) as found:  # noqa: S310 - our page
        way: dict[str, str | None] = json.loads(found.read())["messages"][-1]["way"]
    return way


def opened(web: RunningWeb, page: Page) -> None:
    page.goto(f"{web.url}/machine/{NAME}")
    expect(page.locator("#machine-state")).to_have_text("running", timeout=SOON_MS)
    expect(page.locator("#machine-stops .stops-sum")).to_contain_text("in all", timeout=SOON_MS)


def test_a_stop_says_what_it_waited_for_and_micro_stops_are_folded_by_cause(
    web: RunningWeb, browser_page: Page
) -> None:
    opened(web, browser_page)

    rows = browser_page.locator("#machine-stops tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("jam")
    # Durations have blanks that do not break.
    expect(rows.locator(".split-words li")).to_have_text(
        [
            "noticed after 2\u00a0min", "answered after 30\u00a0s", "there after 2\u00a0min\u00a030\u00a0s",
            "restored after 9\u00a0min\u00a040\u00a0s", "ran after 20\u00a0s",
        ]
    )  # fmt: skip
    count = len(MICRO_S)
    expect(browser_page.locator(".micro-stops h3")).to_have_text(
        f"{count} micro-stops, {count * 30 // 60} min in all, by cause"
    )
    expect(browser_page.locator(".folds li").first).to_contain_text(f"loading by hand {count} stops")


def test_parts_stand_against_plan_and_cycles_beside_the_ideal_one(
    web: RunningWeb, browser_page: Page
) -> None:
    opened(web, browser_page)
    pace = browser_page.locator("#machine-pace")
    made = browser_page.locator("[data-kpi=parts] .number").text_content()

    # Five hours at 50 s a part are 360.
    expect(pace).to_contain_text("should be by now", timeout=SOON_MS)
    expect(pace.locator(".number").nth(0)).to_have_text(made or "")
    expect(pace.locator("dt").nth(2)).to_have_text("behind")
    expect(pace.locator("svg")).to_have_attribute("role", "img")
    cycles = browser_page.locator("#machine-cycles")
    expect(cycles).to_contain_text("60.0 s median of", timeout=SOON_MS)
    expect(cycles).to_contain_text("ideal 50.0 s")
    expect(browser_page.locator("#machine-losses")).to_contain_text("Breakdowns", timeout=SOON_MS)
    link = browser_page.get_by_role("link", name="All losses of this machine")
    expect(link).to_have_attribute("href", f"/losses?machine={NAME}")


def test_what_is_foreseen_is_said_at_the_top_and_drawn_into_the_chart(
    web: RunningWeb, browser_page: Page
) -> None:
    opened(web, browser_page)

    said = browser_page.locator("#machine-foreseen")
    expect(said).to_contain_text("Foreseen: vibration_mm_s reaches 2.8 mm/s in", timeout=SOON_MS)
    browser_page.get_by_text("How it was found").click()
    expect(browser_page.locator(".foreseen details")).to_contain_text("nine in ten such intervals")
    wait_until(browser_page, f"{SHAPES}.some(one => one.type === 'path')")
    # Grey is the jam, in which it did not run.
    wait_until(browser_page, f"{SHAPES}.some(one => one.yref === 'paper')")
    before = browser_page.evaluate(f"+new Date({PLOT}._fullLayout.xaxis.range[1])")

    browser_page.get_by_role("button", name="Show it in the chart").click()

    wait_until(browser_page, f"+new Date({PLOT}._fullLayout.xaxis.range[1]) > {before}")
    letters = browser_page.evaluate(f"{PLOT}.layout.annotations.map(one => one.text).join()")
    assert "D from 4.5" in letters
    assert "ISO 10816-3:2009, group 2 rigid" in letters


def test_a_stop_opens_from_the_timeline_by_keyboard_and_gets_its_reason(
    web: RunningWeb, browser_page: Page
) -> None:
    opened(web, browser_page)
    strip = browser_page.locator("#machine-strip")
    strip.focus()
    # From the newest piece back to the jam: running and idle by turns, then running, then the jam.
    for _ in range(2 * len(MICRO_S) + 2):
        strip.press("ArrowLeft")
    expect(browser_page.locator(".tip")).to_contain_text("down")
    strip.press("Enter")

    dialog = browser_page.get_by_role("dialog")
    expect(dialog).to_contain_text("Down: jam", timeout=SOON_MS)
    expect(dialog.locator(".split-words")).to_contain_text("noticed after")
    expect(dialog.locator(".message code").first).to_have_text(f"shopfloor/machining/{NAME}/readings")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    dialog.get_by_label("Reason").select_option("waiting for maintenance")
    dialog.get_by_label("Note").fill("<b>nobody</b> came")
    dialog.get_by_role("button", name="Save").click()

    expect(dialog).to_have_count(0, timeout=SOON_MS)
    expect(strip).to_be_focused()
    row = browser_page.locator("#machine-stops tbody tr")
    expect(row).to_contain_text("waiting for maintenance", timeout=SOON_MS)
    expect(row).to_contain_text("given by a person: <b>nobody</b> came")

    row.get_by_role("button", name="Correct").click()
    dialog.get_by_role("button", name="Take back").click()
    expect(row).not_to_contain_text("waiting for maintenance", timeout=SOON_MS)


def test_a_stop_opens_by_a_click_on_the_timeline(web: RunningWeb, browser_page: Page) -> None:
    opened(web, browser_page)
    strip = browser_page.locator("#machine-strip")
    box = strip.bounding_box()
    assert box is not None
    middle = sum(JAM_S) / 2
    at_ms = EPOCH_MS + middle * 1_000
    view = browser_page.evaluate("(({ from, to }) => [from, to])(office.machineView())")
    share = (at_ms - view[0]) / (view[1] - view[0])

    strip.click(position={"x": box["width"] * share, "y": box["height"] - 3})

    expect(browser_page.get_by_role("dialog")).to_contain_text("Down: jam", timeout=SOON_MS)
    browser_page.keyboard.press("Escape")
    expect(browser_page.get_by_role("dialog")).to_have_count(0)


def test_a_message_shows_its_way_from_the_plant_to_this_browser(
    web: RunningWeb, plant: Plant, browser_page: Page
) -> None:
    opened(web, browser_page)
    wait_until(browser_page, "window.office.channel.state.stream?.readyState === 1")

    # A commit's stamps come with the next: the plant goes on until its second newest message has them.
    until_s = time.monotonic() + SOON_MS / 1_000
    while not all(second_newest_way(web).values()):
        assert time.monotonic() < until_s, "the way of a message is not told"
        plant.live(60)
        browser_page.wait_for_timeout(300)
    way = browser_page.locator("#machine-wire .way").nth(1)
    browser_page.get_by_role("button", name="Fetch the newest").click()

    expect(way.locator("li").nth(1)).to_contain_text("0 ms", timeout=SOON_MS)
    for place, words in ((2, "received by ingest"), (3, "committed"), (4, "told to pages"), (5, "drawn")):
        expect(way.locator("li").nth(place)).to_contain_text(words)
        expect(way.locator("li").nth(place)).to_contain_text("+")
    payload = browser_page.locator("#machine-wire pre").first
    browser_page.get_by_text("What was said, as it came").first.click()
    expect(payload).to_contain_text('"vibration_mm_s": [')


def test_a_point_of_a_chart_opens_the_message_that_made_it(web: RunningWeb, browser_page: Page) -> None:
    opened(web, browser_page)
    wait_until(browser_page, f"{CURVE} >= 200")
    wait_until(browser_page, f"{PLOT}.officePoints === true")

    point = f"{{ curveNumber: 2, pointNumber: 100, data: {PLOT}.data[2] }}"
    browser_page.evaluate(f"{PLOT}.emit('plotly_click', {{ points: [{point}] }})")

    dialog = browser_page.get_by_role("dialog")
    expect(dialog).to_contain_text("is the mean of the minute from 07:40:00", timeout=SOON_MS)
    # Batches are of five minutes, and this one tells of the minute.
    expect(dialog).to_contain_text("07:40:00.000 to 07:45:00.000 plant time", timeout=SOON_MS)


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1_280, "light"), (1_920, "light")])
def test_the_whole_page_fits_and_has_no_serious_accessibility_finding(
    shop: tuple[RunningWeb, Plant],
    browser_page: Page,
    width: int,
    scheme: str,
    picture: Callable[[Page, str], None],
) -> None:
    web, plant = shop
    browser_page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    browser_page.set_viewport_size({"width": width, "height": 900})
    opened(web, browser_page)
    expect(browser_page.locator("#machine-foreseen")).to_be_visible(timeout=SOON_MS)
    wait_until(browser_page, f"{SHAPES}.some(one => one.type === 'path')")
    for folded in browser_page.locator("details.folded").all():
        folded.locator("summary").first.click()

    assert serious(browser_page) == []
    assert browser_page.evaluate("document.documentElement.scrollWidth") == width
    if width == 1_280:
        for folded in browser_page.locator("details.folded").all():
            folded.locator("summary").first.click()
        # Of a picture that is looked at, the messages and what is folded are too much.
        browser_page.add_style_tag(content="#machine-body > :nth-child(n+9), .strip-hint { display: none; }")
        browser_page.evaluate("scrollTo(0, 0)")
        # A plant that has been silent for a while is said to be.
        plant.live(60)
        expect(browser_page.locator("#notice")).to_be_hidden(timeout=SOON_MS)
        picture(browser_page, "machine")
