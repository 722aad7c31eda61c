"""An office that is away: said on every page with what to do, and no longer once it has caught up."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from dashboard.conclusions import Board
from dashboard.live.absence import BEHIND_MS, Absence, Away
from protocol.messages import Clock, encode
from protocol.moments import from_ms
from tests.broker.clients import Client
from tests.web.conftest import RunningWeb
from tests.web.plant import MINUTE, NOW_MS, RUN, SHIFT_MS, HandOffice

PAGES = ("/", "/losses", "/proof", "/industry", "/machine/mill-1")
SILENT = re.compile(
    r"^The office is away: since 08:00 plant time nobody hears the machines and nobody is called\. .*"
    r"python -m demo plug push, or docker compose start ingest\.$"
)


def clock(at_ms: int, *, attended: bool, run: str = RUN) -> Clock:
    return Clock(
        run=run,
        epoch=from_ms(SHIFT_MS),
        at=from_ms(at_ms),
        wall=datetime.now(UTC),
        speed=60.0,
        attended=attended,
    )


def some_board(now_ms: int = NOW_MS) -> Board:
    """A board of which only run and time matter."""
    fields = dict.fromkeys(Board.__struct_fields__)
    return Board(**{**fields, "run": RUN, "now_ms": now_ms})  # type: ignore[arg-type]


def test_an_office_is_away_once_it_is_silent_and_the_plant_unattended() -> None:
    absence = Absence()

    absence.hear(clock(NOW_MS, attended=True), 100.0)
    attended = absence.now(some_board(), 60.0, 100.0)
    absence.hear(clock(NOW_MS + MINUTE, attended=False), 101.0)
    talks = absence.now(some_board(), 0.5, 101.0)
    away = absence.now(some_board(), 6.0, 102.0)

    assert attended is None
    assert talks is None
    assert away == Away("away", NOW_MS)


def test_an_office_that_is_back_is_behind_until_it_has_worked_through_what_it_missed() -> None:
    absence = Absence()
    now_ms = NOW_MS + 60 * MINUTE
    absence.hear(clock(now_ms, attended=False), 100.0)
    absence.now(some_board(), 60.0, 100.0)
    absence.hear(clock(now_ms, attended=True), 101.0)

    found = [absence.now(some_board(at_ms), 0.1, 101.0) for at_ms in (NOW_MS, now_ms - BEHIND_MS - 1, now_ms)]
    later = absence.now(some_board(NOW_MS), 0.1, 101.0)

    assert found == [Away("behind", NOW_MS), Away("behind", NOW_MS), None]
    # A slow office that was never away is not said to have been.
    assert later is None


def test_a_clock_that_has_stopped_or_is_of_another_run_says_nothing() -> None:
    absence = Absence()
    absence.hear(clock(NOW_MS, attended=False), 100.0)
    stopped = absence.now(some_board(), 60.0, 120.0)

    absence.hear(clock(NOW_MS, attended=False, run="another"), 130.0)
    other = absence.now(some_board(), 60.0, 130.0)

    assert (stopped, other, absence.now(None, None, 130.0)) == (None, None, None)


@pytest.fixture
def plant(own_web: RunningWeb) -> Iterator[Client]:
    """What says the plant's time."""
    made = Client(own_web.broker.port, "machines", own_web.broker.password("machines"))
    yield made
    made.close()


def say(plant: Client, told: Clock) -> None:
    plant.say(["shopfloor/_plant/clock"], encode(told), retain=True)


@pytest.mark.broker
@pytest.mark.browser
def test_every_page_says_that_the_office_is_away_and_what_to_do_until_it_is_back(
    own_web: RunningWeb,
    own_office: HandOffice,
    plant: Client,
    browser_page: Page,
    tolerated_page_errors: list[str],
) -> None:
    # There is no history to prove anything of.
    tolerated_page_errors.append("status of 404")
    say(plant, clock(NOW_MS, attended=True))
    browser_page.goto(own_web.url)
    browser_page.wait_for_selector(".tile")
    own_office.tell_board()
    # A page that took long to load has heard nothing of the plant for long.
    say(plant, clock(NOW_MS, attended=True))
    expect(browser_page.locator("#notice")).to_be_hidden()

    lived_ms = 0
    for path in PAGES:
        browser_page.goto(f"{own_web.url}{path}")
        for _ in range(40):
            # The plant says every second what time it is, and that goes on.
            lived_ms += 1_000
            say(plant, clock(NOW_MS + 30 * MINUTE + lived_ms, attended=False))
            if browser_page.locator("#notice", has_text="The office is away").is_visible():
                break
            browser_page.wait_for_timeout(250)
        expect(browser_page.locator("#notice")).to_have_text(SILENT)

    say(plant, clock(NOW_MS + 60 * MINUTE, attended=True))
    # It goes on speaking: a page that is slow to say that it is back would find it silent again.
    with own_office.speaking():
        expect(browser_page.locator("#notice")).to_have_text(
            "The office is back, and works through what it has missed since 08:00 plant time."
        )
        own_office.tell(minutes=60)
        expect(browser_page.locator("#notice")).to_be_hidden()
