"""The floor page in a real browser, fed through a real broker."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.accessible import serious
from tests.web.conftest import RunningWeb
from tests.web.looks import LOOKS
from tests.web.plant import HOUR, MINUTE, NOW_MS, SHIFT_MS, HandMachine, HandOffice
from tests.web.waiting import SOON_MS, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.browser]

SECOND_MS = 1_000
PRETEND_HIDDEN = """hidden => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
NOTE_STATES = """() => new MutationObserver(() => { window.noted = Date.now(); }).observe(
  document.querySelector("[data-machine='mill-1'] [data-field='state']"),
  {childList: true, characterData: true, subtree: true})"""
STREAM = "window.office.channel.state.stream"


def field(page: Page, machine: str, name: str) -> Any:
    return page.locator(f"[data-machine='{machine}'] [data-field='{name}']")


def test_tiles_appear_from_retained_messages_alone(
    own_office: HandOffice, own_web: RunningWeb, browser_page: Page
) -> None:
    own_office.leave()
    own_web.stop()
    own_web.start()

    browser_page.goto(own_web.url)

    expect(field(browser_page, "mill-1", "state")).to_have_text("down", timeout=SOON_MS)
    # 90 min running, 20 idle, 10 down.
    expect(field(browser_page, "mill-1", "utilization")).to_have_text("75.0 %")
    expect(field(browser_page, "mill-1", "uptime")).to_have_text("91.7 %")
    expect(field(browser_page, "mill-1", "parts")).to_have_text("40")
    expect(field(browser_page, "mill-1", "since")).to_have_text("for 10 min")
    expect(field(browser_page, "mill-1", "cause")).to_have_text("jam")


