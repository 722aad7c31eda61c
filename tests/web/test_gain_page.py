"""The gain page in a real browser: a history that offices wrote, of a plant and of its twin."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard import study
from dashboard.conclusions import AssumedNow, AssumedSegment, Assumption, encode
from dashboard.study import LineGain, Mean, Study
from tests.broker.running import RunningBroker
from tests.gained.conftest import MINUTES, NAMES
from tests.gained.two_plants import EPOCH_MS, MINUTE, RUN, write_two_plants
from tests.web.accessible import findings
from tests.web.conftest import RunningWeb
from tests.web.looks import LOOKS
from tests.web.plant import Answerer, HandMachine, HandOffice
from tests.web.waiting import SOON_MS, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.browser]


def _line(line: str, mean: float, low: float, high: float) -> LineGain:
    nothing = Mean(mean=100, low=0, high=200)
    gain = Mean(mean=mean, low=low, high=high)
    return LineGain(line=line, plant=nothing, twin=nothing, gain=gain, ahead=0.9)


def _study(pairs: int) -> bytes:
    """What replicas say, once so many were lived."""
    said = Study(
        digest="x", assumptions={}, hours=8, pairs=pairs, pairs_in_all=200, first_seed=1, confidence=0.95,
        lines=[_line("packing", 52, -4, 108), _line("machining", 14.2, 10.1, 18.4)],
        plant=_line("", 66, 20, 120), phase_hours={"cycle": Mean(mean=-0.9, low=-1.05, high=-0.75)},
    )  # fmt: skip
    return study.encode(said)


STUDY = _study(pairs=120)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWeb]:
    """A web process on a history of both plants."""
    folder = tmp_path_factory.mktemp("gain-page")
    broker = RunningBroker(folder / "broker")
    broker.start()
    running = RunningWeb(broker, folder)
    write_two_plants(folder, MINUTES, *NAMES, away=(130, 160))
    running.start()
    yield running
    running.stop()
    broker.kill()


@pytest.fixture
def told(lived: RunningWeb) -> Iterator[HandOffice]:
    """The office's word on the same run."""
    office = HandOffice(lived.broker, [HandMachine(name="mill-1")], now_ms=EPOCH_MS + (MINUTES + 1) * MINUTE)
    office.tell()
    lived.hear(office)
    yield office
    office._publish(b"", "study")
    office._publish(b"", "assumptions")
    office.close()


def assumed(**values: Any) -> bytes:
    """What the office says of assumptions."""
    about = {
        key: Assumption(
            value=value,
            unit="s" if key.endswith("_s") else "",
            least=60.0 if key.endswith("_s") else None,
            most=14_400.0 if key.endswith("_s") else None,
            words=f"what {key} says",
            source="Hedman et al. 2016" if key == "reason_share" else "",
            grade="A" if key == "reason_share" else "assumption",
        )
        for key, value in values.items()
    }
    segment = AssumedSegment(from_ms=EPOCH_MS, label="as it began", values=dict(values))
    return encode(AssumedNow(run=RUN, persons=["anna", "ben"], assumptions=about, segments=[segment]))


def opened(page: Page, web: RunningWeb, search: str = "") -> None:
    page.goto(f"{web.url}/gain{search}")
    expect(page.locator("#gain-phases tbody tr").first).to_be_visible(timeout=SOON_MS)


def again(page: Page, office: HandOffice) -> None:
    """Let plant time pass, and go on saying so until the page asks again, which it does every 2 s at most."""
    office.now_ms += MINUTE
    with page.expect_response(re.compile(r"/api/gain\?")) as asked, office.speaking():
        assert asked.value.ok


def unfolded(page: Page, name: str) -> None:
    """Open a part of the page by its heading, as the keyboard does."""
    page.locator(f"#gain-{name} summary").press("Enter")


