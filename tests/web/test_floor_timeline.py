"""The timeline of the floor: its totals, short stops that stay, a zoom that the address keeps, its pace."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import RunningWeb
from tests.web.plant import HandMachine, HandOffice
from tests.web.waiting import SOON_MS

pytestmark = [pytest.mark.broker, pytest.mark.browser]

REDRAW_MS = 50
"""Fifty thousand intervals: three frames of a screen."""
HAS_DOWN = """canvas => { const pen = canvas.getContext('2d'), found = [];
  const row = pen.getImageData(0, Math.floor(canvas.height / 2) + 2, canvas.width, 1).data;
  for (let x = 0; x < canvas.width; x++) if (row[4 * x] === 207 && row[4 * x + 1] === 58) found.push(x);
  return found; }"""
SHORT_STOPS = """() => {
  const machine = office.plant.machines.get('mill-1'), strip = machine.strip, from = strip[0][0];
  const down = office.plant.states.indexOf('down'), running = office.plant.states.indexOf('running');
  strip.length = 0;
  for (let minute = 0; minute < 120; minute += 30) {
    strip.push([from + minute * 60000, running], [from + (minute + 15) * 60000, down]);
    strip.push([from + (minute + 15) * 60000 + 500, running]);
  }
  strip.changes++;
  dispatchEvent(new CustomEvent('live', { detail: { whole: false, signals: {} } }));
}"""
COUNT = """() => {
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  window.drawn = 0;
  CanvasRenderingContext2D.prototype.clearRect = function (...all) {
    window.drawn++;
    clear.apply(this, all);
  };
}"""
MANY = """async () => {
  const canvases = [...Array(24)].map(() => {
    const canvas = document.createElement('canvas');
    canvas.className = 'strip';
    canvas.style.width = '900px';
    document.querySelector('main').append(canvas);
    return canvas;
  });
  const each = Math.ceil(50000 / 24), states = office.plant.states.length;
  const from = Date.UTC(2026, 0, 5, 6), to = from + 8 * 3600000;
  const piece = (i, k) => [from + Math.floor(i * (to - from) / each), (i * 7 + k) % states];
  const strips = canvases.map((_, k) =>
    Object.assign([...Array(each)].map((_, i) => piece(i, k)), { end: to, changes: 0 }));
  const draw = () => canvases.forEach((canvas, i) => office.strip.draw(canvas, strips[i], from, to, to));
  const took = [];
  for (let round = 0; round < 21; round++) {
    await new Promise(requestAnimationFrame);
    const begun = performance.now();
    /* States that changed: no picture that was drawn before will do. */
    for (const strip of strips) strip.changes++;
    draw();
    canvases[0].getContext('2d').getImageData(0, 0, 1, 1);
    took.push(performance.now() - begun);
  }
  const again = [];
  for (let round = 0; round < 21; round++) {
    const begun = performance.now();
    draw();
    again.push(performance.now() - begun);
  }
  canvases.forEach(canvas => canvas.remove());
  for (const one of [took, again]) one.sort((a, b) => a - b);
  return { quarter: took[5], again: again[5], pieces: strips.reduce((sum, strip) => sum + strip.length, 0) };
}"""


def shown(page: Page) -> str:
    """What the zoom says; nothing for the whole shift."""
    return page.locator("#zoom-words").inner_text()


def settled(page: Page) -> None:
    """Wait until the page has drawn."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")


