"""The page of machines in a real browser: what is typed is checked by the plant's own rules, and done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.hand_plant import MILL, HandPlant
from tests.web.plant import Answerer, HandMachine, HandOffice

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.conftest import RunningWeb

pytestmark = [pytest.mark.broker, pytest.mark.browser]

FITS = re.compile(r"^It fits: ")


@pytest.fixture
def page(machines_page: Page) -> Page:
    """The page of machines, which the hand-made plant answers."""
    return machines_page


def text_of(page: Page) -> str:
    return page.locator("#add-text").input_value()


def wrong(page: Page) -> Locator:
    return page.locator("#add-panel .wrong:visible")


# --- adding ----------------------------------------------------------------------------------------------


def test_the_form_is_right_as_it_opens_and_adding_leads_to_a_tile(page: Page, plant: HandPlant) -> None:
    assert page.locator("#add-name").input_value() == "mill-2"
    assert text_of(page) == MILL

    page.click("#add-go")

    expect(page.locator("#add-said")).to_have_text(
        re.compile(r"^mill-2 is put up; its tile was there after \d+\.\d s\. Look at mill-2, or see it")
    )
    assert page.locator("#add-link").get_attribute("href") == "/machine/mill-2"
    assert [(one.what, one.machine, one.text) for one in plant.orders] == [("add", "mill-2", MILL)]
    expect(page.locator("#row-mill-2")).to_contain_text("a command, for this run")
    expect(page.locator("#add-name")).to_have_value("mill-3")
    # What was said of the name that is taken now is not said of the next.
    expect(page.locator("#add-verdict")).to_have_text(FITS)
    expect(wrong(page)).to_have_count(0)


def test_a_machine_is_added_by_the_keyboard_alone(page: Page, plant: HandPlant) -> None:
    page.locator("#add-kind").focus()
    page.keyboard.type("p")  # the press is the last of the kinds in p
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("saw-1")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("sawing")
    expect(page.locator("#add-text")).to_have_value(re.compile('line = "sawing"'))
    page.keyboard.press("Enter")

    expect(page.locator("#row-saw-1")).to_be_visible()
    assert 'line = "sawing"' in plant.roster.machines["saw-1"]


def test_what_is_wrong_is_said_at_its_field_as_it_is_typed(page: Page, plant: HandPlant) -> None:
    for field, typed, sentence in (
        ("#add-cycle_s", "-3", "mill-2.toml: key 'cycle_s': -3 is not allowed: more than 0, up to 86400."),
        (
            "#add-name",
            "mill-1",
            "key 'machine': 'mill-1' is not allowed: a machine of the plant is called so",
        ),
        ("#add-name", "Mill 2", "key 'machine': 'Mill 2' is not allowed: the name of a machine, 1 to 40 of"),
        ("#add-name", "", "key 'machine' is missing: allowed is a name, 1 to 40 of a-z"),
        ("#add-name", "pressing", "file name 'pressing' is not allowed: press-1 stands on a line of that"),
        ("#add-line", "Hall 1", "key 'line': 'Hall 1' is not allowed: 1 to 40 of a-z, 0-9 and -"),
        ("#add-after", "mill-2", "key 'after': 'mill-2' is not allowed: the name of another machine"),
    ):
        was = page.locator(field).input_value()
        page.fill(field, typed)

        expect(wrong(page)).to_contain_text(sentence)
        expect(wrong(page)).to_have_count(1)
        assert page.locator(field).get_attribute("aria-describedby") == wrong(page).get_attribute("id")
        expect(page.locator(field)).to_have_attribute("aria-invalid", "true")
        page.locator("#add-go").click()
        expect(page.locator(field)).to_be_focused()
        page.fill(field, was)
        expect(page.locator("#add-verdict")).to_have_text(FITS)
    assert plant.orders == []


def test_form_and_text_follow_each_other_and_leave_alone_what_the_other_does_not_know(page: Page) -> None:
    page.fill("#add-text", '# mine\nkind = "cnc-mill"\nline = "hall-1/milling" # by the door\nscrap = 0.02\n')
    expect(page.locator("#add-line")).to_have_value("hall-1/milling")
    expect(page.locator("#add-scrap")).to_have_value("0.02")

    page.check("#add-retrofit")
    page.fill("#add-cycle_s", "120")
    page.fill("#add-line", "milling")
    page.fill("#add-scrap", "")

    expect(page.locator("#add-verdict")).to_have_text(
        "It fits: CNC mill on milling, ideally a part every 112.8 s; a retrofit, whose power tells its "
        "states; 3 signals."
    )
    assert text_of(page) == (
        '# mine\nkind = "cnc-mill"\nline = "milling" # by the door\ncontroller = false\ncycle_s = 120\n'
    )


def test_what_is_wrong_in_a_pasted_text_is_said_beneath_it_and_its_line_is_marked(page: Page) -> None:
    for text, line, sentence in (
        ('kind = "cnc-mill"\nline = machining\n', "2", "Line 2: mill-2.toml: not TOML: Invalid value"),
        (f"{MILL}[stops.jam]\nevery_h = -1\n", "4", "Line 4: mill-2.toml: key 'stops.jam.every_h': -1"),
        (f"{MILL}cycle = 9\n", "3", "key 'cycle' is not known: did you mean 'cycle_s'?"),
        ('kind = "robot"\nline = "x"\n', "1", "key 'kind': 'robot' is not allowed: one of air-compressor"),
    ):
        page.fill("#add-text", text)

        expect(wrong(page)).to_contain_text(sentence)
        assert wrong(page).get_attribute("id") == "add-text-wrong"
        expect(page.locator("#add-numbers .at")).to_have_text(line)


def test_a_file_is_opened_under_its_own_name_and_a_pasted_text_may_say_its_own(
    page: Page, tmp_path: Path
) -> None:
    file = tmp_path / "mill-77.toml"
    file.write_text(MILL + "cycle_s = 90\n", encoding="utf-8")
    page.set_input_files("#add-file", file)
    expect(page.locator("#add-name")).to_have_value("mill-77")
    expect(page.locator("#add-cycle_s")).to_have_value("90")
    expect(page.locator("#add-verdict")).to_have_text(re.compile("ideally a part every 84.6 s"))

    page.fill("#add-text", 'name = "saw-7"\nkind = "press"\nline = "sawing"\n')

    expect(page.locator("#add-name")).to_have_value("saw-7")
    expect(page.locator("#add-verdict")).to_have_text(re.compile("^It fits: .* on sawing"))


def test_another_kind_brings_its_own_settings_and_a_name_and_leaves_none_of_the_last(page: Page) -> None:
    page.fill("#add-cycle_s", "120")
    page.select_option("#add-kind", "air-compressor")

    expect(page.locator("#add-name")).to_have_value("compressor-1")
    expect(page.locator("#add-verdict")).to_have_text(re.compile("^It fits: .*compressor on machining"))
    assert "cycle_s" not in text_of(page)
    expect(page.locator("#add-after")).to_be_hidden()
    page.fill('[id="add-receiver.leak_m3_min"]', "1.5")
    expect(page.locator("#add-text")).to_have_value(re.compile(r"receiver\.leak_m3_min = 1\.5"))


def test_what_somebody_types_stays_while_the_plant_lives_on(page: Page, office: HandOffice) -> None:
    page.fill("#add-text", MILL + "# a th")
    office.tell(minutes=1)
    page.locator("#add-text").press_sequentially("ought")
    office.tell(minutes=1)

    expect(page.locator("#plant-clock")).to_have_text("08:02:00")
    assert text_of(page) == MILL + "# a thought"
    expect(page.locator("#add-text")).to_be_focused()


# --- the machines there are ------------------------------------------------------------------------------


def test_a_machine_is_held_and_goes_on_and_each_is_answered_beside_its_row(
    page: Page, plant: HandPlant
) -> None:
    page.click("#pause-mill-1")

    expect(page.locator("#said-mill-1")).to_have_text("mill-1 is paused.")
    expect(page.locator("#resume-mill-1")).to_be_focused()
    expect(page.locator("#row-mill-1 .state-now")).to_contain_text("paused, for")
    page.click("#resume-mill-1")
    expect(page.locator("#said-mill-1")).to_have_text("mill-1 goes on.")
    assert [one.what for one in plant.orders] == ["pause", "resume"]


def test_a_clone_gets_a_name_of_its_own_and_a_taken_one_is_refused_in_words(
    page: Page, plant: HandPlant, tolerated_page_errors: list[str]
) -> None:
    tolerated_page_errors.append("409")
    page.click("#clone-mill-1")
    expect(page.locator("#clone-name-mill-1")).to_have_value("mill-2")
    expect(page.locator("#clone-name-mill-1")).to_be_focused()
    page.fill("#clone-name-mill-1", "press-1")
    page.keyboard.press("Enter")
    expect(page.locator("#said-mill-1")).to_have_text(
        re.compile("^Not done: key 'name': 'press-1' is not al")
    )

    page.fill("#clone-name-mill-1", "mill-9")
    page.keyboard.press("Enter")

    expect(page.locator("#row-mill-9")).to_be_visible()
    expect(page.locator("#said-mill-1")).to_have_text("mill-9 is put up, with all settings of mill-1.")
    assert plant.roster.machines["mill-9"] == MILL


def test_a_machine_is_changed_in_the_editor_and_its_name_stays(page: Page, plant: HandPlant) -> None:
    page.click("#change-mill-1")
    expect(page.locator("#add-title")).to_have_text("Change mill-1")
    expect(page.locator("#add-text")).to_have_value(MILL)
    expect(page.locator("#add-name")).to_have_attribute("readonly", "")

    page.fill("#add-cycle_s", "99")
    expect(page.locator("#add-verdict")).to_have_text(re.compile("ideally a part every 93.06 s"))
    page.click("#add-go")

    expect(page.locator("#add-said")).to_have_text("mill-1 is another one from now on.")
    expect(page.locator("#row-mill-1")).to_contain_text("its file, changed by a command")
    expect(page.locator("#add-title")).to_have_text("Add a machine")
    assert plant.roster.machines["mill-1"] == MILL + "cycle_s = 99\n"


def test_a_machine_is_saved_as_the_file_that_would_put_it_up(page: Page) -> None:
    with page.expect_download() as download:
        page.click("#save-mill-1")

    assert download.value.suggested_filename == "mill-1.toml"
    assert download.value.path().read_text(encoding="utf-8") == MILL


def test_a_machine_is_removed_once_it_is_asked_for_twice(page: Page, plant: HandPlant) -> None:
    page.click("#remove-press-1")
    expect(page.locator("#row-press-1 .ask")).to_contain_text("Its file stays: a new run begins with it.")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#remove-press-1")).to_be_focused()
    assert plant.orders == []

    page.click("#remove-press-1")
    page.click("#yes-press-1")

    expect(page.locator("#row-press-1")).to_have_count(0)
    expect(page.locator("#machines-said")).to_have_text("press-1 is taken away.")
    assert list(plant.roster.machines) == ["mill-1"]


def test_a_device_of_ones_own_can_be_forgotten_and_is_not_the_plants_to_pause(
    page: Page, web: RunningWeb, office: HandOffice
) -> None:
    device = HandMachine(name="my-press", path="", kind="", simulated=False, how="learned")
    office.machines.append(device)
    office.tell()
    expect(page.locator("#row-my-press")).to_contain_text("own device")
    expect(page.locator("#row-my-press button")).to_have_count(1)
    answerer = Answerer(web.broker, "office")
    page.click("#forget-my-press")
    page.click("#yes-my-press")

    asked = answerer.answer("my-press is forgotten; if it sends again, it begins anew")
    office.retire(device)
    office.tell_board()

    assert (asked["what"], asked["machine"]) == ("forget", "my-press")
    expect(page.locator("#machines-said")).to_have_text(re.compile("^my-press is forgotten"))
    expect(page.locator("#row-my-press")).to_have_count(0)
    answerer.close()
