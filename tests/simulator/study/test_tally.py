"""Sums over spans: worked examples, and that the cuts change nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.states import State
from simulator.behaviour.stretch import Label, Labels
from simulator.phase import STATE_OF, Phase
from simulator.study.figures import of_buffer, of_machine
from simulator.study.tally import Level, Lived, Tally

HOUR_MS = 3_600_000
LETTERS = {"R": Phase.CYCLE, "I": Phase.WAITING, "J": Phase.MICRO_STOP, "D": Phase.REPAIR, "S": Phase.SETUP}
LABELS = Labels([Label(state=STATE_OF[phase], phase=phase, cause=phase) for phase in LETTERS.values()])


def lived(letters: str, *, from_hour: int = 0, parts: int = 0, rejects: int = 0) -> Lived:
    """One letter for each hour."""
    start = np.arange(len(letters), dtype=np.int64) + from_hour
    return Lived(
        from_ms=from_hour * HOUR_MS,
        to_ms=(from_hour + len(letters)) * HOUR_MS,
        start_ms=start * HOUR_MS,
        label=np.array([list(LETTERS).index(letter) for letter in letters], dtype=np.int64),
        parts=parts,
        rejects=rejects,
    )


def tally(*spans: Lived) -> Tally:
    sums = Tally(labels=LABELS)
    for span in spans:
        sums.add(span)
    return sums


def test_a_broken_hour_costs_uptime_and_an_idle_one_utilization_alone() -> None:
    figures = of_machine(tally(lived("RRRRRRID", parts=8, rejects=2)), ideal_cycle_s=1800)

    assert figures["utilization",] == 6 / 8
    assert figures["uptime",] == 7 / 8
    assert figures["parts_per_hour",] == 1
    assert figures["good_per_hour",] == 6 / 8
    assert figures["performance",] == 8 * 0.5 / 6
    assert figures["quality",] == 6 / 8
    assert figures["oee",] == pytest.approx(6 / 8 * (8 * 0.5 / 6) * 6 / 8)
    assert figures["phases", "repair"] == 1 / 8


def test_a_jam_that_becomes_a_repair_is_one_failure_and_one_stop() -> None:
    figures = of_machine(tally(lived("RJDRSDRI")), ideal_cycle_s=None)

    assert figures["failures",] == 2
    assert figures["stops",] == 3
    assert figures["mtbf_h",] == (3 + 1) / 2
    assert figures["mttr_h",] == 3 / 2
    assert ("parts_per_hour",) not in figures


def test_without_a_failure_there_is_no_mtbf() -> None:
    figures = of_machine(tally(lived("RRR")), ideal_cycle_s=None)

    assert figures["mtbf_h",] is None
    assert figures["failures",] == 0


def test_a_stop_that_began_in_the_warm_up_is_not_counted_again() -> None:
    sums = Tally(labels=LABELS, last=list(LETTERS).index("D"))
    sums.add(lived("DDRD"))

    assert sums.failures == 1
    assert sums.label_count[list(LETTERS).index("D")] == 1


@given(st.text("RIJDS", min_size=2, max_size=40), st.data())
def test_the_cuts_between_spans_change_nothing(letters: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(letters) - 1))

    whole = tally(lived(letters))
    cut_up = tally(lived(letters[:cut]), lived(letters[cut:], from_hour=cut))

    assert cut_up == whole
    assert sum(whole.label_ms) == len(letters) * HOUR_MS
    assert whole.state_ms().get(State.RUNNING, 0) == letters.count("R") * HOUR_MS


def test_a_buffer_that_is_full_for_half_the_time_is_half_full_on_the_mean() -> None:
    level = Level(window_ms=70, part_ms=8 * 35)

    assert of_buffer(level) == {("mean_level",): 8 * 35 / 70}
