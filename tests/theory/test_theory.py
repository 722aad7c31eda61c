"""Each result of theory, at the parameters it is printed with and at two others.

They hold within four standard errors; `make theory` tries a hundred others.
The seeds are 0, 1, 2 and so on, and the others come from a generator with a fixed seed: nobody chose them.
"""

from typing import Any

import pytest

from tests.theory.result import Result
from tests.theory.results import RESULTS

PRINTED = [
    pytest.param(result, case, id=f"{result.name}-{number}")
    for result in RESULTS
    for number, case in enumerate(result.printed)
]


@pytest.mark.parametrize(("result", "case"), PRINTED)
def test_it_holds_where_it_is_printed(result: Result[Any], case: Any) -> None:
    checks = result.tried(case)

    assert checks
    assert all(check.holds for check in checks), "\n".join(map(str, checks))


TRIED_EVERY_TIME = 2
"""The first of the others: each takes seconds, and with ten of each they were a fifth of all tests."""


@pytest.mark.parametrize("number", range(TRIED_EVERY_TIME))
@pytest.mark.parametrize("result", RESULTS, ids=[result.name for result in RESULTS])
def test_it_holds_at_other_parameters(result: Result[Any], number: int) -> None:
    case = result.other(number)
    checks = result.tried(case)

    assert all(check.holds for check in checks), "\n".join(map(str, (case, *checks)))
