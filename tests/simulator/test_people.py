"""People: when they notice, whom they see to first, how they walk, and when they are there."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.moments import to_ms
from simulator.plant import Plant
from simulator.specs.machine import MachineSpec
from simulator.specs.people import Duty, parse_people
from simulator.specs.settings import SpecError
from tests.simulator.factory import (
    EPOCH_MS,
    HOUR_MS,
    MACHINES,
    MINUTE_MS,
    machine,
    plain,
    plant_of,
    story,
    time_in_phase,
)

ANNA = "[persons.anna]\n"
ROUNDS = 'hears = "nothing"\nrounds_s = 600\n'
CALLS = 'hears = "calls"\nrounds_s = 600\nreaction_s = 60\nwalk_s = 20\n'
AT_ONCE = 'hears = "at once"\nreaction_s = 0\n'


def breaks(after_s: float, mended_s: float = 60, **over: Any) -> dict[str, Any]:
    """A stop that comes after each so many seconds of running."""
    return {
        "phase": "repair",
        "every_h": after_s / 3600,
        "life": "fixed",
        "mean_s": mended_s,
        "length": "fixed",
        "causes": {"broken": 1},
        **over,
    }


def one(after_s: float, name: str = "m1", **over: Any) -> MachineSpec:
    """A new machine that breaks after each so many seconds of running."""
    return machine(plain(fresh=True, stops={"broken": breaks(after_s, **over)}), name)


def phases(plant: Plant, name: str, minutes: int = 60) -> list[tuple[int, str]]:
    return [(at_s, phase) for at_s, phase, _ in story(plant, name, EPOCH_MS, EPOCH_MS + minutes * MINUTE_MS)]


def test_who_hears_nothing_finds_a_stopped_machine_on_the_next_round() -> None:
    plant = plant_of(one(700), people=ROUNDS + ANNA)
    plant.advance(EPOCH_MS + 22 * MINUTE_MS)

    assert phases(plant, "m1", 22) == [
        (0, "cycle"),
        (700, "unnoticed"),
        (1200, "repair"),
        (1260, "cycle"),
    ]


def test_a_call_is_noticed_after_the_reaction_and_the_person_walks() -> None:
    plant = plant_of(one(700), people=CALLS + ANNA)
    plant.advance(EPOCH_MS + 720_000)
    plant.hear_call("m1", EPOCH_MS + 720_000)
    plant.advance(EPOCH_MS + HOUR_MS)

    assert phases(plant, "m1", 15) == [
        (0, "cycle"),
        (700, "unnoticed"),
        (780, "walking"),
        (800, "repair"),
        (860, "cycle"),
    ]
    said = [
        (one.step, one.at_ms - EPOCH_MS, one.person) for one in plant.responses(EPOCH_MS, EPOCH_MS + 900_000)
    ]
    assert said == [
        ("acknowledged", 780_000, ""),
        ("set out", 780_000, "anna"),
        ("at the machine", 800_000, "anna"),
        ("restored", 860_000, "anna"),
    ]
    assert plant.responses(EPOCH_MS, EPOCH_MS + HOUR_MS)[0].called_ms == EPOCH_MS + 720_000


def test_a_round_that_comes_before_the_call_is_heard_notices_first() -> None:
    plant = plant_of(one(590), people=CALLS + ANNA)
    plant.advance(EPOCH_MS + 595_000)
    plant.hear_call("m1", EPOCH_MS + 595_000)
    plant.advance(EPOCH_MS + HOUR_MS)

    assert phases(plant, "m1", 11) == [(0, "cycle"), (590, "unnoticed"), (600, "walking"), (620, "repair")]
    assert plant.responses(EPOCH_MS, EPOCH_MS + HOUR_MS)[0].called_ms is None


def test_who_hears_nothing_hears_no_call_either() -> None:
    plant = plant_of(one(700), people=ROUNDS + ANNA)
    plant.advance(EPOCH_MS + 720_000)
    plant.hear_call("m1", EPOCH_MS + 720_000)
    plant.advance(EPOCH_MS + HOUR_MS)

    assert (1200, "repair") in phases(plant, "m1")


def test_a_call_for_a_machine_that_has_not_stopped_changes_nothing() -> None:
    called, quiet = (plant_of(one(700), people=CALLS + ANNA) for _ in range(2))
    called.advance(EPOCH_MS + 5 * MINUTE_MS)
    called.hear_call("m1", EPOCH_MS + 5 * MINUTE_MS)
    for plant in (called, quiet):
        plant.advance(EPOCH_MS + HOUR_MS)

    assert phases(called, "m1") == phases(quiet, "m1")


def test_who_stops_first_is_seen_to_first_and_the_next_one_after_the_walk() -> None:
    people = AT_ONCE + "walk_s = 10\n" + ANNA
    plant = plant_of(one(100, "m1"), one(110, "m2"), one(105, "m3"), people=people)
    plant.advance(EPOCH_MS + HOUR_MS)

    assert phases(plant, "m1", 3) == [(0, "cycle"), (100, "walking"), (110, "repair"), (170, "cycle")]
    assert phases(plant, "m3", 5)[:4] == [
        (0, "cycle"),
        (105, "waiting for a person"),
        (170, "walking"),
        (180, "repair"),
    ]
    assert phases(plant, "m2", 6)[:4] == [
        (0, "cycle"),
        (110, "waiting for a person"),
        (240, "walking"),
        (250, "repair"),
    ]


def test_who_stands_before_a_machine_already_does_not_walk_to_it() -> None:
    plant = plant_of(one(100), people=AT_ONCE + "walk_s = 10\n" + ANNA)
    plant.advance(EPOCH_MS + HOUR_MS)

    assert phases(plant, "m1", 5) == [
        (0, "cycle"),
        (100, "walking"),
        (110, "repair"),
        (170, "cycle"),
        (270, "repair"),
    ]


def test_skill_divides_the_time_of_a_repair_and_each_goes_to_what_they_tend() -> None:
    people = (
        AT_ONCE + '[persons.anna]\ntends = ["m1"]\nskill = 2\n[persons.ben]\ntends = ["m2"]\nskill = 0.5\n'
    )
    plant = plant_of(one(100, "m1"), one(100, "m2"), people=people)
    plant.advance(EPOCH_MS + HOUR_MS)

    assert phases(plant, "m1", 3) == [(0, "cycle"), (100, "repair"), (130, "cycle")]
    assert phases(plant, "m2", 4) == [(0, "cycle"), (100, "repair"), (220, "cycle")]


def test_a_machine_that_nobody_tends_and_a_stop_that_needs_nobody_are_over_by_themselves() -> None:
    people = ROUNDS + '[persons.anna]\ntends = ["m2"]\n'
    plant = plant_of(one(100, "m1"), one(100, "m2", person=False), people=people)
    plant.advance(EPOCH_MS + HOUR_MS)

    for name in ("m1", "m2"):
        assert phases(plant, name, 3) == [(0, "cycle"), (100, "repair"), (160, "cycle")]


def test_a_stop_that_follows_on_another_is_seen_by_who_stands_before_the_machine() -> None:
    stops = {"broken": breaks(100), "set": breaks(100, phase="setup", causes={"another job": 1})}
    plant = plant_of(machine(plain(fresh=True, stops=stops), "m1"), people=ROUNDS + ANNA)
    plant.advance(EPOCH_MS + HOUR_MS)

    # Both are due with the tenth part; the setup comes first, and nobody walks away between the two.
    lived = story(plant, "m1", EPOCH_MS, EPOCH_MS + 13 * MINUTE_MS)
    assert lived == [
        (0, "cycle", ""),
        (100, "unnoticed", "another job"),
        (600, "setup", "another job"),
        (660, "unnoticed", "broken"),
    ]


def test_before_a_setup_the_machine_is_in_setup_until_the_person_comes_too() -> None:
    plant = plant_of(one(100, phase="setup"), people=ROUNDS + ANNA)
    plant.advance(EPOCH_MS + HOUR_MS)
    truth = plant.truth("m1", EPOCH_MS, EPOCH_MS + 11 * MINUTE_MS)

    assert [(change.state, change.phase) for change in truth.changes if change.state] == [
        ("setup", "unnoticed"),
        ("setup", "setup"),
        ("running", "cycle"),
    ]


def test_people_come_in_their_shifts_and_not_in_their_breaks() -> None:
    # The epoch is 08:00 UTC, 09:00 in Berlin.
    hours = 'time_zone = "Europe/Berlin"\nshifts = ["09:30-17:00"]\nbreaks = ["10:00-10:30"]\n'
    plant = plant_of(one(700), people=AT_ONCE + ANNA + hours)
    plant.advance(EPOCH_MS + 3 * HOUR_MS)

    lived = [(at_s // 60, phase) for at_s, phase in phases(plant, "m1", 110)]
    assert lived[:4] == [(0, "cycle"), (11, "unnoticed"), (30, "repair"), (31, "cycle")]
    # It has run for 700 s at 42:40, 55:20 and, in the break, at 68:00.
    assert lived[4:10] == [
        (42, "repair"),
        (43, "cycle"),
        (55, "repair"),
        (56, "cycle"),
        (68, "unnoticed"),
        (90, "repair"),
    ]


@pytest.mark.parametrize(
    ("shift", "moment", "expected"),
    [
        ("06:00-14:00", "2026-01-05T05:00:00", "2026-01-05T06:00:00"),
        ("06:00-14:00", "2026-01-05T13:59:59", "2026-01-05T13:59:59"),
        ("06:00-14:00", "2026-01-05T14:00:00", "2026-01-06T06:00:00"),
        ("22:00-06:00", "2026-01-05T05:59:00", "2026-01-05T05:59:00"),
        ("22:00-06:00", "2026-01-05T06:00:00", "2026-01-05T22:00:00"),
    ],
)
def test_the_next_moment_on_duty(shift: str, moment: str, expected: str) -> None:
    person = parse_people(AT_ONCE + ANNA + f'shifts = ["{shift}"]\n').persons[0]

    def ms(text: str) -> int:
        return to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))

    assert Duty(person).next_ms(ms(moment)) == ms(expected)


def test_a_shift_of_local_time_moves_with_daylight_saving() -> None:
    person = parse_people(AT_ONCE + ANNA + 'time_zone = "Europe/Berlin"\nshifts = ["06:00-14:00"]\n').persons[
        0
    ]
    duty = Duty(person)

    for day, hour in ((28, 5), (29, 4)):  # clocks went forward on Sunday 2026-03-29
        midnight = to_ms(datetime(2026, 3, day, tzinfo=UTC))
        assert duty.next_ms(midnight) == midnight + hour * HOUR_MS


def test_who_works_on_weekdays_rests_on_sunday() -> None:
    text = AT_ONCE + ANNA + 'days = ["mon", "tue", "wed", "thu", "fri"]\nshifts = ["06:00-14:00"]\n'
    duty = Duty(parse_people(text).persons[0])

    friday_evening = to_ms(datetime(2026, 1, 9, 15, tzinfo=UTC))

    assert duty.next_ms(friday_evening) == to_ms(datetime(2026, 1, 12, 6, tzinfo=UTC))


def test_a_person_whose_machine_is_taken_away_goes_to_the_next() -> None:
    plant = plant_of(one(100, "m1", mended_s=3600), one(110, "m2"), people=AT_ONCE + ANNA)
    plant.advance(EPOCH_MS + 150_000)
    plant.retire("m1", EPOCH_MS + 150_000)
    plant.advance(EPOCH_MS + HOUR_MS)

    assert phases(plant, "m2", 4)[:4] == [
        (0, "cycle"),
        (110, "waiting for a person"),
        (150, "repair"),
        (210, "cycle"),
    ]


def fleet(people: str, seed: int = 1) -> Plant:
    return plant_of(*MACHINES.values(), people=people, seed=seed, watched=True)


RULES = (
    'hears = "nothing"\nrounds_s = 1200\nwalk_s = 45\n' + ANNA,
    'hears = "at once"\nrounds_s = 300\nreaction_s = 10\nreaction_mean_s = 60\n'
    + ANNA
    + "[persons.ben]\nskill = 3\n",
)


def test_plants_with_equal_rules_have_the_same_truth() -> None:
    plants = [fleet(RULES[0]), fleet(RULES[0])]
    for plant in plants:
        plant.advance(EPOCH_MS + 48 * HOUR_MS)

    one, other = (
        [plant.truth(name, EPOCH_MS, EPOCH_MS + 48 * HOUR_MS) for name in plant.names()] for plant in plants
    )

    assert one == other


def test_under_different_rules_the_kth_draws_agree_as_far_as_both_go() -> None:
    plants = [fleet(rules) for rules in RULES]
    for plant in plants:
        plant.advance(EPOCH_MS + 96 * HOUR_MS)

    both = 0
    for name in MACHINES:
        one, other = (plant.draws(name) for plant in plants)
        assert one.keys() == other.keys()
        for purpose in one:
            common = one[purpose].keys() & other[purpose].keys()
            assert [one[purpose][k] for k in common] == [other[purpose][k] for k in common]
            both += len(common)
            # Each is asked for from its first on, without a gap.
            assert sorted(one[purpose]) == list(range(len(one[purpose])))
    assert both > 1_000
    times = [time_in_phase(plant, "mill-1", EPOCH_MS, EPOCH_MS + 96 * HOUR_MS) for plant in plants]
    assert times[0] != times[1]


def test_adding_a_machine_changes_no_draws_of_the_others() -> None:
    alone, crowded = fleet(RULES[0]), fleet(RULES[0])
    crowded.advance(EPOCH_MS + HOUR_MS)
    crowded.add(one(50, "new-1"), EPOCH_MS + HOUR_MS)
    for plant in (alone, crowded):
        plant.advance(EPOCH_MS + 48 * HOUR_MS)

    differ = 0
    end_ms = EPOCH_MS + 48 * HOUR_MS
    for name in MACHINES:
        before, after = alone.draws(name), crowded.draws(name)
        for purpose in before:
            common: Mapping[int, float] = {
                k: after[purpose][k] for k in before[purpose] if k in after[purpose]
            }
            assert all(before[purpose][k] == value for k, value in common.items())
        differ += alone.truth(name, EPOCH_MS, end_ms) != crowded.truth(name, EPOCH_MS, end_ms)
    # It keeps people busy, so the others wait for them.
    assert differ > 0


@settings(derandomize=True, max_examples=15, deadline=None)
@given(
    rules=st.sampled_from([*RULES, CALLS + ANNA]),
    calls=st.lists(st.tuples(st.integers(0, 8 * 60), st.sampled_from(sorted(MACHINES))), max_size=30).map(
        sorted
    ),
    advances=st.lists(st.integers(0, 8 * HOUR_MS), max_size=20),
)
def test_calls_at_their_plant_times_give_one_history_however_time_is_cut(
    rules: str, calls: list[tuple[int, str]], advances: list[int]
) -> None:
    plants = [fleet(rules), fleet(rules)]
    moments = sorted({8 * HOUR_MS, *(minute * MINUTE_MS for minute, _ in calls)})
    for plant, stops in zip(plants, (moments, sorted({*moments, *advances})), strict=True):
        for moment in stops:
            plant.advance(EPOCH_MS + moment)
            for minute, name in calls:
                if minute * MINUTE_MS == moment:
                    plant.hear_call(name, EPOCH_MS + moment - 5_000)

    one, other = (
        [plant.truth(name, EPOCH_MS, EPOCH_MS + 8 * HOUR_MS) for name in plant.names()] for plant in plants
    )

    assert one == other
    assert plants[0].responses(EPOCH_MS, EPOCH_MS + 8 * HOUR_MS) == plants[1].responses(
        EPOCH_MS, EPOCH_MS + 8 * HOUR_MS
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "key 'persons' is missing: at least one"),
        ("persons = 3\n", "key 'persons': 3 is not allowed: a table"),
        ("hears = 'voices'\n" + ANNA, "key 'hears': 'voices' is not allowed: one of calls, at once, nothing"),
        ("hears = 'nothing'\n" + ANNA, "key 'rounds_s'"),
        ("reaction_s = 29\n" + ANNA, "key 'reaction_s': 29 is not allowed: from 30, up to 86400"),
        ("rounds_s = -1\n" + ANNA, "key 'rounds_s': -1 is not allowed: from 0"),
        ("reaction_mean_s = 'x'\n" + ANNA, "key 'reaction_mean_s': 'x' is not allowed: a number"),
        ("walk_s = 3601\n" + ANNA, "key 'walk_s': 3601 is not allowed: from 0, up to 3600"),
        ("walks = 3\n" + ANNA, "key 'walks' is not known: did you mean 'walk_s'?"),
        ("[persons.Anna]\n", "key 'persons.Anna': 'Anna' is not allowed: a name of 1 to 40"),
        (ANNA + "skill = 0\n", "key 'persons.anna.skill': 0 is not allowed: from 0.1, up to 10"),
        (ANNA + "tends = []\n", "key 'persons.anna.tends': [] is not allowed: a list of lines and machines"),
        (ANNA + "tends = ['A']\n", "a list of lines and machines"),
        (
            ANNA + "time_zone = 'Mars'\n",
            "key 'persons.anna.time_zone': 'Mars' is not allowed: a name such as UTC",
        ),
        (ANNA + "days = ['monday']\n", "is not allowed: a list of mon, tue, wed"),
        (ANNA + "shifts = ['6-14']\n", 'a list of hours such as "06:00-14:00"'),
        (ANNA + "shifts = ['06:00-06:00']\n", "a list of hours"),
        (ANNA + "breaks = [3]\n", "key 'persons.anna.breaks': [3] is not allowed: a list of hours"),
        (ANNA + "colour = 3\n", "key 'persons.anna.colour' is not known"),
    ],
)
def test_wrong_people_are_refused_with_file_key_value_and_what_is_allowed(text: str, sentence: str) -> None:
    with pytest.raises(SpecError, match=r"^people\.toml: ") as caught:
        parse_people(text)

    assert sentence in str(caught.value)


def test_for_comparing_with_theory_a_reaction_may_take_no_time() -> None:
    assert parse_people(AT_ONCE + ANNA).reaction_ms == 0
