"""Calls about trends: when a limit is foreseen, and what they do not depend on."""

import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.calls.rules import CallRules
from protocol.messages import Signal
from tests.ingest.plant_of_calls import PlantOfCalls, birth, clock
from tests.ingest.plant_of_trends import HOUR_S, RULES, Wearing, cuts, live, plant_of

UNTIL_S = 9 * HOUR_S
WEARING = Wearing()
NAMES = ("mill-1",)


def trends(plant: PlantOfCalls) -> list[dict[str, Any]]:
    """The calls about trends."""
    return [one for one in plant.calls() if one["rule"] == "trend"]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> PlantOfCalls:
    """A machine that wears and is mended, with a tick every ten minutes."""
    plant = plant_of(tmp_path_factory.mktemp("lived"), NAMES)
    live(plant, dict.fromkeys(NAMES, WEARING), cuts(UNTIL_S))
    return plant


def test_one_call_foresees_the_limit_and_is_closed_after_the_machine_was_mended(lived: PlantOfCalls) -> None:
    (call,) = trends(lived)

    # 1.1 exp(t / 6 h) reaches 2.8 after 5.6 h: it begins after 2 h, and is mended from 7 h to 7.5 h.
    assert WEARING.begins_s < call["raised"] < WEARING.mended_s[0]
    assert call["raised"] % 600 == 0
    assert abs(call["since"] - WEARING.begins_s) < HOUR_S
    assert str(call["cause"]).startswith("vibration_mm_s reaches 2.8 mm/s in ")
    assert call["closed"] == WEARING.mended_s[1] + 3 * 600
    assert call["escalated"] == call["raised"] + HOUR_S


def test_neither_other_units_nor_signals_without_limits_are_looked_at(
    tmp_path: Path, lived: PlantOfCalls
) -> None:
    rules = RULES.replace("[trend]", '[trend]\nunits = ["kW"]')
    plant = plant_of(tmp_path, NAMES, rules=rules)
    live(plant, dict.fromkeys(NAMES, WEARING), cuts(8 * HOUR_S))

    assert [str(one["cause"]).split()[0] for one in trends(lived)] == ["vibration_mm_s"]
    assert all("vibration" not in str(one["cause"]) for one in trends(plant))


def test_nothing_is_called_beyond_the_horizon_and_nothing_where_the_rule_is_off(tmp_path: Path) -> None:
    near = plant_of(tmp_path, NAMES, rules=RULES.replace("[trend]", "[trend]\nhorizon_s = 3600"))
    live(near, dict.fromkeys(NAMES, WEARING), cuts(7 * HOUR_S))
    (tmp_path / "off").mkdir()
    off = plant_of(tmp_path / "off", NAMES, rules=RULES.replace("[trend]", "[trend]\non = false"))
    live(off, dict.fromkeys(NAMES, WEARING), cuts(7 * HOUR_S))

    (call,) = trends(near)
    assert str(call["cause"]).split(" in ")[1].split(" h")[0] in {"1", "0.5"}
    assert trends(off) == []


def test_a_machine_that_stands_still_says_nothing_of_its_trend(tmp_path: Path) -> None:
    stands = Wearing(mended_s=(round(4.9 * HOUR_S), 8 * HOUR_S))
    plant = plant_of(tmp_path, NAMES)
    live(plant, dict.fromkeys(NAMES, stands), cuts(8 * HOUR_S))

    (call,) = trends(plant)
    assert call["closed"] is None


def test_a_trend_is_told_once_the_office_is_back_and_not_while_it_is_away(tmp_path: Path) -> None:
    plant = plant_of(tmp_path, NAMES)
    away_s = (4 * HOUR_S, round(5.2 * HOUR_S))
    for begun, ended in pairwise([0, *cuts(6 * HOUR_S, away_s)]):
        attended = not away_s[0] <= begun < away_s[1]
        plant.hear(clock(begun, attended=attended), WEARING.batch("mill-1", begun, ended))
        plant.hear(clock(ended, attended=attended))
        plant.tick(ended)

    (call,) = trends(plant)
    assert call["raised"] == 5 * HOUR_S + 1_200
    assert not call["missed"]
    assert "trend" in {one.rule for one in plant.heard()}


