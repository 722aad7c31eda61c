"""A sample of `make fuzz`: the same hostile inputs every time, few of each."""

import pytest

from tests.fuzz.target import Tally, Target, tried
from tests.fuzz.targets import targets

EXAMPLES = 20


@pytest.mark.parametrize("target", [pytest.param(one, id=one.name) for one in targets()])
def test_whatever_comes_is_taken_or_refused_with_a_sentence(target: Target) -> None:
    tally = Tally(name=target.name)

    tried(target, tally, examples=EXAMPLES, number=1)

    assert not tally.findings, "\n".join(tally.findings)
    assert tally.tried > 0
    assert tally.refused + tally.taken == tally.tried