def test_whoever_opens_it_first_reads_what_why_and_how_sure_without_scrolling(
    told: HandOffice, lived: RunningWeb, browser_page: Page, picture: Callable[[Page, str], None]
) -> None:
    browser_page.set_viewport_size({"width": 1280, "height": 900})
    told._publish(STUDY, "study")
    opened(browser_page, lived)
    again(browser_page, told)

    for place, words in (
        ("#gain-headline", "lines made more good parts"),
        (".gain-line[data-line=machining] .gain-number", "good parts"),
        (".gain-line[data-line=machining] .gain-made", "measured in this run"),
        (
            ".gain-line[data-line=machining] .gain-mean",
            "on average in a shift of 8 h: +14 good parts (+14.2 %), surely more",
        ),
        (".gain-line[data-line=packing] .gain-mean", "95 % interval −4.0 to +108, over 120 other shifts"),
        ("#gain-why-words", "of machine time observed in both"),
        ("#gain-phases tbody tr >> nth=0", "min"),
        ("#gain-expected", "the machines ran 54 min longer with calls"),
        ("#gain-intervals tbody tr >> nth=0", "+45 min to +1 h 3 min"),
    ):
        found = browser_page.locator(place)
        expect(found).to_contain_text(words, timeout=SOON_MS)
        # What is not new any longer has a notice above it.
        with told.speaking():
            expect(browser_page.locator("#notice")).to_be_hidden()
            box = found.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900, place
    picture(browser_page, "gain")


def test_on_a_phone_the_first_screen_says_why_and_how_sure_as_well(
    told: HandOffice, lived: RunningWeb, browser_page: Page
) -> None:
    browser_page.set_viewport_size({"width": 390, "height": 844})
    told._publish(STUDY, "study")
    opened(browser_page, lived)
    again(browser_page, told)

    brief = browser_page.locator("#gain-brief")
    expect(brief).to_contain_text("Why: ", timeout=SOON_MS)
    expect(brief).to_contain_text(
        "over 120 other shifts of 8 h, 95 % interval +45 min to +1 h 3 min: surely more."
    )
    with told.speaking():
        expect(browser_page.locator("#notice")).to_be_hidden()
        box = brief.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 844


@pytest.mark.usefixtures("told")
def test_before_there_are_replicas_it_says_that_another_day_is_not_known(
    lived: RunningWeb, browser_page: Page
) -> None:
    opened(browser_page, lived)

    expect(browser_page.locator("#gain-sure-words")).to_contain_text("no pair of replicas so far")
    expect(browser_page.locator("#gain-sure-words")).to_be_in_viewport()
    expect(browser_page.locator(".gain-line[data-line=machining] .gain-mean")).to_contain_text(
        "not known yet"
    )
    expect(browser_page.locator("#gain-expected")).to_be_hidden()


