"""Each number is defined once: README quotes that place, and formulas in words give what the code gives."""

import ast
import operator
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from dashboard.conclusions import Numbers
from dashboard.kpi.account import account
from dashboard.kpi.choices import Choices
from dashboard.kpi.definitions import DEFINITIONS, Definition
from dashboard.kpi.pieces import Use
from dashboard.kpi.report import numbers
from dashboard.parts import Counts
from dashboard.states.knowledge import Knowledge
from protocol.states import State
from tests.dashboard.letters import timeline
from tests.dashboard.test_golden import Part

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
STEP_MS = 120_000
# A break from the 12th to the 14th stretch; silence in the 5th; a count only where all before it is known.
WORD = "RRRR.SSIIDRRRRRRIRDDRR"
CALENDAR = [Part("shift", -(10**9), 12 * STEP_MS), Part("break", 12 * STEP_MS, 14 * STEP_MS),
            Part("shift", 14 * STEP_MS, 10**9)]  # fmt: skip
FOUND = account(
    timeline(WORD, STEP_MS),
    Counts(np.array([5, 10, 21]) * STEP_MS, np.array([100, 106, 109]), np.array([0, 1, 2])),
    spans=CALENDAR,
    choices=Choices(),
    knowledge=Knowledge.reported(1_000),
    ideal_us=90_000_000,
    from_ms=0,
    to_ms=len(WORD) * STEP_MS,
)
NUMBERS = numbers(FOUND, Choices(), 0, len(WORD) * STEP_MS)
CYCLE_MS = 90_000
WORDS: dict[str, float] = {
    **{word: FOUND[State(word)] for word in ("running", "idle", "down", "setup", "unknown")},
    "shifts": NUMBERS.calendar_ms - FOUND[Use.OFF] - FOUND[Use.HOLIDAY],
    "breaks": FOUND[Use.BREAK],
    "planned maintenance": FOUND[Use.MAINTENANCE],
    "calendar": NUMBERS.calendar_ms,
    "planned": NUMBERS.planned_ms,
    "observed": NUMBERS.observed_ms,
    "ideal cycle": CYCLE_MS,
    "parts": NUMBERS.parts or 0,
    "good": NUMBERS.good or 0,
    "rejects": NUMBERS.rejects or 0,
    "failures": NUMBERS.failures,
    "utilization": NUMBERS.utilization or 0,
    "performance": NUMBERS.performance or 0,
    "quality": NUMBERS.quality or 0,
    "OEE": NUMBERS.oee or 0,
}
"""What each word of a formula is in that account."""
SIGNS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
COUNTED = {"failures": 2, "stops": 3, "micro_stops": 0, "parts": 9}
"""What is counted and not computed, as it can be counted in `WORD`."""


def worked_out(formula: str) -> float:
    """The value of a formula in words."""
    text = formula.partition(",")[0].replace("×", "*")
    for place, word in enumerate(sorted(WORDS, key=len, reverse=True)):
        text = re.sub(rf"\b{word}\b", f"w{place}", text)
    values = {f"w{place}": WORDS[word] for place, word in enumerate(sorted(WORDS, key=len, reverse=True))}

    def value(node: Any) -> float:
        if isinstance(node, ast.BinOp):
            return SIGNS[type(node.op)](value(node.left), value(node.right))
        assert isinstance(node, ast.Name), formula
        return values[node.id]

    return value(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize("definition", [one for one in DEFINITIONS.values() if one.key not in COUNTED])
def test_the_formula_in_words_gives_what_the_code_gives(definition: Definition) -> None:
    assert definition.value(FOUND, Choices()) == pytest.approx(worked_out(definition.formula))


def test_what_is_counted_can_be_counted_in_the_timeline() -> None:
    assert {key: DEFINITIONS[key].value(FOUND, Choices()) for key in COUNTED} == COUNTED


def test_the_readme_defines_each_number_once_and_as_the_code_does() -> None:
    table = README.partition("| word | formula |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]

    assert [(row[0], row[1]) for row in rows] == [(one.word, one.formula) for one in DEFINITIONS.values()]
    for row, one in zip(rows, DEFINITIONS.values(), strict=True):
        assert all(name in row[2] for name in (one.iso, one.semi, one.vendor) if name != "-"), one.word
    assert README.count("running / observed |") == 1


def test_every_number_that_travels_has_a_definition_or_is_a_plain_time_or_count() -> None:
    plain = {"from", "to", "calendar", "rejects", "parts_in_silence", "parts_off_shift",
             "micro_stop", "ideal_cycle", *(str(state) for state in State)}  # fmt: skip
    travels = {re.sub(r"_(ms|s|low|high)$", "", name) for name in msgspec.structs.asdict(NUMBERS)}
    defined = {re.sub(r"_s$", "", key) for key in DEFINITIONS}

    assert travels - plain == defined
    assert len(Numbers.__struct_fields__) > len(DEFINITIONS)
