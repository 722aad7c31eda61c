"""The parts of a machine: what was planned, cut and forgotten, whenever somebody looks."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.behaviour.parts import Parts

Plan = tuple[int, list[int], bool]
"""How long after the last plan's beginning it begins, the times between its parts, and whether one looks."""
PLANS = st.lists(
    st.tuples(st.integers(0, 60), st.lists(st.integers(1, 9), max_size=8), st.booleans()), max_size=12
)


def planned(parts: Parts, start: int, made: list[int]) -> None:
    """Plan parts from a moment on; each third moment's part is a reject."""
    parts.cut(start)
    at = np.array(made, dtype=np.int64)
    parts.plan(at, at % 3 == 0)


@settings(derandomize=True, max_examples=200)
@given(plans=PLANS)
def test_a_plan_that_is_cut_leaves_the_parts_that_were_made_before(plans: list[Plan]) -> None:
    parts = Parts(0)
    true: list[int] = []
    start = 0
    for after, lengths, look in plans:
        start += after
        made = (start + np.cumsum(np.array(lengths, dtype=np.int64))).tolist()
        true = [one for one in true if one <= start] + made
        planned(parts, start, made)
        if look:
            assert parts.counts(start)[0] == sum(one <= start for one in true)

    rejects = np.cumsum([one % 3 == 0 for one in true]).tolist()
    counted = list(zip(true, range(1, len(true) + 1), rejects, strict=True))
    assert parts.within(0, 10_000) == (0, 0, counted)


@settings(derandomize=True, max_examples=200)
@given(plans=PLANS, forgotten=st.integers(0, 300))
def test_what_is_forgotten_still_counts(plans: list[Plan], forgotten: int) -> None:
    whole, short = Parts(0), Parts(0)
    start = 0
    for after, lengths, look in plans:
        start += after
        made = (start + np.cumsum(np.array(lengths, dtype=np.int64))).tolist()
        planned(whole, start, made)
        planned(short, start, made)
        if look:
            short.forget(min(forgotten, start))

    begin = max(forgotten, start)
    assert short.counts(10_000) == whole.counts(10_000)
    assert short.within(begin, 10_000) == whole.within(begin, 10_000)
    assert short.next_ms(begin) == whole.next_ms(begin)
    assert short.ended_within(begin, 10_000)[0] == whole.ended_within(begin, 10_000)[0]
