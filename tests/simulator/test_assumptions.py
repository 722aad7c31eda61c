"""The file of the assumptions: what it may say, and what is said of what it may not."""

import re
from pathlib import Path

import pytest

from simulator.specs.assumptions import FORMS, Value, load_assumptions, parse_assumptions
from simulator.specs.people import load_people, load_rules, persons_in, rules_of
from simulator.specs.segments import WORDS, label_of
from simulator.specs.settings import SpecError
from tests.simulator.factory import HERE

PROJECT = HERE.parent
SHIPPED = HERE / "assumptions.toml"
PEOPLE = HERE / "people.toml"


def test_the_shipped_file_says_everything_of_every_assumption() -> None:
    shipped = load_assumptions(SHIPPED)

    assert list(shipped.by_key) == list(FORMS)
    for key, one in shipped.by_key.items():
        assert one.words, key
        assert one.unit == FORMS[key].unit, key
        assert (one.grade == "assumption") or one.source, key
        if FORMS[key].sort == "number":
            assert one.least is not None
            assert one.most is not None
            assert one.least <= float(str(one.value)) <= one.most


def test_what_the_shipped_file_assumes_is_what_holds_without_it() -> None:
    assert load_assumptions(SHIPPED).values == parse_assumptions("").values


def test_the_page_lists_what_the_file_says() -> None:
    page = (PROJECT / "docs/assumptions.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `(\w+)` \| ([^|]+) \| ([^|]*) \| ([^|]*) \| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE
    )
    shipped = load_assumptions(SHIPPED).by_key

    assert [row[0] for row in rows] == list(shipped)
    for key, value, least, most, words, source in rows:
        one = shipped[key]
        plain = {True: "on", False: "off"}.get(one.value) if isinstance(one.value, bool) else one.value
        said = f"{plain:g}" if isinstance(plain, float) else str(plain)
        assert value.removesuffix(" s") == said, key
        bounds = [None if not bound.strip() else float(bound) for bound in (least, most)]
        assert bounds == [one.least, one.most], key
        assert words == one.words
        assert one.source in source
        assert one.grade in source


def test_a_file_that_names_one_assumption_leaves_the_others_as_they_are() -> None:
    assumptions = parse_assumptions("[rounds_s]\nvalue = 600\n")

    assert assumptions["rounds_s"] == 600
    assert assumptions["walk_s"] == 45
    assert assumptions.values == {**parse_assumptions("").values, "rounds_s": 600.0}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[round_s]\nvalue = 1\n", "key 'round_s' is not known: did you mean 'rounds_s'?"),
        ("calls = true\n", "key 'calls': true is not allowed: a table"),
        ("[calls]\nvalue = 1\n", "key 'calls.value': 1 is not allowed: true or false"),
        ("[calls]\nwords = 'yes'\n", "key 'calls.value' is missing: what is assumed"),
        ("[rounds_s]\nvalue = 59\n", "key 'rounds_s.value': 59 is not allowed: a number from 60 to 86400"),
        ("[rounds_s]\nvalue = '9'\n", "key 'rounds_s.value': '9' is not allowed: a number"),
        (
            "[rounds_s]\nvalue = 90\nleast = 100\n",
            "key 'rounds_s.value': 90 is not allowed: a number from 100",
        ),
        ("[rounds_s]\nvalue = 90\nleast = 59\n", "key 'rounds_s.least': 59 is not allowed: from 60"),
        (
            "[rounds_s]\nvalue = 90\nmost = 60\nleast = 70\n",
            "key 'rounds_s.most': 60 is not allowed: from 70",
        ),
        ("[rounds_s]\nleast = 1300\n", "key 'rounds_s.value' is missing: a number from 1300"),
        ("[rounds_s]\nvalue = 90\nunit = 'min'\n", "key 'rounds_s.unit': 'min' is not allowed: s"),
        ("[rounds_s]\nvalue = 90\ngrade = 'E'\n", "key 'rounds_s.grade': 'E' is not allowed: one of A, A-"),
        ("[rounds_s]\nvalue = 90\ncolour = 1\n", "key 'rounds_s.colour' is not known"),
        ("[reaction_s]\nvalue = 29\n", "key 'reaction_s.value': 29 is not allowed: a number from 30"),
        ("[reaction_s]\nvalue = nan\n", "key 'reaction_s.value': nan is not allowed: a number from 30"),
        ("[on_shift]\nvalue = 'anna'\n", "key 'on_shift.value': 'anna' is not allowed: all, or a list of"),
        (
            "[on_shift]\nvalue = ['carl']\n",
            "key 'on_shift.value': ['carl'] is not allowed: all, or a list of",
        ),
        (
            "[on_shift]\nvalue = []\n",
            "key 'on_shift.value': [] is not allowed: all, or a list of one or more",
        ),
        ("[on_shift]\nvalue = [[1]]\n", "key 'on_shift.value': [[1]] is not allowed: all, or a list of one"),
        ("[calls\n", "not TOML"),
    ],
)
def test_what_is_wrong_is_said_with_file_key_value_and_what_is_allowed(text: str, sentence: str) -> None:
    with pytest.raises(SpecError, match=r"^mine\.toml: ") as caught:
        parse_assumptions(text, ("anna", "ben"), "mine.toml")

    assert sentence in str(caught.value)


