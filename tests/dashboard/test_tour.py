"""The file of a guided tour: what the shipped one promises, and what is refused."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dashboard.pages.frame import MACHINE, PAGES
from dashboard.tour.fields import TourError
from dashboard.tour.scenario import DEFAULT_FILE, Tour
from tests.broker.running import PROJECT

HEAD = 'title = "A tour"\ntext = ["In {minutes} minutes."]\nseed = 7\n'
STEP = '[[step]]\nname = "one"\npage = "/"\npoint = "#floor"\ntitle = "One"\ntext = ["See."]\nstay_s = 5\n'
FAULT = 'do = { what = "fault", machine = "mill-1", fault = "jam" }\n'


def test_the_tour_as_shipped_takes_eight_minutes_in_its_own_time() -> None:
    tour = Tour.read(DEFAULT_FILE)

    assert 7.75 * 60 <= tour.stay_s <= 8.25 * 60
    assert 12 <= len(tour.steps) <= 18
    assert tour.answer()["minutes"] == 8


def test_the_tour_as_shipped_goes_to_pages_that_there_are() -> None:
    for step in Tour.read().steps:
        path = urlsplit(step.page).path
        assert path in PAGES or path.startswith(MACHINE)
    for link in Tour.read().steps[-1].links:
        assert urlsplit(link.page).path in PAGES


def test_the_tour_as_shipped_undoes_in_order_what_it_does() -> None:
    asked = [step.does["what"] for step in Tour.read().steps if step.does is not None]

    assert asked == ["speed", "fault", "clear", "add", "remove"]


def test_a_step_says_what_it_reads_asks_and_waits_for() -> None:
    tour = Tour.of(
        HEAD
        + '[cast.who]\napi = "/api/calls?from={epoch}"\nvalue = "calls.0.machine"\notherwise = "mill-1"\n'
        + STEP.replace("See.", "{who} made {parts}.").replace('"/"', '"/machine/{who}"')
        + FAULT
        + 'wait = { there = "#lab-on li", text = "jam" }\notherwise = "Nothing."\n'
        + 'read.parts = { text = "#parts" }\nlinks = [{ words = "On", page = "/lab#x" }]\n'
    )

    (step,) = tour.steps
    assert step.read["parts"].text == "#parts"
    assert step.wait is not None
    assert (step.wait.there, step.wait.text, step.wait.limit_s) == ("#lab-on li", "jam", 20)
    assert step.does == {"what": "fault", "machine": "mill-1", "fault": "jam"}
    told = tour.answer()
    assert told["cast"]["who"]["otherwise"] == "mill-1"
    assert told["steps"][0]["do"] == step.does
    assert told["steps"][0]["links"] == [{"words": "On", "page": "/lab#x"}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title =", "not TOML"),
        (HEAD, "key 'step': is missing: allowed is 1 to 40 tables, [[step]]"),
        (HEAD.replace("7", "true") + STEP, "key 'seed': True is none of its values: allowed is a whole"),
        (HEAD.replace("minutes}", "hours}") + STEP, "{hours} is no number of a tour: allowed is {minutes}"),
        (HEAD + "colour = 1\n" + STEP, "unknown key 'colour': allowed are cast, seed, step, text, title"),
        (HEAD + STEP.replace('name = "one"\n', ""), "number 1 of step: key 'name': is missing"),
        (HEAD + STEP + STEP, "step 'one': key 'name': it is there twice: allowed is each name once"),
        (HEAD + STEP.replace("one", "One"), "key 'name': 'One' is none of its values: allowed is a small"),
        (HEAD + STEP.replace('"/"', '"//evil.example/"'), "step 'one': key 'page': '//evil.example/'"),
        (HEAD + STEP.replace('"/"', '"http://evil.example/"'), "allowed is an address of a page of this"),
        (HEAD + STEP.replace('"/"', '"/?tour=two"'), "that begins with /, without ?tour="),
        (HEAD + STEP.replace('"/"', '"/machine/{who}"'), "allowed is in braces a part of [cast], none"),
        (HEAD + STEP.replace("5", "0"), "key 'stay_s': 0 is none of its values: allowed is a number"),
        (HEAD + STEP.replace("See.", "See 13."), "step 'one': key 'text': 'See 13.'"),
        (HEAD + STEP.replace("See.", "See {parts}."), "key 'text': '{parts}' is none of its values"),
        (HEAD + STEP + 'otherwise = "No."\nread.parts = { text = "#p" }\n', "key 'read': 'parts'"),
        (HEAD + STEP.replace("See.", "{p}") + 'read.p = { text = "#p" }\n', "key 'otherwise': is missing"),
        (HEAD + STEP + 'read.p = { text = "#p", count = "#q" }\n', "step 'one': read.p: key"),
        (HEAD + STEP + 'read.p = { api = "/api/x" }\n', "key 'value': is missing: allowed is where"),
        (HEAD + STEP + 'read.p = { api = "http://x/", value = "a" }\n', "an address that begins with /api/"),
        (HEAD + STEP + 'read.p = { api = "/api/x", value = "a", form = "big" }\n', "one of words, count"),
        (HEAD + STEP + 'wait = { there = "#a", gone = "#b" }\n', "step 'one': wait: key 'there'"),
        (HEAD + STEP + 'wait = { gone = "#b", text = "x" }\n', "allowed is only beside there"),
        (HEAD + STEP + 'wait = { there = "#b", limit_s = 999 }\n', "key 'limit_s': 999"),
        (HEAD + STEP + 'do = { what = "start-over" }\n', "key 'do': 'start-over' is none of its values"),
        (HEAD + STEP + 'do = { what = "fault", machine = "a" }\n', "allowed is in 'fault'"),
        (HEAD + STEP + 'do = { what = "speed", speed = -1 }\n', "key 'do': -1 is none of its values"),
        (HEAD + STEP + 'do = { what = "remove", machine = "mill-1" }\n', "undoes the add of a step before"),
        (HEAD + STEP + 'do = { what = "clear" }\n', "undoes the fault of a step"),
        (HEAD + STEP + 'links = [{ words = "x", page = "y" }]\n', "number 1 of links: key 'page': 'y'"),
        (HEAD + "[cast.who]\n" + STEP, "cast.who: key 'api': is missing"),
    ],
)  # fmt: skip
def test_what_is_no_tour_is_refused_with_step_key_value_and_what_is_allowed(text: str, said: str) -> None:
    with pytest.raises(TourError) as caught:
        Tour.of(text)

    assert str(caught.value).startswith("tour.toml: ")
    assert said in str(caught.value)


def test_the_scenario_that_the_docs_show_is_one_and_what_they_say_is_refused_so() -> None:
    page = (PROJECT / "docs" / "guided-tour.md").read_text(encoding="utf-8")
    (scenario,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (refusal,) = re.findall(r"```\n(tour\.toml: .*)\n```", page)

    assert [step.name for step in Tour.of(scenario).steps] == ["now", "jam"]
    before, jam = scenario.split('name = "jam"')
    with pytest.raises(TourError) as caught:
        Tour.of(f'{before}name = "jam"{jam.replace("stay_s = 60", "stay_s = 0")}')
    assert str(caught.value) == refusal


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TourError, match=r"none\.toml: cannot be read"):
        Tour.read(tmp_path / "none.toml")