@pytest.mark.usefixtures("told")
def test_a_line_says_how_much_earlier_it_had_made_what_both_have_made(
    lived: RunningWeb, browser_page: Page
) -> None:
    opened(browser_page, lived)
    answer = browser_page.evaluate("fetch('/api/gain').then(one => one.json())")

    assert [one["line"] for one in answer["lines"]] == ["machining", "packing"]
    unfolded(browser_page, "worth")
    expect(browser_page.locator(".gain-worth[data-line=packing] .gain-counted")).to_contain_text(
        "packer-1 in the place of packer-2"
    )
    for line in answer["lines"]:
        box = browser_page.locator(f".gain-worth[data-line={line['line']}]")
        expect(box.locator("h3")).to_have_text(line["line"].title())
        minutes = int(abs(line["lead_s"]) // 60)
        said = f"{minutes} min" if minutes else "moment" if abs(line["lead_s"]) < 1 else "s "
        lead = box.locator(".gain-lead")
        expect(lead).to_contain_text("good part")
        expect(lead).to_contain_text(said)
        if line["lead_s"]:
            expect(lead).to_contain_text("earlier with" if line["lead_s"] > 0 else "later with")


@pytest.mark.usefixtures("told")
def test_details_are_folded_below_their_headings_and_what_is_open_stands_in_the_address(
    lived: RunningWeb, browser_page: Page
) -> None:
    opened(browser_page, lived)
    expect(browser_page.locator("#gain-stops-table")).to_be_hidden()
    expect(browser_page.locator("#gain-kpis-brief")).to_contain_text("utilization")

    unfolded(browser_page, "stops")

    expect(browser_page.locator("#gain-stops-table table")).to_be_visible()
    wait_until(browser_page, "location.search === '?open=stops'")
    browser_page.reload()
    expect(browser_page.locator("#gain-stops-table table")).to_be_visible(timeout=SOON_MS)
    expect(browser_page.locator("#gain-kpi-table")).to_be_hidden()


@pytest.mark.usefixtures("told")
def test_the_split_ends_in_the_time_that_was_gained(lived: RunningWeb, browser_page: Page) -> None:
    opened(browser_page, lived)
    answer = browser_page.evaluate("fetch('/api/gain').then(one => one.json())")

    others = browser_page.locator("#gain-phases tr.others")
    expect(others).to_contain_text(f"{len(answer['phases']) - 3} other phases")
    every = browser_page.get_by_role("button", name=re.compile(r"All \d+ phases"))
    every.press("Enter")
    expect(others).to_be_hidden()
    rows = browser_page.locator("#gain-phases tbody tr:not(.others)")
    expect(rows).to_have_count(len(answer["phases"]) + 1)
    expect(rows.last).to_contain_text("together: more time running")
    minutes = int(abs(answer["time"]["gained_s"]) // 60)
    expect(rows.last.locator(".gain-difference")).to_contain_text(f"{minutes % 60} min")
    expect(browser_page.locator("#gain-answered")).to_contain_text("add up to the millisecond")


def test_replicas_say_how_sure_it_is_as_soon_as_there_are_any(
    told: HandOffice, lived: RunningWeb, browser_page: Page
) -> None:
    opened(browser_page, lived)
    told._publish(_study(pairs=40), "study")
    again(browser_page, told)

    few = browser_page.locator(".gain-line[data-line=machining] .gain-mean")
    expect(few).to_contain_text("+14 good parts (+14.2 %), so far more", timeout=SOON_MS)
    expect(few).to_contain_text("over 40 other shifts; called sure from 100 on")
    expect(browser_page.locator("#gain")).not_to_contain_text("surely")
    told._publish(STUDY, "study")
    again(browser_page, told)

    sure = browser_page.locator("#gain-sure-words")
    expect(sure).to_contain_text("120 pairs of replicas of 8 h", timeout=SOON_MS)
    expect(sure).to_contain_text("surely more (the 95 % interval lies above zero): Machining +14")
    expect(sure).to_contain_text("not sure yet (the 95 % interval holds zero): Packing +52")
    expect(browser_page.locator("#gain-intervals tbody th")).to_have_text(
        ["All machines", "Machining", "Packing"]
    )


@pytest.mark.usefixtures("told")
def test_a_margin_makes_money_of_parts_and_stands_in_the_address(
    lived: RunningWeb, browser_page: Page
) -> None:
    opened(browser_page, lived)
    unfolded(browser_page, "worth")
    field = browser_page.locator(".gain-worth[data-line=machining] input")
    expect(browser_page.locator("#gain-what-words")).to_contain_text("Give what a good part earns")

    field.fill("12.5")
    field.press("Enter")

    expect(browser_page.locator("#gain-what-words")).to_contain_text("of 1 line with one", timeout=SOON_MS)
    gained = browser_page.evaluate("fetch('/api/gain').then(one => one.json())")["lines"][0]["gained"]
    money = browser_page.locator(".gain-worth[data-line=machining] .gain-money b")
    expect(money).to_contain_text(f"{abs(gained * 12.5):.2f}" if gained else "0")
    assert "margin=machining%3A12.5" in browser_page.url


@pytest.mark.usefixtures("told")
def test_both_plants_are_drawn_in_time_and_stand_beside_each_other(
    lived: RunningWeb, browser_page: Page
) -> None:
    opened(browser_page, lived, "?open=lanes,kpis,paper,stops,holes")

    expect(browser_page.locator("#gain-lanes-table tbody tr")).to_have_count(len(NAMES), timeout=SOON_MS)
    painted = """canvas => { const pen = canvas.getContext('2d');
      return [...pen.getImageData(0, 0, canvas.width, canvas.height).data].some(value => value > 0); }"""
    lane = browser_page.locator("canvas.gain-lane").first
    assert lane.evaluate(painted)
    expect(browser_page.locator("#gain-kpi-table")).to_contain_text("Plant: utilization")
    expect(browser_page.locator("#gain-state-table")).to_contain_text("running")
    expect(browser_page.locator("#gain-paper-bars tbody tr")).to_have_count(3)
    expect(browser_page.locator("#gain-stops-words")).to_contain_text("stops are over in both plants")
    expect(browser_page.locator("#gain-holes-table tbody tr")).to_have_count(1)
    expect(browser_page.locator("#gain-holes-table tbody tr")).to_contain_text("08:10–08:4")


def test_controls_send_what_is_assumed_from_now_on(
    told: HandOffice, lived: RunningWeb, browser_page: Page
) -> None:
    plant = Answerer(lived.broker, "plant")
    opened(browser_page, lived)
    unfolded(browser_page, "assume")
    expect(browser_page.locator("#gain-controls")).to_be_hidden()
    told._publish(
        assumed(calls=True, condition=True, rounds_s=1200, reaction_s=60, on_shift="all", reason_share=0.5),
        "assumptions",
    )
    again(browser_page, told)
    calls = browser_page.get_by_role("switch", name="calls are heard")
    expect(calls).to_have_attribute("aria-checked", "true", timeout=SOON_MS)
    expect(browser_page.locator("#gain-assume-table")).to_contain_text("Hedman et al. 2016 (grade A)")

    calls.click()
    command = plant.answer("calls off from now on")
    assert (command["what"], command["values"]) == ("assume", {"calls": False})
    expect(browser_page.locator("#gain-assume-said")).to_have_text("calls off from now on.")

    browser_page.get_by_label("rounds every").fill("10")
    browser_page.get_by_label("rounds every").press("Enter")
    assert plant.answer("done")["values"] == {"rounds_s": 600}
    # One after the other: while an answer is on its way nothing else is asked.
    expect(browser_page.locator("#gain-assume-said")).to_contain_text("It holds from now on")

    browser_page.get_by_label("anna").uncheck()
    assert plant.answer("done")["values"] == {"on_shift": ["ben"]}
    plant.close()


@pytest.mark.usefixtures("told")
def test_the_whole_run_can_be_chosen_by_keyboard(lived: RunningWeb, browser_page: Page) -> None:
    opened(browser_page, lived)
    chosen = browser_page.get_by_label("assumptions:")

    chosen.focus()
    chosen.press("End")

    wait_until(browser_page, "location.search.includes('segment=run')")
    expect(browser_page.get_by_label("assumptions:")).to_have_value("run", timeout=SOON_MS)


@pytest.mark.parametrize("tolerated_page_errors", [["404"]])
def test_a_plant_without_a_twin_says_that_there_is_nothing_to_compare(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(f"{web.url}/gain")

    expect(browser_page.locator("#gain-said")).to_contain_text("run", timeout=SOON_MS)
    expect(browser_page.locator("#gain-body")).to_be_hidden()
    assert office.machines


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_page_fits_and_has_no_accessibility_finding(
    told: HandOffice, lived: RunningWeb, browser_page: Page, width: int, scheme: str
) -> None:
    browser_page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    browser_page.set_viewport_size({"width": width, "height": 900})
    told._publish(STUDY, "study")
    told._publish(assumed(calls=True, rounds_s=1200, on_shift="all", reason_share=0.5), "assumptions")
    opened(browser_page, lived, "?open=worth,lanes,kpis,paper,stops,holes,assume")
    again(browser_page, told)
    expect(browser_page.locator("#gain-intervals tbody tr")).to_have_count(3, timeout=SOON_MS)

    assert [one["id"] for one in findings(browser_page)] == []
    assert browser_page.evaluate("document.documentElement.scrollWidth") == width
