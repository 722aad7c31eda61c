"""The account beside a model that looks at every millisecond by itself, and knows no columns."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dashboard.intervals import STATES, UNKNOWN
from dashboard.kpi.account import account
from dashboard.kpi.choices import Choices
from dashboard.kpi.pieces import USES, Use
from dashboard.parts import SILENT, Counts
from dashboard.states.knowledge import Knowledge
from protocol.states import State
from tests.dashboard.letters import LAW, timeline
from tests.dashboard.letters import STATES as LETTERS
from tests.dashboard.test_golden import Part

STEP = 10
LENGTH = 30
END = STEP * LENGTH
KINDS = {"s": "shift", "b": "break", "m": "maintenance", "h": "holiday", "o": "off"}
STOPS = {State.IDLE, State.STOPPED, State.DOWN, State.SETUP}


@dataclass
class Moment:
    """One millisecond."""

    state: State
    kind: str
    use: Use = Use.OFF
    planned: bool = False


def moments(word: str, plan: str, choices: Choices) -> list[Moment]:
    """Every millisecond with its use, told one after the other."""
    found = [Moment(LETTERS[word[at // STEP]], KINDS[plan[at // STEP]]) for at in range(END)]
    _settle(found, choices.debounce_ms)
    lost = {kind for kind in ("break", "maintenance") if getattr(choices, _choice(kind)) == "loss"}
    for one in found:
        one.planned = one.kind == "shift" or one.kind in lost
        one.use = Use(one.state.value)
        if one.kind != "shift" and not (one.planned and one.state in {State.RUNNING, State.UNKNOWN}):
            one.use = Use(one.kind)
    for begin, end in stretches([one.use in STOPS_OF_USE for one in found]):
        between = begin > 0 and end < END
        ran = between and found[begin - 1].use is Use.RUNNING and found[end].use is Use.RUNNING
        if ran and end - begin < choices.micro_stop_ms:
            for one in found[begin:end]:
                one.use = Use.MICRO_STOP
    return found


STOPS_OF_USE = {Use.SETUP, Use.DOWN, Use.STARVED, Use.BLOCKED, Use.IDLE, Use.STOPPED}


def _choice(kind: str) -> str:
    return {"break": "breaks", "maintenance": "maintenance"}[kind]


def _settle(found: list[Moment], debounce_ms: int) -> None:
    """Short idle or stopped time between running and running is running."""
    for begin, end in stretches([one.state in {State.IDLE, State.STOPPED} for one in found]):
        inside = begin > 0 and end < END
        if (
            inside
            and found[begin - 1].state is found[end].state is State.RUNNING
            and end - begin < debounce_ms
        ):
            for one in found[begin:end]:
                one.state = State.RUNNING


def stretches(flags: list[bool]) -> list[tuple[int, int]]:
    """Where a flag holds without a gap: first moment, and the first one after."""
    found: list[tuple[int, int]] = []
    for at, flag in enumerate(flags):
        if flag and found and found[-1][1] == at:
            found[-1] = (found[-1][0], at + 1)
        elif flag:
            found.append((at, at + 1))
    return found


WORDS = st.text("RRRIXDS.", min_size=LENGTH, max_size=LENGTH)
PLANS = st.text("sssssbmho", min_size=LENGTH, max_size=LENGTH)
CHOICES = st.builds(
    Choices,
    breaks=st.sampled_from(["excluded", "loss"]),
    maintenance=st.sampled_from(["excluded", "loss"]),
    micro_stop_ms=st.sampled_from([0, 15, 25, 60]),
    debounce_ms=st.sampled_from([0, 0, 12, 31]),
)
COUNTERS = st.lists(
    st.tuples(st.integers(0, END), st.integers(0, 3), st.integers(0, 2)),
    max_size=8,
    unique_by=lambda one: one[0],
)
WINDOWS = st.tuples(st.integers(0, END), st.integers(0, END)).map(sorted)


@LAW
@given(WORDS, PLANS, CHOICES, COUNTERS, WINDOWS)
def test_the_account_is_what_every_millisecond_by_itself_adds_up_to(
    word: str, plan: str, choices: Choices, entries: list[tuple[int, int, int]], window: list[int]
) -> None:
    begin, end = window
    every = moments(word, plan, choices)
    counts, parts, rejects = [], 0, 0
    for at, made, bad in sorted(entries):
        parts, rejects = parts + made, rejects + min(made, bad)
        counts.append((at, parts, rejects))
    columns = np.array(counts, np.int64).reshape(-1, 3)

    found = account(
        timeline(word, STEP),
        Counts(columns[:, 0], columns[:, 1], columns[:, 2]),
        spans=[Part(KINDS[letter], place * STEP, (place + 1) * STEP) for place, letter in enumerate(plan)],
        choices=choices,
        knowledge=Knowledge.reported(1),
        ideal_us=1_000,
        from_ms=begin,
        to_ms=end,
    )

    inside = every[begin:end]
    assert {use: found[use] for use in USES} == {use: sum(one.use is use for one in inside) for use in USES}
    assert {state: found[state] for state in STATES} == {
        state: sum(one.planned and one.state is state for one in inside) for state in STATES
    }
    stopped = [one.use in STOPS_OF_USE or one.use is Use.MICRO_STOP for one in every]
    began = [first for first, _ in stretches(stopped) if begin <= first < end]
    assert found["stops"] == len(began)
    assert found["micro_stops"] == sum(every[first].use is Use.MICRO_STOP for first in began)
    failing = [flag and one.state is State.DOWN for flag, one in zip(stopped, every, strict=True)]
    assert found["failures"] == sum(begin <= first < end for first, _ in stretches(failing))
    assert {name: found[name] for name in MADE} == made_in(every, counts, begin, end)


MADE = ("parts", "rejects", "silent_parts", "off_parts", "off_rejects")


def made_in(every: list[Moment], counts: list[tuple[int, int, int]], begin: int, end: int) -> dict[str, int]:
    """What the counters rose by in (begin, end], entry by entry."""
    total = dict.fromkeys(MADE, 0)
    if end <= begin:
        return total
    for (before, parts, rejects), (at, more, bad) in pairwise(counts):
        if not begin < at <= end:
            continue
        made, rejected = more - parts, bad - rejects
        if every[at - 1].planned:
            total["parts"] += made
            total["rejects"] += rejected
            if any(one.state is State.UNKNOWN for one in every[before:at]):
                total["silent_parts"] += made
        else:
            total["off_parts"] += made
            total["off_rejects"] += rejected
    return total


def test_the_model_itself_tells_a_silence_from_a_word() -> None:
    every = moments("R" * 10 + "." * 5 + "I" * 15, "s" * LENGTH, Choices(micro_stop_ms=0))

    assert [one.use for one in (every[0], every[120], every[-1])] == [Use.RUNNING, Use.UNKNOWN, Use.IDLE]
    assert STATES[UNKNOWN] is State.UNKNOWN
    assert SILENT < 0
