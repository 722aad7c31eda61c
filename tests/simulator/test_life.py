from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.states import State
from simulator.behaviour.stretch import Labels, Stretch
from simulator.phase import STATE_OF, Phase
from simulator.plant import Plant
from simulator.specs.kind import Kind, kind_of
from simulator.specs.machine import laid_over
from tests.simulator.factory import EPOCH_MS, HOUR_MS, KINDS, MACHINES, PLAIN, SECOND_MS, machine, plain

LETTERS = {State.RUNNING: "R", State.IDLE: "I", State.DOWN: "D", State.SETUP: "S"}


def lived(kind: Kind, hours: float, *, name: str = "mill-1") -> tuple[Stretch, Labels]:
    """All that a machine goes through from the epoch on in so many hours, and its labels."""
    plant = Plant(1, EPOCH_MS, "r", sensors=False)
    plant.add(machine(kind, name), EPOCH_MS)
    until_ms = round(EPOCH_MS + hours * HOUR_MS)
    plant.advance(until_ms)
    one = plant.machine(name)
    diary = one.diary
    diary.cut(until_ms)
    made = diary.made_within(EPOCH_MS, until_ms)
    rejects = np.array([0, *(rejected for _, _, rejected in made)])
    stretch = Stretch(
        start_ms=diary.column("start_ms").copy(),
        end_ms=until_ms,
        label=diary.column("label").copy(),
        position=diary.column("position").copy(),
        pace=diary.column("pace").copy(),
        part_ms=np.array([at_ms for at_ms, _, _ in made], dtype=np.int64),
        rejected=np.diff(rejects) > 0,
    )
    return stretch, one.labels


def intervals(kind: Kind, hours: float) -> list[tuple[Phase, str, int]]:
    """Phase, cause and length in milliseconds of each interval, the first begun and the last cut short."""
    stretch, labels = lived(kind, hours)
    return [
        (labels[label].phase, labels[label].cause, length)
        for label, length in zip(stretch.label.tolist(), lengths(stretch).tolist(), strict=True)
    ]


def lengths(stretch: Stretch) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """How long each interval lasts, in milliseconds."""
    return np.diff(stretch.start_ms, append=stretch.end_ms)


def time_in_state(kind: Kind, hours: float, *, name: str = "mill-1") -> Counter[State]:
    """Milliseconds in each state in exactly so many hours."""
    stretch, labels = lived(kind, hours, name=name)
    time: Counter[State] = Counter()
    for label, length in zip(stretch.label.tolist(), lengths(stretch).tolist(), strict=True):
        time[labels[label].state] += length
    return time


def stop(phase: str, **settings: object) -> dict[str, object]:
    """A stop of exactly one minute, but for some settings."""
    return {"phase": phase, "mean_s": 60, "cv": 0, "causes": {phase: 1}, **settings}


