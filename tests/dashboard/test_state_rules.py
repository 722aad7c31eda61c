"""The settings of how readings become states: the site's, a line's, a machine's, and what is refused."""

from pathlib import Path

import pytest

from dashboard.__main__ import main
from dashboard.states.learning import Learner, learn
from dashboard.states.rules import DEFAULT_FILE, StateRule, StateRules, StatesError
from tests.dashboard.letters import readings

MINUTE_MS = 60_000
LEVELS = [7.0, 7.0, 7.0, 7.0, 7.0, 1.0, 1.0, 1.0, 1.0, 1.0] * 7
TOLD = [readings(minute * MINUTE_MS, [0], [power]) for minute, power in enumerate(LEVELS)]


def test_the_file_as_shipped_says_what_holds_without_it() -> None:
    shipped = StateRules.read(DEFAULT_FILE)
    rule = shipped.rule("machining", "mill-1")
    one, other = (Learner(1, TOLD, None, share).learned() for share in (rule.hysteresis, 1 / 3))

    assert rule.least_ms == StateRule().least_ms == 0
    assert one is not None
    assert other is not None
    assert one.threshold == other.threshold == learn(TOLD).threshold  # type: ignore[union-attr]


def test_a_machine_comes_before_its_line_and_the_inner_line_before_the_outer() -> None:
    rules = StateRules.of(
        """
        least_s = 1
        hysteresis = 0.2
        [line."north"]
        least_s = 2
        [line."north/pressing"]
        least_s = 3
        [machine."press-1"]
        hysteresis = 0.5
        """
    )

    def rule(path: str, machine: str) -> tuple[int, float]:
        found = rules.rule(path, machine)
        return found.least_ms, found.hysteresis

    assert rule("", "saw-1") == (1_000, 0.2)
    assert rule("north/milling", "mill-1") == (2_000, 0.2)
    assert rule("north/pressing", "press-2") == (3_000, 0.2)
    assert rule("north/pressing", "press-1") == (3_000, 0.5)


@pytest.mark.parametrize(("share", "below", "above"), [(0, 4.0, 4.0), (0.5, 2.5, 5.5), (0.9, 1.3, 6.7)])
def test_the_levels_lie_apart_by_the_share_of_the_valley_and_it_is_kept(
    share: float, below: float, above: float
) -> None:
    learned = Learner(1, TOLD, None, share).learned()

    assert learned is not None
    assert learned.threshold is not None
    assert learned.threshold.below == pytest.approx(below)
    assert learned.threshold.above == pytest.approx(above)
    assert learned.hysteresis == share


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("least_s = ", "states.toml: not TOML: Invalid value (at end of document)"),
        ("least = 5", "states.toml: unknown key 'least': allowed are hysteresis, least_s, line, machine"),
        (
            "least_s = -1",
            "states.toml: key 'least_s': -1 is none of its values: allowed is seconds from 0 to 3,600",
        ),
        (
            "hysteresis = true",
            (
                "states.toml: key 'hysteresis': True is none of its values: "
                "allowed is a share of the valley from 0 to 0.9"
            ),
        ),
        (
            '[line."a"]\nleast_s = "5"',
            (
                "states.toml: line \"a\": key 'least_s': '5' is none of its values: "
                "allowed is seconds from 0 to 3,600"
            ),
        ),
        (
            "machine = 3",
            (
                "states.toml: key 'machine': allowed is [machine.\"name\"] with settings of its own: "
                "hysteresis, least_s"
            ),
        ),
        (
            '[machine."a".line]',
            "states.toml: machine \"a\": unknown key 'line': allowed are hysteresis, least_s",
        ),
    ],
)
def test_bad_settings_are_one_clear_sentence(text: str, said: str) -> None:
    with pytest.raises(StatesError) as raised:
        StateRules.of(text)

    assert str(raised.value) == said


def test_ingest_does_not_start_with_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "states.toml"
    file.write_text("least_s = nan", encoding="utf-8")
    history = f"sqlite:///{tmp_path / 'history.db'}"

    assert main(["ingest", "--states", str(file), "--history", history]) == 2
    assert main(["ingest", "--states", str(tmp_path / "none.toml"), "--history", history]) == 2

    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("dashboard ingest: states.toml: key 'least_s': nan is none of its values")
    assert "none.toml: cannot be read" in second
    assert not (tmp_path / "history.db").exists()