@pytest.mark.usefixtures("office")
def test_what_power_cannot_tell_is_shown_as_bounds_and_what_nothing_counts_as_a_dash(
    web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(web.url)

    # 70 min running, 40 stopped, 10 unknown: up for 70 to 120 of 120.
    expect(field(browser_page, "press-1", "uptime")).to_have_text("58–100 %", timeout=SOON_MS)
    expect(field(browser_page, "press-1", "utilization")).to_have_text("63.6 %")
    expect(field(browser_page, "press-1", "coverage")).to_have_text("91.7 % covered")
    expect(field(browser_page, "press-1", "parts")).to_have_text("–")
    expect(browser_page.locator("[data-machine='press-1'] .parts")).to_have_text("– no counter")


def test_what_is_undefined_is_a_dash_and_not_a_number(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    office.machines.append(HandMachine(name="my-press", path="", kind="", letters="?", parts=None))
    office.tell()
    browser_page.goto(web.url)

    expect(field(browser_page, "my-press", "state")).to_have_text("unknown", timeout=SOON_MS)
    for name in ("utilization", "uptime", "parts"):
        expect(field(browser_page, "my-press", name)).to_have_text("–")
    expect(field(browser_page, "my-press", "coverage")).to_have_text("0.0 % covered")


@pytest.mark.usefixtures("office")
def test_every_share_names_its_denominator(web: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(web.url)

    tile = browser_page.locator("[data-machine='mill-1'] .metric").first
    expect(tile).to_have_attribute("title", "running 1 h 30 min of 2 h 0 min observed", timeout=SOON_MS)
    # Without a pointer, too: below the plant's numbers, and in one line for all tiles.
    totals = browser_page.locator("#plant-totals .metric")
    expect(totals.nth(0)).to_contain_text("of 3 h 50 min observed")
    expect(totals.nth(2)).to_contain_text("of 4 h 0 min planned")
    expect(browser_page.locator(".floor-caption")).to_contain_text("of observed time")


def test_a_change_is_on_the_page_within_a_second(
    office: HandOffice, mill: HandMachine, web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(web.url)
    expect(field(browser_page, "mill-1", "state")).to_have_text("down", timeout=SOON_MS)
    wait_until(browser_page, f"{STREAM}?.readyState === 1")
    browser_page.evaluate(NOTE_STATES)
    waited_ms = []

    # The quickest of three: the computer may be busy with something else.
    for letter, state in (("R", "running"), ("I", "idle"), ("S", "setup")):
        mill.letters += letter
        told_ms = time.time() * 1_000
        office.tell(minutes=10)
        expect(field(browser_page, "mill-1", "state")).to_have_text(state, timeout=SOON_MS)
        waited_ms.append(browser_page.evaluate("window.noted") - told_ms)

    assert min(waited_ms) < SECOND_MS
    expect(browser_page.locator("#plant-clock")).to_have_text("08:30:00")


@pytest.mark.usefixtures("office")
def test_the_header_says_what_time_it_is_in_the_plant(web: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(web.url)

    expect(browser_page.locator("#plant-clock")).to_have_text("08:00:00", timeout=SOON_MS)
    expect(browser_page.locator("#plant-date")).to_have_text("Mon, 5 Jan 2026 · UTC")
    expect(browser_page.locator("#shift-name")).to_have_text("Early shift")
    expect(browser_page.locator("#shift-window")).to_have_text("06:00–14:00")
    expect(browser_page.locator("#speed")).to_have_text("×60")
    expect(browser_page.locator("#achieved")).to_have_text("achieved ×59.9")
    expect(browser_page.locator("#catch-up")).to_be_hidden()


def test_where_no_shift_is_on_the_page_says_so_and_which_one_it_shows(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    office.board = {"shift_name": "", "shift_from_ms": SHIFT_MS - 12 * HOUR, "shift_to_ms": SHIFT_MS}
    office.tell()

    browser_page.goto(web.url)

    expect(browser_page.locator("#shift-name")).to_have_text("No shift", timeout=SOON_MS)
    expect(browser_page.locator("#shift-window")).to_have_text(
        "shown is the last one, Sun, 4 Jan 2026 18:00–06:00"
    )
    expect(browser_page.locator("#timeline-title")).to_have_text("Timeline since the last shift began")


def test_the_page_says_how_far_it_has_caught_up(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    office.board = {"epoch_ms": NOW_MS - 5 * HOUR, "catching_up_to_ms": NOW_MS + 3 * HOUR}
    office.tell()
    browser_page.goto(web.url)
    line = browser_page.locator("#catch-up")
    expect(line).to_have_text("living through the last 8 hours: 62 %", timeout=SOON_MS)
    expect(line).to_be_visible()

    office.board["catching_up_to_ms"] = None
    office.tell()

    expect(line).to_be_hidden(timeout=SOON_MS)
    assert line.get_attribute("hidden") is not None


def test_a_name_with_html_in_it_is_shown_as_text(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    name = "<img src=x onerror=alert(1)>"
    office.machines.append(HandMachine(name=name, path="", letters="D", cause="<b>jam</b>"))
    office.refuse("<script>alert(1)</script>")
    office.tell()

    browser_page.goto(web.url)

    tile = browser_page.locator(".tile", has_text=name)
    expect(tile).to_have_count(1, timeout=SOON_MS)
    expect(tile.locator("[data-field='cause']")).to_have_text("<b>jam</b>")
    expect(browser_page.locator("#refused .reason")).to_have_text("<script>alert(1)</script>")
    assert browser_page.locator("#floor img, #floor b, #floor script").count() == 0


ODD_NAMES = {
    "right to left": "\u0645\u0643\u0628\u0633-\u0663",
    "signs upon signs": "z" + "\u0335\u0353\u0301\u0348" * 15,
    "one that looks like another": "m\u0456ll-1",
    "wide ones": "\U0001f6e0" * 64,
    "dots": "...",
    "what an address escapes": "%2e?a&b=1",
}


def test_names_in_any_script_stay_whole_apart_and_within_their_tiles(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    office.machines += [HandMachine(name=name, path="odd", letters="D") for name in ODD_NAMES.values()]
    office.tell()
    browser_page.set_viewport_size({"width": 390, "height": 844})

    browser_page.goto(web.url)

    expect(browser_page.locator(".tile[data-machine='mill-1']")).to_have_count(1, timeout=SOON_MS)
    for what, name in ODD_NAMES.items():
        tile = browser_page.locator(".tile").filter(has=browser_page.get_by_text(name, exact=True))
        expect(tile, what).to_have_count(1, timeout=SOON_MS)
        link = tile.locator(".tile-name")
        assert link.text_content() == name, what
        leads_to = link.evaluate("link => decodeURIComponent(link.pathname)")
        assert leads_to == f"/machine/{name}", what
        inside = link.evaluate(
            """link => {
              const own = link.getBoundingClientRect(), its = link.closest('.tile').getBoundingClientRect();
              const cut = getComputedStyle(link).overflow === 'hidden';
              return cut && own.left >= its.left && own.right <= its.right;
            }"""
        )
        assert inside, what
    assert browser_page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_bad_input_is_counted_with_its_reason_and_repeats_and_gaps_beside_it(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    office.board = {"refused": 1, "repeats": 3, "gaps": 2}
    office.refuse("key 'power_kw': 'high' is not a number")
    office.tell()

    browser_page.goto(web.url)

    panel = browser_page.locator("#refused")
    expect(panel).to_contain_text("1 refused since the office began", timeout=SOON_MS)
    expect(panel).to_contain_text(
        "repeated messages, which changed nothing: 3; missing by their sequence numbers: 2"
    )
    expect(panel.locator("li")).to_contain_text("shopfloor/x/readings")
    expect(panel.locator(".reason")).to_have_text("key 'power_kw': 'high' is not a number")


def test_a_retired_machine_leaves_the_page_and_a_new_one_joins(
    office: HandOffice, mill: HandMachine, web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(web.url)
    expect(browser_page.locator("[data-machine]")).to_have_count(2, timeout=SOON_MS)

    office.retire(mill)
    office.machines.append(HandMachine(name="mill-2"))
    office.tell()

    expect(browser_page.locator("[data-machine='mill-2']")).to_have_count(1, timeout=SOON_MS)
    expect(browser_page.locator("[data-machine='mill-1']")).to_have_count(0)


def test_what_the_reader_has_selected_stays_selected_when_numbers_change(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(web.url)
    expect(field(browser_page, "mill-1", "state")).to_have_text("down", timeout=SOON_MS)
    browser_page.evaluate(
        "getSelection().selectAllChildren(document.querySelector(\"[data-machine='mill-1'] .tile-name\"))"
    )
    browser_page.locator("[data-machine='press-1'] .tile-name").focus()

    office.tell(minutes=1)

    expect(browser_page.locator("#plant-clock")).to_have_text("08:01:00", timeout=SOON_MS)
    assert browser_page.evaluate("getSelection().toString()") == "mill-1"
    assert browser_page.evaluate("document.activeElement.textContent") == "press-1"


def test_what_is_older_than_five_seconds_is_greyed_and_fresh_again_with_the_next_word(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(web.url)
    with office.speaking():
        expect(browser_page.locator("#link-words")).to_have_text("live", timeout=SOON_MS)

    expect(browser_page.locator("body")).to_have_class("stale", timeout=SOON_MS)
    expect(browser_page.locator("#notice")).to_contain_text("Nothing new from the office")

    office.tell(minutes=1)
    expect(browser_page.locator("body")).not_to_have_class("stale", timeout=SOON_MS)
    expect(browser_page.locator("#notice")).to_be_hidden()


def test_old_retained_messages_do_not_look_fresh(
    own_office: HandOffice, own_web: RunningWeb, browser_page: Page
) -> None:
    own_office.board = {"wall_ms": 1_767_592_800_000}
    own_office.tell()
    own_office.leave()
    own_web.stop()
    own_web.start()

    browser_page.goto(own_web.url)

    expect(field(browser_page, "mill-1", "state")).to_have_text("down", timeout=SOON_MS)
    expect(browser_page.locator("body")).to_have_class("stale", timeout=SOON_MS)


def test_a_hidden_tab_closes_its_stream_and_is_right_again_when_shown(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(web.url)
    wait_until(browser_page, f"{STREAM}?.readyState === 1")

    browser_page.evaluate(PRETEND_HIDDEN, arg=True)
    assert browser_page.evaluate(f"{STREAM} === null")
    office.tell(minutes=7)

    browser_page.evaluate(PRETEND_HIDDEN, arg=False)
    expect(browser_page.locator("#plant-clock")).to_have_text("08:07:00", timeout=SOON_MS)
    wait_until(browser_page, f"{STREAM}?.readyState === 1")


def test_a_broker_that_goes_away_is_said_and_its_return_brings_the_page_back(
    own_office: HandOffice, own_web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(own_web.url)
    with own_office.speaking():
        expect(browser_page.locator("#link-words")).to_have_text("live", timeout=SOON_MS)

    own_web.broker.stop()
    expect(browser_page.locator("#notice")).to_contain_text("No connection to the broker", timeout=SOON_MS)

    own_web.broker.start()
    expect(browser_page.locator("#notice")).not_to_contain_text("No connection", timeout=SOON_MS)
    expect(browser_page.locator("[data-machine]")).to_have_count(2)
    own_office.tell(minutes=3)
    expect(browser_page.locator("#plant-clock")).to_have_text("08:03:00", timeout=SOON_MS)
    said = own_web.log.read_text(encoding="utf-8")
    assert said.count("trying again every 1 to 5 s") == 1


def test_a_web_process_that_was_killed_comes_back_with_the_same_numbers(
    own_office: HandOffice, own_web: RunningWeb, browser_page: Page, tolerated_page_errors: list[str]
) -> None:
    tolerated_page_errors += [
        "ERR_CONNECTION_REFUSED",
        "ERR_CONNECTION_RESET",
        "ERR_INCOMPLETE_CHUNKED",
        "ERR_EMPTY_RESPONSE",
    ]
    browser_page.goto(own_web.url)
    expect(field(browser_page, "mill-1", "utilization")).to_have_text("75.0 %", timeout=SOON_MS)

    own_web.stop(9)
    expect(browser_page.locator("#link-words")).to_have_text("no answer", timeout=SOON_MS)
    own_web.start()

    expect(browser_page.locator("#link-words")).not_to_have_text("no answer", timeout=SOON_MS)
    expect(field(browser_page, "mill-1", "utilization")).to_have_text("75.0 %")
    own_office.tell(minutes=2)
    expect(browser_page.locator("#plant-clock")).to_have_text("08:02:00", timeout=SOON_MS)


@pytest.mark.usefixtures("office")
def test_the_guests_line_is_ready_to_copy(web: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(web.url)

    expect(browser_page.locator("#guest-line")).to_have_text(
        f"mosquitto_pub -h 127.0.0.1 -p {web.broker.port} -u guest -P {web.broker.password('guest')} "
        "-t shopfloor/my-press/readings -m '{\"power_kw\": 3.2}'",
        timeout=SOON_MS,
    )


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_page_fits_and_has_no_serious_accessibility_finding(
    office: HandOffice, web: RunningWeb, browser_page: Page, scheme: Any, width: int
) -> None:
    browser_page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    browser_page.set_viewport_size({"width": width, "height": 900})
    browser_page.goto(web.url)
    expect(field(browser_page, "mill-1", "state")).to_have_text("down", timeout=SOON_MS)

    assert browser_page.evaluate("document.documentElement.scrollWidth") == width
    with office.speaking():
        expect(browser_page.locator("body")).not_to_have_class("stale", timeout=SOON_MS)
        assert serious(browser_page) == []


@pytest.mark.usefixtures("office")
def test_the_theme_is_kept(web: RunningWeb, browser_page: Page) -> None:
    browser_page.emulate_media(color_scheme="light")
    browser_page.goto(web.url)
    button = browser_page.locator("#theme")
    expect(button).to_have_text("System", timeout=SOON_MS)

    button.click()
    button.click()
    expect(button).to_have_text("Dark")
    browser_page.reload()

    expect(browser_page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(button).to_have_text("Dark", timeout=SOON_MS)


def test_the_vendored_chart_library_is_the_one_that_plotly_carries() -> None:
    from plotly.offline import get_plotlyjs_version  # noqa: PLC0415 - two seconds, for this test alone

    bundle = Path("dashboard/assets/plotly-cartesian.min.js").read_text(encoding="utf-8")[:400]

    assert f"plotly.js (cartesian - minified) v{get_plotlyjs_version()}" in bundle


@pytest.mark.usefixtures("office")
def test_the_first_load_is_small(web: RunningWeb, browser_page: Page) -> None:
    session = browser_page.context.new_cdp_session(browser_page)
    session.send("Network.enable")
    loaded: list[float] = []
    session.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))

    browser_page.goto(web.url)
    expect(field(browser_page, "mill-1", "state")).to_have_text("down", timeout=SOON_MS)

    assert json.dumps(loaded)
    assert sum(loaded) < 600_000
    assert browser_page.evaluate("window.Plotly === undefined")


def test_in_the_first_minutes_of_a_shift_a_tile_shows_the_last_one(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    office.now_ms = SHIFT_MS + 5 * MINUTE
    office.board = {"last_shift_from_ms": SHIFT_MS - 8 * HOUR, "last_shift_name": "night"}
    office.show_last_shift = True
    office.tell()

    browser_page.goto(web.url)

    expect(field(browser_page, "mill-1", "last-shift")).to_have_text(
        "last shift: utilization 100.0 %, uptime 100.0 %", timeout=SOON_MS
    )
    expect(browser_page.locator("#timeline-title")).to_have_text("Timeline of the last shift and this one")