def test_cycles_and_handling_take_turns() -> None:
    kind = plain(handling_s=5)

    letters = [(phase, length // SECOND_MS) for phase, _, length in intervals(kind, 0.1)[1:7]]

    assert letters == [(Phase.HANDLING, 5), (Phase.CYCLE, 10)] * 3


def test_a_setup_comes_after_so_many_parts_in_place_of_the_handling() -> None:
    kind = plain(handling_s=5, stops={"setup": stop("setup", every_parts=[3, 3])})

    lived = [(phase, length // SECOND_MS) for phase, _, length in intervals(kind, 1)]
    first = lived.index((Phase.SETUP, 60))

    assert lived[first : first + 7] == [
        (Phase.SETUP, 60),
        (Phase.CYCLE, 10),
        (Phase.HANDLING, 5),
        (Phase.CYCLE, 10),
        (Phase.HANDLING, 5),
        (Phase.CYCLE, 10),
        (Phase.SETUP, 60),
    ]


def test_two_setups_due_after_the_same_part_follow_each_other() -> None:
    kind = plain(
        stops={
            "tool": stop("setup", every_parts=[1, 1], causes={"tool change": 1}),
            "coil": stop("setup", every_parts=[1, 1], causes={"coil change": 1}),
        }
    )

    causes = [cause for _, cause, _ in intervals(kind, 0.5)]

    assert causes[1:7] == ["tool change", "coil change", ""] * 2


def test_the_beginning_of_a_life_is_this_for_ever() -> None:
    kind = plain(
        cycle_s=100,
        cycle_cv=0.1,
        handling_s=20,
        handling_cv=0.2,
        stops={"jam": stop("micro-stop", every_h=0.1, cv=0.5), "setup": stop("setup", every_parts=[3, 5])},
    )

    lived = [(str(phase), length) for phase, _, length in intervals(kind, 0.25)]

    # A changed number here means that every history of every seed has changed.
    assert lived[:10] == GOLDEN


def test_a_jam_interrupts_a_cycle_which_then_goes_on_where_it_stopped() -> None:
    kind = plain(cycle_s=3600, stops={"jam": stop("micro-stop", every_h=0.5)})

    stretch, _ = lived(kind, 24)
    ends = stretch.position + stretch.pace * lengths(stretch)

    # 0 and 1 are the same point of the cycle.
    gaps = (stretch.position[1:] - ends[:-1] + 0.5) % 1
    assert gaps == pytest.approx(0.5, abs=1e-9)
    assert (stretch.pace == 0).sum() > 10


def test_a_wait_lets_the_cycle_under_way_finish() -> None:
    kind = plain(stops={"wait": stop("waiting for material", every_h=0.05)})

    lived = intervals(kind, 2)

    waits = [index for index, (phase, _, _) in enumerate(lived) if phase is Phase.WAITING]
    assert len(waits) > 10
    assert all(lived[index + 1] == (Phase.CYCLE, "", 10 * SECOND_MS) for index in waits[:-1])


def test_a_part_is_made_at_the_end_of_each_cycle() -> None:
    kind = plain(handling_s=5)

    stretch, labels = lived(kind, 1)
    ends = [
        end
        for label, end in zip(stretch.label[:-1], stretch.start_ms[1:], strict=True)
        if labels[label].phase is Phase.CYCLE
    ]

    assert stretch.part_ms.tolist()[: len(ends)] == ends
    # One in 15 s.
    assert len(stretch.part_ms) == 240


def test_one_part_in_ten_is_scrap_within_four_standard_errors() -> None:
    rejected = lived(plain(scrap=0.1), 100)[0].rejected

    assert rejected.mean() == pytest.approx(0.1, abs=4 * (0.09 / len(rejected)) ** 0.5)


def test_availability_of_an_alternating_renewal_is_the_ratio_of_the_means() -> None:
    # FACTS A1 and A2: life Weibull 1.5 of mean 10 h, repair lognormal of mean 0.5 h and CV 1.
    kind = plain(
        cycle_s=600,
        stops={"breakdown": stop("repair", every_h=10, shape=1.5, mean_s=1800, cv=1)},
    )
    machines = [f"mill-{number}" for number in range(1, 11)]

    time = sum((time_in_state(kind, 1000, name=name) for name in machines), Counter[State]())

    assert time.total() == 10_000 * HOUR_MS
    # 0.00562 is one standard deviation over 1000 h.
    assert time[State.RUNNING] / time.total() == pytest.approx(0.952381, abs=4 * 0.00562 / 10**0.5)


def test_failures_are_counted_in_running_time_and_are_poisson_when_lives_are_exponential() -> None:
    # FACTS A16: 100 in 1000 running hours of MTBF 10 h, whatever the time lost to handling and repair.
    kind = plain(
        cycle_s=600, handling_s=600, stops={"breakdown": stop("repair", every_h=10, mean_s=36_000, cv=0.5)}
    )
    counts = []
    for number in range(25):
        stretch, labels = lived(kind, 4000, name=f"mill-{number}")
        ran = np.cumsum(np.where(stretch.pace > 0, lengths(stretch), 0))
        repairs = np.array([labels[label].phase is Phase.REPAIR for label in stretch.label])
        assert ran[-1] >= 1000 * HOUR_MS
        counts.append(int((repairs & (ran <= 1000 * HOUR_MS)).sum()))

    assert np.mean(counts) == pytest.approx(100, abs=4 * 10 / 25**0.5)
    # The variance of a sample of 25 has a relative standard error of sqrt(2 / 24).
    assert np.var(counts, ddof=1) == pytest.approx(100, abs=4 * 100 * (2 / 24) ** 0.5)


def test_causes_come_in_proportion_to_their_weights() -> None:
    causes = {"turret": 3, "lubrication": 1}
    kind = plain(cycle_s=100, stops={"breakdown": stop("repair", every_h=0.1, causes=causes)})

    struck = Counter(cause for _, cause, _ in intervals(kind, 300) if cause)

    share = struck["turret"] / struck.total()
    assert share == pytest.approx(0.75, abs=4 * (0.75 * 0.25 / struck.total()) ** 0.5)


def test_the_kth_repair_is_the_same_however_often_the_machine_jams_meanwhile() -> None:
    breakdown = stop("repair", every_h=3, mean_s=1800, cv=1)
    smooth = plain(stops={"breakdown": breakdown})
    jammed = plain(stops={"breakdown": breakdown, "jam": stop("micro-stop", every_h=0.2)})

    def repairs(kind: Kind) -> list[int]:
        return [length for phase, _, length in intervals(kind, 200) if phase is Phase.REPAIR]

    several = min(len(repairs(smooth)), len(repairs(jammed)))
    assert several > 40
    assert repairs(smooth)[:several] == repairs(jammed)[:several]


def test_every_phase_belongs_to_one_state() -> None:
    assert set(STATE_OF) == set(Phase)


@pytest.mark.parametrize("name", MACHINES)
def test_a_day_of_every_machine_is_tiled_without_gap_or_overlap(name: str) -> None:
    stretch, _ = lived(MACHINES[name].settings, 24, name=name)

    assert stretch.start_ms[0] == EPOCH_MS
    assert (lengths(stretch) > 0).all()
    assert (np.diff(stretch.part_ms) > 0).all()


@pytest.mark.parametrize("name", MACHINES)
def test_every_machine_alone_is_used_between_half_and_four_fifths_of_its_time(name: str) -> None:
    time = time_in_state(MACHINES[name].settings, 400, name=name)

    if MACHINES[name].settings.receiver is None:
        assert 0.5 < time[State.RUNNING] / time.total() < 0.8
    else:
        # 0.7 m³ of leaks out of 5 are all that it compresses for.
        assert 0.13 < time[State.RUNNING] / time.total() < 0.15


@pytest.mark.parametrize("name", MACHINES)
def test_every_machine_stops_visibly_within_a_shift(name: str) -> None:
    time = time_in_state(MACHINES[name].settings, 8, name=name)

    assert time[State.DOWN] + time[State.SETUP] > 60 * SECOND_MS


def test_the_plant_is_used_between_55_and_75_percent_and_no_two_machines_alike() -> None:
    times = [time_in_state(spec.settings, 100, name=name) for name, spec in MACHINES.items()]

    utilizations = [time[State.RUNNING] / time.total() for time in times]

    assert 0.55 < sum(utilizations) / len(utilizations) < 0.75
    assert all(two - one > 1e-4 for one, two in pairwise(sorted(utilizations)))


_SECONDS = st.floats(0.5, 5000)
_STOPS = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d"]),
    st.fixed_dictionaries(
        {
            "phase": st.sampled_from(["waiting for material", "setup", "micro-stop", "repair"]),
            "mean_s": st.floats(0.001, 5000),
            "cv": st.floats(0, 2),
            "causes": st.just({"one": 1, "two": 2}),
        },
        optional={},
    ).flatmap(
        lambda one: st.one_of(
            st.floats(0.01, 20).map(lambda hours: {**one, "every_h": hours}),
            st.integers(1, 90).map(lambda parts: {**one, "every_parts": [parts, 2 * parts]}),
        )
    ),
)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(cycle_s=_SECONDS, handling_s=st.one_of(st.just(0), _SECONDS), stops=_STOPS, cv=st.floats(0, 1))
def test_whatever_the_settings_intervals_tile_and_each_part_took_its_whole_cycle(
    cycle_s: float, handling_s: float, stops: dict[str, object], cv: float
) -> None:
    over = {"cycle_s": cycle_s, "cycle_cv": cv, "handling_s": handling_s, "stops": stops}
    # Without stops nothing wears that a signal could tell of.
    settings = {**KINDS["cnc-mill"].settings, "stops": {}, "signals": PLAIN["signals"]}
    settings.pop("scrap_worn", None)
    kind = kind_of("any", laid_over(settings, over), source="any.toml")

    stretch, _ = lived(kind, 3)

    assert stretch.start_ms[0] == EPOCH_MS
    assert (lengths(stretch) > 0).all()
    # Cycles begun are cycles made, but for the one under way.
    work = float(stretch.position[0] + (stretch.pace * lengths(stretch)).sum())
    if stretch.pace[0] == 0:
        work = float(stretch.position[0] % 1 + (stretch.pace * lengths(stretch)).sum())
    assert len(stretch.part_ms) <= work + 1e-6 < len(stretch.part_ms) + 1 + 1e-6


GOLDEN = [
    ("cycle", 56820),
    ("setup", 60000),
    ("cycle", 115196),
    ("handling", 18301),
    ("cycle", 38426),
    ("micro-stop", 19527),
    ("cycle", 56579),
    ("handling", 16627),
    ("cycle", 91086),
    ("handling", 20082),
]
