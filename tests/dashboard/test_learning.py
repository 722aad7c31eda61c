"""Whether a machine runs is learned from its own power, once, and only when its power tells."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.intervals import Intervals
from dashboard.kpi.account import time_in_state
from dashboard.kpi.formulas import utilization
from dashboard.states.keeper import derive
from dashboard.states.learning import (
    MAX_OBSERVED_MS,
    Learned,
    Learner,
    knowledge_with,
    learn,
    progress,
    split,
)
from protocol.messages import Birth
from protocol.moments import EPOCH
from protocol.readings import Batch, Float64s
from protocol.states import State
from tests.dashboard.letters import HOUR_MS, LAW, readings

MINUTE_MS = 60_000
RECORDING = Path(__file__).parent / "recordings" / "mazak-3-20181026.csv.gz"

Told = tuple[int, Batch]


def by_the_minute(power_kw: list[float], from_ms: int = 0) -> list[Told]:
    """One message a minute, one reading each."""
    return [readings(from_ms + minute * MINUTE_MS, [0], [value]) for minute, value in enumerate(power_kw)]


def shop(random: np.random.Generator, count: int, share: float, spread: float) -> Float64s:
    """Power of a machine that runs for a share of the time, in stretches."""
    runs = np.repeat(random.random(count // 10 + 1) < share, 10)[:count]
    return np.where(runs, 8.0, 2.0) * (1 + spread * random.normal(size=count))


BLOCKS = ([8.0] * 10 + [1.0] * 10) * 4


def test_two_levels_are_learned_from_sixty_readings() -> None:
    learned = learn(by_the_minute(BLOCKS[:61]))

    assert learned is not None
    assert learned.threshold is not None
    assert learned.threshold.signal == "power_kw"
    assert 1.0 < learned.threshold.below < learned.threshold.above < 8.0
    assert (learned.version, learned.from_ms, learned.to_ms, learned.readings) == (1, 0, HOUR_MS, 61)


def test_the_levels_lie_a_third_and_two_thirds_across_the_valley() -> None:
    learned = learn(by_the_minute([7.0, 7.0, 7.0, 7.0, 7.0, 1.0, 1.0, 1.0, 1.0, 1.0] * 7))

    assert learned is not None
    assert learned.threshold is not None
    assert learned.threshold.below == pytest.approx(3.0)
    assert learned.threshold.above == pytest.approx(5.0)


def test_fewer_than_sixty_readings_teach_nothing_and_the_words_count_them() -> None:
    told = by_the_minute(BLOCKS[:45])

    assert learn(told) is None
    assert progress(told) == "learning: 45 of 60 readings"


def test_less_than_half_an_hour_teaches_nothing_and_the_words_count_the_minutes() -> None:
    told = [readings(second * 1_000, [0], [BLOCKS[second // 60]]) for second in range(14 * 60 + 1)]

    assert learn(told) is None
    assert progress(told) == "learning: 14 of 30 min"


def test_nothing_heard_is_no_reading() -> None:
    assert progress([]) == "learning: 0 of 60 readings"


def test_without_two_levels_it_goes_on_learning_and_says_so() -> None:
    told = by_the_minute([3.0 + 0.1 * (minute % 3) for minute in range(121)])

    assert learn(told) is None
    assert progress(told) == "learning: no two levels apart in power_kw yet, 120 of 480 min"


def test_after_a_shift_without_two_levels_it_says_that_it_cannot_tell() -> None:
    told = by_the_minute([3.0 + 0.1 * (minute % 3) for minute in range(500)])

    learned = learn(told)

    assert learned is not None
    assert learned.threshold is None
    assert learned.to_ms == MAX_OBSERVED_MS
    assert learned.words == "cannot tell: power_kw shows no two levels clearly apart"
    assert {state for _, _, state, _ in derive(told, learned.knowledge)} == {State.UNKNOWN}


def test_a_machine_that_sends_no_signal_cannot_be_told() -> None:
    nothing = np.zeros(1, np.int64)
    told = [
        (at_ms, Batch(at_ms=at_ms, offsets_ms=nothing, signals={})) for at_ms in range(0, HOUR_MS + 1, 30_000)
    ]

    learned = learn(told)

    assert learned is not None
    assert learned.words == "cannot tell: it sends no signal"
    assert learned.period_ms == 45_000


def test_levels_that_come_late_are_found_within_the_shift() -> None:
    learned = learn(by_the_minute([1.0] * 100 + BLOCKS))

    assert learned is not None
    assert learned.threshold is not None
    assert 100 * MINUTE_MS < learned.to_ms < 150 * MINUTE_MS


def test_silence_is_not_observed_time() -> None:
    told = [*by_the_minute(BLOCKS[:30]), *by_the_minute(BLOCKS[:20], from_ms=20 * HOUR_MS)]

    assert learn(told) is None
    assert progress(told) == "learning: 50 of 60 readings"


def test_the_period_is_one_and_a_half_times_the_usual_spacing() -> None:
    told = [readings(at_ms, [0], [BLOCKS[at_ms // MINUTE_MS]]) for at_ms in range(0, HOUR_MS + 1, 20_000)]

    learned = learn([one for place, one in enumerate(told) if place % 40])

    assert learned is not None
    assert learned.period_ms == 30_000


def test_power_is_looked_at_before_any_other_signal() -> None:
    told = [
        (
            at_ms,
            Batch(
                at_ms=at_ms,
                offsets_ms=batch.offsets_ms,
                signals={"temperature_c": np.array([20.0]), "current_a": batch.signals["power_kw"] * 2},
            ),
        )
        for at_ms, batch in by_the_minute(BLOCKS)
    ]

    learned = learn(told)

    assert learned is not None
    assert learned.signal == "current_a"


def test_a_learned_threshold_belongs_to_a_machine_whose_state_has_to_be_learned() -> None:
    learned = learn(by_the_minute(BLOCKS))
    assert learned is not None

    assert knowledge_with(None, learned) == learned.knowledge
    assert knowledge_with(None, None).threshold is None
    assert knowledge_with(Birth(at=EPOCH, states="reported"), learned).how == "reported"


def test_what_was_learned_tells_the_states_since_the_first_reading() -> None:
    told = by_the_minute(BLOCKS)
    learned = learn(told)
    assert learned is not None

    known = derive(told, learned.knowledge)

    assert [str(state) for _, _, state, _ in known] == ["running", "stopped"] * 4
    assert known.from_ms == 0


# What must not be taken for two levels.

NOISE: dict[str, Callable[[np.random.Generator, int], Float64s]] = {
    "normal": lambda random, count: 5 + random.normal(size=count),
    "uniform": lambda random, count: random.uniform(1, 9, count),
    "exponential": lambda random, count: random.exponential(3, count),
    "lognormal": lambda random, count: random.lognormal(1, 0.6, count),
    "sine": lambda random, count: 5 + 4 * np.sin(np.arange(count) / random.uniform(5, 300)),
    "sawtooth": lambda random, count: 1 + (np.arange(count) % random.integers(20, 300)) / 20,
    "two steps of resolution": lambda random, count: np.round(3.2 + 0.03 * random.normal(size=count), 1),
    "constant": lambda _, count: np.full(count, 3.2),
    "warming up": lambda _, count: 60 - 40 * np.exp(-np.arange(count) / 200),
}


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("count", [60, 600, 6_000])
def test_noise_and_drift_are_not_taken_for_two_levels(noise: str, count: int) -> None:
    random = np.random.default_rng(22400)

    assert not any(split(NOISE[noise](random, count)) for _ in range(50))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("spread", [0.0, 0.05, 0.15])
def test_two_levels_are_found_through_noise_whatever_the_share_of_running(
    share: float, spread: float
) -> None:
    random = np.random.default_rng(22400)

    found = [split(shop(random, 1_800, share, spread)) for _ in range(20)]

    assert all(edges is not None and 2.0 <= edges[0] < edges[1] <= 8.0 for edges in found)


def test_a_few_faults_of_a_sensor_are_no_level() -> None:
    values = np.full(600, 5.0) + 0.2 * np.random.default_rng(1).normal(size=600)
    values[::100] = 0.0

    assert split(values) is None


def test_one_switch_near_the_end_may_be_a_machine_that_is_turned_on() -> None:
    assert split(np.array([0.0] * 500 + [5.0] * 100)) is None
    assert split(np.array([0.0] * 250 + [5.0] * 100 + [0.0] * 250)) is not None


# A real machine: its control's word against what its signals alone teach.


@pytest.fixture(scope="module")
def recorded() -> pd.DataFrame:
    """A recorded day, one row a second; NaN where nothing was said."""
    rows = pd.read_csv(RECORDING, na_values=["UNAVAILABLE"])
    rows["at_ms"] = pd.to_datetime(rows["time"]).dt.as_unit("ms").astype("int64")
    return rows


def told_by(recorded: pd.DataFrame, signal: str) -> Told:
    at = recorded["at_ms"].to_numpy()
    begin = int(at[0])
    values = pd.to_numeric(recorded[signal]).to_numpy(np.float64)
    return begin, Batch(at_ms=begin, offsets_ms=at - begin, signals={signal: values})


@pytest.mark.parametrize(
    ("signal", "agreement"), [("path_feed_mm_min", 0.96), ("spindle2_speed_rpm", 0.90), ("z_load_pct", 0.80)]
)
def test_a_recorded_machine_is_learned_from_what_follows_its_work(
    recorded: pd.DataFrame, signal: str, agreement: float
) -> None:
    told = told_by(recorded, signal)
    learned = learn([told])
    assert learned is not None
    assert learned.threshold is not None

    known = derive([told], learned.knowledge)

    said = recorded[recorded["execution"].notna() & recorded[signal].notna()]
    runs = [known.state_at(at_ms)[0] is State.RUNNING for at_ms in said["at_ms"].tolist()]
    agreed = np.array(runs) == (said["execution"] == "ACTIVE").to_numpy()
    assert agreed.mean() > agreement


@pytest.mark.parametrize("signal", ["x_load_pct", "spindle_speed_rpm", "spindle_temp_c", "spindle2_temp_c"])
def test_a_recorded_machine_is_not_learned_from_what_does_not(recorded: pd.DataFrame, signal: str) -> None:
    assert learn([told_by(recorded, signal)]) is None


# Laws.


@LAW
@given(
    st.lists(st.tuples(st.integers(1, 200), st.sampled_from([1.0, 1.1, 8.0, 7.5])), min_size=1, max_size=120),
    st.integers(1, 20),
    st.randoms(use_true_random=False),
)
def test_what_is_learned_depends_on_neither_cuts_nor_order_nor_repeats(
    steps: list[tuple[int, float]], size: int, random: Random
) -> None:
    at = np.cumsum([gap * 1_000 for gap, _ in steps])
    values = np.array([value for _, value in steps])
    one = [(int(at[0]), Batch(at_ms=0, offsets_ms=at - at[0], signals={"power_kw": values}))]
    cuts = [
        (
            int(at[place]),
            Batch(
                at_ms=0,
                offsets_ms=at[place : place + size] - at[place],
                signals={"power_kw": values[place : place + size]},
            ),
        )
        for place in range(0, len(at), size)
    ]
    mixed = [*cuts, *cuts[:2]]
    random.shuffle(mixed)

    expected = learn(one)

    assert learn(cuts) == learn(mixed) == expected
    for order in (cuts, mixed):
        assert one_by_one(order) == (expected, progress(one))


def one_by_one(told: list[Told]) -> tuple[Learned | None, str]:
    """What a learner that is asked after every batch has learned in the end."""
    learner = Learner()
    for at_ms, batch in told:
        learner.add(batch, at_ms)
        learner.learned()
        learner.progress()
    return learner.learned(), learner.progress()


@pytest.mark.parametrize("spacing_s", [1, 5, 60])
def test_what_was_learned_measures_utilization_well(spacing_s: int) -> None:
    random = np.random.default_rng(7)
    edges = np.cumsum(random.exponential(600_000, 200)).astype(np.int64)
    truth = Intervals.of(
        [
            (int(at_ms), State.STOPPED if place % 2 else State.RUNNING, "")
            for place, at_ms in enumerate([0, *edges])
        ],
        int(edges[-1]) + 1,
    )
    offsets = np.arange(0, 8 * HOUR_MS, spacing_s * 1_000)
    running = np.array([truth.state_at(int(at_ms))[0] is State.RUNNING for at_ms in offsets])
    power = np.where(running, 8.0, 2.0) * (1 + 0.1 * random.normal(size=len(offsets)))
    told = [(0, Batch(at_ms=0, offsets_ms=offsets, signals={"power_kw": power}))]
    learned = learn(told)
    assert learned is not None

    known = derive(told, learned.knowledge)

    window = [(0, 8 * HOUR_MS)]
    measured, true = (utilization(time_in_state(one, window)) for one in (known, truth))
    assert measured is not None
    assert true is not None
    edges_within = len(truth.clip(0, 8 * HOUR_MS)) - 1
    assert abs(measured - true) <= (edges_within + 2) * spacing_s * 1_000 / (8 * HOUR_MS)
