"""The goals of machines: the site's, a line's, a machine's, and what is refused."""

from pathlib import Path

import pytest

from dashboard.goals import DEFAULT_FILE, Goals, GoalsError


def test_the_file_as_shipped_says_what_holds_without_it() -> None:
    assert Goals.read(DEFAULT_FILE) == Goals()


def test_a_machine_comes_before_its_line_and_the_inner_line_before_the_outer() -> None:
    goals = Goals.of(
        """
        utilization = 0.6
        [line."north"]
        utilization = 0.7
        [line."north/pressing"]
        utilization = 0.8
        [machine."press-1"]
        utilization = 0.5
        """
    )

    assert goals.goal("", "saw-1") == 0.6
    assert goals.goal("north/milling", "mill-1") == 0.7
    assert goals.goal("north/pressing", "press-2") == 0.8
    assert goals.goal("north/pressing", "press-1") == 0.5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("utilization = 0", "key 'utilization': 0 is none of its values"),
        ("utilization = 65", "allowed is a share of planned time above 0 up to 1"),
        ("utilization = true", "key 'utilization': True"),
        ("parts = 5", "unknown key 'parts': allowed are utilization, line, machine"),
        ("[line.a]\noee = 1", "key 'line': allowed is [line.\"name\"] with utilization alone in it"),
        ("machine = 3", "key 'machine': allowed is"),
        ('[machine."a"]\nutilization = "much"', "machine \"a\": key 'utilization': 'much'"),
        ("utilization =", "not TOML"),
    ],
)
def test_what_cannot_be_a_goal_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(GoalsError) as caught:
        Goals.of(text)

    assert str(caught.value).startswith("goals.toml: ")
    assert said in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(GoalsError, match=r"none\.toml: cannot be read"):
        Goals.read(tmp_path / "none.toml")