def test_a_signal_that_a_later_birth_gives_a_limit_is_looked_at_with_all_that_was_read_of_it(
    tmp_path: Path, lived: PlantOfCalls
) -> None:
    plant = plant_of(tmp_path, ())
    plant.hear(birth("mill-1", period_ms=15_000, signals={"vibration_mm_s": Signal(unit="mm/s")}))
    for begun, ended in pairwise([0, *cuts(5 * HOUR_S)]):
        if begun == 4 * HOUR_S:
            limited = {"vibration_mm_s": Signal(unit="mm/s", low=0.0, high=2.8)}
            plant.hear(birth("mill-1", period_ms=15_000, signals=limited))
        plant.hear(clock(ended), WEARING.batch("mill-1", begun, ended))
        plant.tick(ended)

    assert [one["raised"] for one in trends(plant)] == [one["raised"] for one in trends(lived)]


def test_what_comes_late_is_judged_again_and_called_for_with_its_true_moment(
    tmp_path: Path, lived: PlantOfCalls
) -> None:
    plant = plant_of(tmp_path, NAMES)
    (true,) = trends(lived)
    held = []
    for begun, ended in pairwise([0, *cuts(round(5.5 * HOUR_S))]):
        said = WEARING.batch("mill-1", begun, ended)
        if 3 * HOUR_S <= begun < 5 * HOUR_S:
            held.append(said)
            plant.hear(clock(ended))
        else:
            plant.hear(clock(ended), said, *held)
            held.clear()
        plant.tick(ended)

    assert [one["raised"] for one in trends(plant)] == [true["raised"]]
    assert not trends(plant)[0]["missed"]


def history(
    folder: Path, ends: list[int], *, order: bool = False, kills: frozenset[int] = frozenset()
) -> list[dict[str, Any]]:
    """The calls of a plant whose ticks cut time so, in another order within a tick, or with kills."""
    plant = plant_of(folder, NAMES)
    for number, (begun, ended) in enumerate(pairwise([0, *ends])):
        messages = [WEARING.batch("mill-1", begun, ended)]
        if order:
            middle = round((begun + ended) / 2)
            messages = [WEARING.batch("mill-1", middle, ended), WEARING.batch("mill-1", begun, middle)]
        plant.hear(clock(ended), *messages)
        if number in kills:
            if number % 2:
                plant.commit()
            plant.kill()
            plant.hear(clock(ended), *messages)
        plant.tick(ended)
    plant.office.store.close()
    return plant_of(folder, NAMES).calls()


@given(seconds=st.lists(st.integers(1, UNTIL_S), max_size=30), every_s=st.sampled_from([130, 400, 600]))
@settings(max_examples=3)
def test_trends_do_not_depend_on_how_ticks_cut_time(
    lived: PlantOfCalls, seconds: list[int], every_s: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = history(Path(folder), cuts(UNTIL_S, seconds, every_s))

    assert found == lived.calls()


def test_trends_do_not_depend_on_the_order_of_batches_within_a_tick(
    tmp_path: Path, lived: PlantOfCalls
) -> None:
    assert history(tmp_path, cuts(UNTIL_S), order=True) == lived.calls()


@given(kills=st.frozensets(st.integers(0, UNTIL_S // 600 - 1), max_size=8))
@settings(max_examples=3)
def test_trends_do_not_depend_on_when_the_office_is_killed(
    lived: PlantOfCalls, kills: frozenset[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = history(Path(folder), cuts(UNTIL_S), kills=kills)

    assert found == lived.calls()


def test_the_rules_refuse_what_is_no_list_of_units_and_no_number_of_moments() -> None:
    for text, words in (
        ('[trend]\nunits = "mm/s"', "allowed is a list like"),
        ("[trend]\nmoments = 0", "allowed is a whole number from 1 to 18"),
        ("[trend]\nhorizon_s = 0", "allowed is seconds from 1 to 604,800"),
    ):
        with pytest.raises(ValueError, match=words):
            CallRules.of(text)