@pytest.mark.usefixtures("office")
def test_the_timeline_shows_down_in_its_column_and_says_its_totals(
    web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(web.url)
    row = browser_page.locator("#floor-timeline tbody tr", has_text="mill-1")
    expect(row.locator("td[data-state='running']")).to_have_text("1:30", timeout=SOON_MS)
    expect(row.locator("td[data-state='idle']")).to_have_text("0:20")
    expect(row.locator("td[data-state='down']")).to_have_text("0:10")
    expect(row.locator("td[data-state='unknown']")).to_have_text("–")
    canvas = row.locator("canvas")
    expect(canvas).to_have_attribute(
        "aria-label",
        "mill-1, this shift: running 1 h 30 min, idle 20 min, down 10 min. Arrow keys read the intervals.",
    )

    canvas.focus()
    browser_page.keyboard.press("ArrowLeft")
    expect(browser_page.locator(".tip")).to_have_text("down 07:50:00–now (10 min)")
    browser_page.keyboard.press("ArrowLeft")
    expect(browser_page.locator(".tip")).to_have_text("idle 07:30:00–07:50:00 (20 min)")

    colours = """canvas => { const pen = canvas.getContext('2d'), y = Math.floor(canvas.height / 2) + 2;
      const at = x => [...pen.getImageData(Math.floor(canvas.width * x), y, 1, 1).data].slice(0, 3).join();
      return [at(0.3), at(0.95)]; }"""
    running, down = canvas.evaluate(colours)
    assert running == "15,143,111"
    assert down == "207,58,36"


@pytest.mark.usefixtures("office")
def test_a_stop_of_half_a_second_keeps_its_column_however_long_the_shift_is(
    web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(web.url)
    canvas = browser_page.locator("#floor-timeline tbody tr", has_text="mill-1").locator("canvas")
    expect(canvas).to_be_visible(timeout=SOON_MS)

    browser_page.evaluate(SHORT_STOPS)
    settled(browser_page)

    columns = canvas.evaluate(HAS_DOWN)
    assert len(columns) >= 4
    assert columns[-1] - columns[0] > 300


def test_the_zoom_stands_in_the_address_and_survives_updates_and_a_reload(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(web.url)
    canvas = browser_page.locator("#floor-timeline tbody tr", has_text="mill-1").locator("canvas")
    expect(canvas).to_be_visible(timeout=SOON_MS)
    assert shown(browser_page) == ""
    expect(browser_page.locator("#zoom-none")).to_be_disabled()

    canvas.focus()
    browser_page.keyboard.press("+")
    expect(browser_page.locator("#zoom-words")).to_have_text("07:00–now, 1 h 0 min")
    assert browser_page.url.endswith("?span=3600")
    office.tell(minutes=10)
    # It goes on with now, and the focus stays where it is.
    expect(browser_page.locator("#zoom-words")).to_have_text("07:10–now, 1 h 0 min", timeout=SOON_MS)
    assert browser_page.evaluate("document.activeElement.className") == "strip"

    browser_page.keyboard.press("Shift+ArrowLeft")
    expect(browser_page.locator("#zoom-words")).to_have_text("06:55–07:55, 1 h 0 min")
    assert "until=2026-01-05T07%3A55%3A00Z" in browser_page.url
    office.tell(minutes=10)
    expect(browser_page.locator("#plant-clock")).to_have_text("08:20:00", timeout=SOON_MS)
    assert shown(browser_page) == "06:55–07:55, 1 h 0 min"
    browser_page.reload()
    expect(browser_page.locator("#zoom-words")).to_have_text("06:55–07:55, 1 h 0 min", timeout=SOON_MS)

    browser_page.locator("#zoom-out").click()
    browser_page.locator("#zoom-out").click()
    expect(browser_page.locator("#zoom-words")).to_have_text("")
    expect(browser_page).to_have_url(f"{web.url}/")


def test_dragging_over_the_timeline_zooms_into_what_was_marked(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(web.url)
    canvas = browser_page.locator("#floor-timeline tbody tr", has_text="mill-1").locator("canvas")
    expect(canvas).to_be_visible(timeout=SOON_MS)
    canvas.scroll_into_view_if_needed()
    with office.speaking():
        # A notice above it would move it from below the pointer.
        expect(browser_page.locator("#notice")).to_be_hidden()
        box: Any = canvas.bounding_box()
        y = box["y"] + 10
        browser_page.mouse.move(box["x"] + box["width"] * 0.25, y)
        browser_page.mouse.down()
        browser_page.mouse.move(box["x"] + box["width"] * 0.5, y, steps=4)
        expect(browser_page.locator(".zoom-band")).to_be_visible()
        browser_page.mouse.up()

    expect(browser_page.locator(".zoom-band")).to_be_hidden()
    expect(browser_page.locator("#zoom-words")).to_have_text("06:30–07:00, 30 min")
    browser_page.keyboard.press("Escape")
    assert shown(browser_page) == "06:30–07:00, 30 min"


@pytest.mark.usefixtures("office")
def test_fifty_thousand_intervals_are_drawn_again_within_three_frames(
    web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(web.url)
    expect(browser_page.locator("#floor-timeline canvas.strip").first).to_be_visible(timeout=SOON_MS)

    took = browser_page.evaluate(MANY)

    # The quicker rounds: the computer may be busy with something else.
    assert took["pieces"] >= 50_000
    assert took["quarter"] < REDRAW_MS
    # What is drawn already costs nothing.
    assert took["again"] < REDRAW_MS / 10


def test_an_update_draws_only_the_rows_that_changed(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    office.machines.append(HandMachine(name="mill-9", letters="R" * 12))
    office.tell()
    browser_page.goto(f"{web.url}/?span=600&until=2026-01-05T07:30:00Z")
    expect(browser_page.locator("#floor-timeline canvas.strip")).to_have_count(3, timeout=SOON_MS)
    settled(browser_page)
    browser_page.evaluate(COUNT)

    office.tell(minutes=1)
    expect(browser_page.locator("#plant-clock")).to_have_text("08:01:00", timeout=SOON_MS)
    settled(browser_page)

    # Nothing in that stretch of the past is new.
    assert browser_page.evaluate("window.drawn") == 0