def test_whoever_is_to_be_on_shift_has_to_be_among_the_people(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[on_shift]\nvalue = ['zoe']\n", encoding="utf-8")

    with pytest.raises(SpecError, match=r"mine\.toml: .*one or more of anna, ben, carla, dora"):
        load_people(PEOPLE, file)


def test_the_people_work_by_what_is_assumed(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        "[calls]\nvalue = false\n[rounds_s]\nvalue = 600\n[on_shift]\nvalue = ['anna']\n"
        "[worn_share]\nvalue = 0.8\n",
        encoding="utf-8",
    )

    people = load_people(PEOPLE, file)

    assert (people.hears, people.rounds_ms, people.on_shift) == ("nothing", 600_000, frozenset({"anna"}))
    assert (people.worn_share, people.walk_ms) == (0.8, 45_000)


def test_the_people_s_file_keeps_the_persons_alone() -> None:
    with pytest.raises(SpecError, match=r"key 'hears' is not known: 'calls' stands in assumptions\.toml"):
        persons_in('hears = "calls"\n[persons.anna]\n')


def test_an_empty_file_of_assumptions_is_not_taken_for_a_run_from_before_there_was_one(
    tmp_path: Path,
) -> None:
    file = tmp_path / "empty.toml"
    file.write_text("", encoding="utf-8")

    people, assumptions = load_rules(PEOPLE, file)

    assert people is not None
    assert people.rounds_ms == 1_200_000
    assert assumptions.values == parse_assumptions("").values


def test_a_plant_of_nobody_has_assumptions_too() -> None:
    people, assumptions = rules_of("", "[logged_from_s]\nvalue = 60\n")

    assert people is None
    assert assumptions["logged_from_s"] == 60


def test_every_assumption_has_its_words_in_a_label() -> None:
    before = parse_assumptions("").values
    other: dict[str, Value] = {
        "calls": False, "condition": False, "rounds_s": 600.0, "reaction_s": 90.0, "reaction_mean_s": 0.0,
        "walk_s": 60.0, "on_shift": ("anna", "ben"), "inspection_s": 900.0, "planned_share": 0.25,
        "planned_within_s": 7_200.0, "worn_share": 0.8, "logged_from_s": 60.0, "rounded_to_s": 1.0,
        "reason_share": 1.0,
    }  # fmt: skip

    assert WORDS.keys() == FORMS.keys() == other.keys()
    assert label_of(before, other) == (
        "calls off, condition monitoring off, rounds every 10 min, reaction at least 90 s, "
        "reaction 0 s more on average, walks of 1 min, on shift anna and ben, inspections of 15 min, "
        "planned repairs at 25 %, planned work within 2 h, worn from 80 %, paper log from 1 min, "
        "paper log rounded to 1 s, paper log with 100 % of the reasons"
    )
