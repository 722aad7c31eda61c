"""What was measured beside the truth: every millisecond has one verdict, and nothing stays unexplained."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dashboard.intervals import STATES, Intervals
from dashboard.kpi.account import time_in_state
from dashboard.kpi.choices import Choices
from dashboard.kpi.report import numbers
from dashboard.proof.differences import Difference, differences
from dashboard.proof.summary import Proof, summary
from dashboard.proof.verdicts import Balance, Verdict, Verdicts, balance, verdicts
from dashboard.states.keeper import derive
from dashboard.states.knowledge import Knowledge
from protocol.messages import Threshold
from protocol.readings import Batch, Change
from protocol.states import State
from tests.dashboard.letters import HOUR_MS, LAW, timeline

PERIOD_MS = 1_000
BATCH_MS = 10_000
REPORTED = Knowledge.reported(PERIOD_MS)
SENSED = Knowledge.sensed(Threshold(signal="power_kw", above=6, below=4), PERIOD_MS)


def tried(
    measured: Intervals, true: Intervals, knowledge: Knowledge = SENSED, *, heard_ms: int | None = 0
) -> dict[Verdict, int]:
    found = verdicts(measured, true, knowledge, true.from_ms, true.end_ms, heard_ms=heard_ms)
    return {verdict: sums.ms for verdict, sums in balance(found).items() if sums.ms}


def test_what_is_the_same_differs_in_no_millisecond() -> None:
    assert tried(timeline("RRID"), timeline("RRID")) == {Verdict.SAME: 4 * HOUR_MS}


def test_a_retrofit_that_stands_cannot_tell_why_and_is_right_that_it_does_not_run() -> None:
    found = verdicts(timeline("RXXX"), timeline("RIDS"), SENSED, 0, 4 * HOUR_MS, heard_ms=0)

    # The idle hour was up in truth, and measured as neither.
    assert balance(found)[Verdict.CANNOT_TELL] == Balance(ms=3 * HOUR_MS, up_ms=HOUR_MS)


def test_silence_is_a_lost_link_and_before_the_first_word_it_is_a_late_join() -> None:
    found = tried(timeline("..RR.R"), timeline("RRRRRR"), REPORTED, heard_ms=2 * HOUR_MS)

    assert found == {Verdict.LATE_JOIN: 2 * HOUR_MS, Verdict.LOST_LINK: HOUR_MS, Verdict.SAME: 3 * HOUR_MS}


def test_a_machine_never_heard_of_joins_late_for_as_long_as_one_looks() -> None:
    assert tried(timeline("...."), timeline("RRRR"), heard_ms=None) == {Verdict.LATE_JOIN: 4 * HOUR_MS}


def test_a_change_is_seen_at_the_next_reading() -> None:
    true = Intervals.of([(0, State.RUNNING, ""), (60_400, State.IDLE, "")], 120_000)
    measured = Intervals.of([(0, State.RUNNING, ""), (61_000, State.STOPPED, "")], 120_000)

    assert tried(measured, true) == {
        Verdict.SAME: 60_400,
        Verdict.SAMPLING: 600,
        Verdict.CANNOT_TELL: 59_000,
    }


def test_what_a_control_stamped_may_not_be_late_by_a_millisecond() -> None:
    true = Intervals.of([(0, State.RUNNING, ""), (60_000, State.IDLE, "")], 120_000)
    measured = Intervals.of([(0, State.RUNNING, ""), (60_001, State.IDLE, "")], 120_000)

    assert tried(measured, true, REPORTED) == {Verdict.SAME: 119_999, Verdict.UNEXPLAINED: 1}


def test_the_state_held_to_after_the_last_reading_belongs_to_the_silence() -> None:
    true = Intervals.of([(0, State.RUNNING, ""), (59_600, State.DOWN, "")], 120_000)
    measured = Intervals.of([(0, State.RUNNING, ""), (60_000, State.UNKNOWN, "")], 120_000)

    assert tried(measured, true, REPORTED) == {Verdict.SAME: 59_600, Verdict.LOST_LINK: 60_400}


@pytest.mark.parametrize(("learning", "verdict"), [(True, Verdict.LEARNING), (False, Verdict.CANNOT_TELL)])
def test_readings_without_a_meaning_are_being_learned_or_cannot_tell(
    learning: bool,  # noqa: FBT001 - the case
    verdict: Verdict,
) -> None:
    found = verdicts(
        timeline(".."), timeline("RR"), Knowledge.learning(), 0, 2 * HOUR_MS, heard_ms=0, learning=learning
    )

    assert balance(found)[verdict].ms == 2 * HOUR_MS


def test_where_nobody_told_the_truth_nothing_is_compared() -> None:
    assert tried(timeline("RRD"), timeline("R..")) == {Verdict.SAME: HOUR_MS, Verdict.NO_TRUTH: 2 * HOUR_MS}


def test_a_window_without_time_has_no_verdict() -> None:
    found = verdicts(timeline("R"), timeline("R"), SENSED, 10, 10, heard_ms=0)

    assert list(found) == []
    assert set(balance(found).values()) == {Balance()}


# --- laws ----------------------------------------------------------------------------------------------

CODES = st.integers(0, len(STATES) - 1)


@st.composite
def any_intervals(draw: st.DrawFn) -> Intervals:
    starts = sorted(draw(st.sets(st.integers(0, 9_999), max_size=12)) | {0})
    return Intervals.of([(start, STATES[draw(CODES)], "") for start in starts], 10_000)


@st.composite
def any_knowledge(draw: st.DrawFn) -> Knowledge:
    period_ms = draw(st.integers(1, 3_000))
    return draw(
        st.sampled_from(
            [
                Knowledge.reported(period_ms),
                Knowledge.learning(period_ms),
                Knowledge.sensed(Threshold(signal="power_kw", above=6, below=4), period_ms),
            ]
        )
    )


@LAW
@given(any_intervals(), any_intervals(), any_knowledge(), st.integers(0, 10_000), st.data())
def test_verdicts_tile_and_account_for_the_whole_difference(
    measured: Intervals, true: Intervals, knowledge: Knowledge, heard_ms: int, data: st.DataObject
) -> None:
    begin = data.draw(st.integers(0, 9_999))
    end = data.draw(st.integers(begin + 1, 10_000))
    middle = data.draw(st.integers(begin, end))

    def between(from_ms: int, to_ms: int) -> Verdicts:
        return verdicts(measured, true, knowledge, from_ms, to_ms, heard_ms=heard_ms)

    found = list(between(begin, end))
    sums = balance(between(begin, end))
    was, did = (time_in_state(one, [(begin, end)]) for one in (measured, true))

    assert [start for start, *_ in found] == [begin, *(stop for _, stop, *_ in found[:-1])]
    assert found[-1][1] == end
    assert sum(one.ms for one in sums.values()) == end - begin
    assert sum(one.running_ms for one in sums.values()) == did[State.RUNNING] - was[State.RUNNING]
    assert sum(one.up_ms for one in sums.values()) == (
        did[State.RUNNING] + did[State.IDLE] - was[State.RUNNING] - was[State.IDLE]
    )
    first, second = balance(between(begin, middle)), balance(between(middle, end))
    assert {verdict: first[verdict] + second[verdict] for verdict in sums} == sums


@st.composite
def a_life(draw: st.DrawFn) -> Intervals:
    """Half a minute to five minutes of a machine, with stretches as short as 50 ms."""
    lengths = draw(st.lists(st.integers(50, 40_000), min_size=1, max_size=12))
    states = [State.RUNNING, State.IDLE, State.DOWN, State.SETUP]
    at_ms, pieces = 0, []
    for length in lengths:
        pieces.append((at_ms, draw(st.sampled_from(states)), ""))
        at_ms += length
    return Intervals.of(pieces, at_ms)


def batches_of(life: Intervals, phase_ms: int, *, reported: bool) -> list[tuple[int, Batch]]:
    """What a machine with this life sends: a reading every second, in batches of ten."""
    sent = []
    for at_ms in range(0, life.end_ms, BATCH_MS):
        offsets = np.arange(phase_ms, BATCH_MS, PERIOD_MS, dtype=np.int64)
        offsets = offsets[at_ms + offsets < life.end_ms]
        power = [
            9.0 if life.state_at(at_ms + offset)[0] is State.RUNNING else 1.0 for offset in offsets.tolist()
        ]
        changes = [
            Change(offset_ms=start - at_ms, state=state)
            for start, _, state, _ in life
            if at_ms < start < at_ms + BATCH_MS
        ]
        sent.append(
            (
                at_ms,
                Batch(
                    at_ms=at_ms,
                    offsets_ms=offsets,
                    signals={"power_kw": np.array(power)},
                    state=life.state_at(at_ms)[0] if reported else None,
                    changes=tuple(changes) if reported else (),
                ),
            )
        )
    return sent


@LAW
@given(a_life(), st.integers(0, PERIOD_MS - 1), st.booleans(), st.data())
def test_whatever_is_lost_on_the_way_every_difference_has_a_reason(
    life: Intervals,
    phase_ms: int,
    reported: bool,  # noqa: FBT001 - drawn
    data: st.DataObject,
) -> None:
    sent = batches_of(life, phase_ms, reported=reported)
    kept = [one for one in sent if data.draw(st.booleans())]
    measured = derive(kept, REPORTED if reported else SENSED)

    found = verdicts(
        measured.clip(0, life.end_ms + PERIOD_MS),
        life,
        REPORTED if reported else SENSED,
        0,
        life.end_ms,
        heard_ms=measured.from_ms if len(measured) else None,
    )

    sums = balance(found)
    assert sums[Verdict.UNEXPLAINED] == Balance()
    if reported:
        assert sums[Verdict.SAMPLING] == sums[Verdict.CANNOT_TELL] == Balance()
        if len(kept) == len(sent):
            assert sums[Verdict.SAME].ms == life.end_ms


# --- differences and the sentence ------------------------------------------------------------------------


def test_a_difference_is_measured_less_true_and_undefined_where_either_is() -> None:
    one = Difference(kpi="utilization", measured=0.75, true=0.5, low=0.5, high=0.8)

    assert one.difference == 0.25
    assert one.contained
    assert Difference(kpi="uptime", measured=None, true=0.5).difference is None
    assert Difference(kpi="uptime", measured=None, true=0.5).contained is None
    assert not Difference(kpi="uptime", measured=0.9, true=0.5, low=0.8, high=1.0).contained


def test_a_kpi_is_compared_with_its_bounds() -> None:
    measured = replace(numbers(time_in_state(timeline("RRX.")), Choices(), 0, 4 * HOUR_MS), parts=10)
    true = replace(numbers(time_in_state(timeline("RRIR")), Choices(), 0, 4 * HOUR_MS), parts=12)

    by_kpi = {one.kpi: one for one in differences(measured, true)}

    assert (by_kpi["utilization"].measured, by_kpi["utilization"].true) == (2 / 3, 3 / 4)
    assert by_kpi["utilization"].contained
    assert (by_kpi["uptime"].measured, by_kpi["uptime"].true) == (None, 1.0)
    assert by_kpi["uptime"].contained
    assert by_kpi["parts"].difference == -2


def a_proof(
    name: str, off: float | None = 0.0, *, told: bool = True, simulated: bool = True, **ms: int
) -> Proof:
    sums = dict.fromkeys(Verdict, Balance()) | {
        Verdict[verdict.upper()]: Balance(ms=time_ms) for verdict, time_ms in ms.items()
    }
    both = () if off is None else (Difference(kpi="utilization", measured=0.5 + off, true=0.5),)
    return Proof(machine=name, differences=both, balance=sums, told=told, simulated=simulated)


def test_the_sentence_says_how_well_all_machines_agree() -> None:
    proofs = [
        a_proof("mill-1", same=9_000),
        a_proof("press-1", 0.0021, same=8_000, sampling=1_000),
        a_proof("my-press", None, told=False, simulated=False),
        a_proof("mill-2", None, told=False),
    ]

    assert summary(proofs) == (
        "All 2 machines agree with what really happened: 1 to the millisecond, 1 within 0.3 points of "
        "utilization. 1 real machine has no truth to compare with. "
        "1 simulated machine has no truth to compare with."
    )


def test_the_sentence_hides_nothing() -> None:
    proofs = [a_proof("mill-1", same=9_000), a_proof("press-1", same=8_000, unexplained=1_500)]

    assert summary(proofs) == (
        "1 of 2 machines agree with what really happened, to the millisecond. "
        "press-1 differs for 1.5 s that nothing explains."
    )


@pytest.mark.parametrize(
    ("proofs", "sentence"),
    [
        ([], "No machine has been heard of in this window."),
        (
            [a_proof("my-press", told=False)],
            "Nobody told what really happened in this window, so there is nothing to compare with.",
        ),
        (
            [a_proof("mill-1", same=1)],
            "The one machine agrees with what really happened, to the millisecond.",
        ),
    ],
)
def test_the_sentence_of_few_machines(proofs: list[Proof], sentence: str) -> None:
    assert summary(proofs) == sentence
