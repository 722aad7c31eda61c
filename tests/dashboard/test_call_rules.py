"""The settings of calls: what may stand in the file, what is said when it is wrong, and the slow cycle."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.__main__ import main
from dashboard.calls.rules import OF_NAME, CallRules, CallsError, RulesOfOne, SlowCycle
from dashboard.calls.signs import Clear, Ready, Signs
from dashboard.calls.slow import signs_of
from dashboard.calls.view import View
from dashboard.calls.walk import Closed, Raised, Standing, walk
from dashboard.intervals import Intervals
from dashboard.parts import Counts
from protocol.states import State


def test_the_file_that_is_shipped_says_the_defaults() -> None:
    assert CallRules.read().rules("", "", "") == RulesOfOne()


def test_every_rule_says_all_of_its_settings_in_the_file_that_is_shipped() -> None:
    shipped = CallRules.read().site

    assert {name: set(section) for name, section in shipped.items()} == {
        name: {one.name for one in fields(sort)} for name, sort in OF_NAME.items()
    }


def test_a_machine_has_its_own_setting_else_that_of_its_line_its_kind_or_all() -> None:
    rules = CallRules.of(
        """
        [stopped]
        after_s = 10
        [kind."mill".stopped]
        after_s = 20
        idle_s = 5
        [line."north".stopped]
        after_s = 30
        [line."north/milling".stopped]
        after_s = 40
        [machine."mill-9".stopped]
        after_s = 50
        """
    )
    asked = [("", "a", ""), ("", "a", "mill"), ("north", "a", "mill"), ("north/milling", "a", "mill")]
    asked.append(("north/milling", "mill-9", "mill"))

    assert [rules.rules(*one).stopped.after_ms for one in asked] == [10_000, 20_000, 30_000, 40_000, 50_000]
    assert rules.rules("north", "a", "mill").stopped.idle_ms == 5_000


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[stopped]\nafter_s = ", "calls.toml: not TOML: Invalid value"),
        (
            "[stoped]",
            (
                "calls.toml: unknown rule 'stoped': allowed are stopped, micro-stops, slow-cycle, no-data, "
                "trend, kind, line, machine"
            ),
        ),
        ("stopped = 5", "calls.toml: key 'stopped': 5 is no section: allowed is [stopped]"),
        (
            "[stopped]\nafter = 5",
            "calls.toml: [stopped]: unknown key 'after': allowed are on, quiet_s, escalate_s, after_s",
        ),
        (
            "[stopped]\nafter_s = 0",
            "[stopped]: key 'after_s': 0 is none of its values: allowed is seconds from 1 to 604,800",
        ),
        (
            "[stopped]\nidle_s = true",
            "key 'idle_s': True is none of its values: allowed is false or seconds from 1 to 604,800",
        ),
        ("[no-data]\non = 1", "key 'on': 1 is none of its values: allowed are true and false"),
        (
            "[micro-stops]\ncount = 2.5",
            "key 'count': 2.5 is none of its values: allowed is a whole number from 2 to 1,000",
        ),
        ("[micro-stops]\ncount = 2", "key 'falls_to': 2 is not below 'count', 2: allowed is less than that"),
        (
            '[machine."a".slow-cycle]\nclear = 0.5',
            "[slow-cycle]: key 'clear': 0.5 is above 'above', 0.25: allowed is up to that",
        ),
        ('line = "a"', "calls.toml: key 'line': allowed is [line.\"name\".stopped] with settings of its own"),
        (
            '[machine."a".kind."b"]',
            "calls.toml: machine \"a\": unknown rule 'kind': allowed are stopped, micro-stops",
        ),
    ],
)
def test_a_wrong_setting_is_refused_in_a_sentence_that_says_what_is_allowed(text: str, sentence: str) -> None:
    with pytest.raises(CallsError) as refused:
        CallRules.of(text)

    assert sentence in str(refused.value)


def test_ingest_says_what_is_wrong_and_does_not_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "calls.toml"
    file.write_text("[stopped]\nafter_s = nan\n", encoding="utf-8")

    code = main(["ingest", "--calls", str(file), "--history", f"sqlite:///{tmp_path}/history.db"])

    assert code == 2
    said = capsys.readouterr().err
    assert said.startswith(
        "dashboard ingest: calls.toml: [stopped]: key 'after_s': nan is none of its values"
    )


# --- from signs to calls --------------------------------------------------------------------------

SPANS = st.lists(st.integers(0, 200), unique=True, max_size=24).map(sorted)


@given(edges=SPANS, wells=SPANS, cuts=SPANS, quiet_ms=st.integers(0, 60), known_ms=st.integers(1, 20))
def test_to_walk_in_steps_comes_to_the_same_as_to_walk_at_once(
    edges: list[int], wells: list[int], cuts: list[int], quiet_ms: int, known_ms: int
) -> None:
    pairs = zip(edges[::2], edges[1::2], strict=False)
    ready = [Ready(begun, ended, begun) for begun, ended in pairs]
    well = zip(wells[::2], wells[1::2], strict=False)
    clear = [Clear(begun, ended, begun + known_ms) for begun, ended in well]
    signs = Signs(ready=ready, clear=clear)

    at_once = list(walk(signs, Standing(), after_ms=-1, until_ms=200, quiet_ms=quiet_ms))
    stepwise: list[Raised | Closed] = []
    standing, after_ms = Standing(), -1
    for until_ms in [*cuts, 200]:
        for event in walk(signs, standing, after_ms=after_ms, until_ms=until_ms, quiet_ms=quiet_ms):
            stepwise.append(event)
            standing = (
                Standing(open_ms=event.raised_ms)
                if isinstance(event, Raised)
                else Standing(closed_ms=event.closed_ms)
            )
        after_ms = until_ms

    assert stepwise == at_once


# --- slow cycles ------------------------------------------------------------------------------------


def made_every(*cycles_s: float, ideal_s: float = 10.0) -> View:
    """A machine that runs all the time and makes a part after each of these cycles."""
    at_ms = np.cumsum([0, *(round(cycle * 1_000) for cycle in cycles_s)])
    end_ms = int(at_ms[-1]) + 60_000
    return View(
        intervals=Intervals.of([(0, State.RUNNING, "")], end_ms),
        state_at=lambda _at_ms: (State.RUNNING, "", 0),
        planned=lambda begun, ended: [(begun, ended)],
        excused=lambda _begun, _ended: [],
        counts=lambda _at_ms: Counts(at_ms, np.arange(len(at_ms)), np.zeros(len(at_ms), np.int64)),
        ideal_cycle_ms=ideal_s * 1_000,
    )


def test_cycles_that_are_a_quarter_too_slow_over_the_last_parts_are_called_for() -> None:
    rule = SlowCycle(parts=2, above=0.25, clear=0.1)

    signs = signs_of(rule, made_every(10, 10, 12, 13, 13, 10, 10, 10))

    # Of the cycles before each part, two by two: 11, 12.5, 13, 11.5, 10, 10 s.
    assert [(one.from_ms, one.since_ms, one.cause) for one in signs.ready] == [
        (45_001, 20_000, "12.5 s a part, ideal is 10.0 s"),
        (58_001, 32_000, "13.0 s a part, ideal is 10.0 s"),
    ]
    assert [one.from_ms for one in signs.clear] == [32_000, 78_000, 88_000]


def test_a_machine_without_an_ideal_cycle_is_never_slow() -> None:
    view = made_every(10, 20, 20, 20, ideal_s=0)

    assert signs_of(SlowCycle(parts=2), view) == Signs(ready=[], clear=[])
