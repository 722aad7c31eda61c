"""The waterfall and the Pareto, by examples that can be checked in the head and by laws."""

from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from dashboard.intervals import Intervals
from dashboard.kpi.account import account_with, vector_of
from dashboard.kpi.choices import Choices
from dashboard.kpi.making import Making
from dashboard.kpi.pieces import Pieces, pieces_of, stops_of
from dashboard.losses.bookings import Bookings
from dashboard.losses.pareto import By, pareto
from dashboard.losses.reasons import Reason, Reasons, Rule
from dashboard.losses.stops import MachineStop, machine_stops
from dashboard.losses.waterfall import Fall, Totals, totals_of, waterfall
from dashboard.losses.words import STEPS, STOPS
from protocol.states import State

MINUTE = 60_000


def by_key(rows: list[Fall]) -> dict[str, Fall]:
    return {row.key: row for row in rows}


def test_the_published_example_g14_by_its_printed_numbers() -> None:
    """Planned 480 min, down 80 of which setup 30, 0.5 min, 700 parts, 100 rejects, 40 at start-up."""
    half_a_minute_us = 30_000_000
    totals = Totals(
        use_ms={"down": 50 * MINUTE, "setup": 30 * MINUTE, "running": 400 * MINUTE},
        rated_ms=400 * MINUTE,
        ideal_us=700 * half_a_minute_us,
        rejects_us=100 * half_a_minute_us,
        startup_us=40 * half_a_minute_us,
        cycles_us=frozenset({half_a_minute_us}),
    )

    rows = by_key(waterfall(totals, Choices()))

    minutes = {key: row.us / 1_000 / MINUTE for key, row in rows.items()}
    assert minutes["planned"] == 480
    losses = ("down", "setup", "speed", "rejects", "startup")
    assert [minutes[key] for key in losses] == [50, 30, 50, 30, 20]
    assert sum(minutes[key] for key in losses) == 180
    units = {key: rows[key].parts or 0 for key in losses}
    assert units["down"] + units["setup"] == 160
    assert units["speed"] == 100
    assert units["rejects"] + units["startup"] == 100
    assert sum(units.values()) == 360
    assert minutes["good"] / minutes["planned"] == 0.625


def test_an_ideal_cycle_that_is_too_long_makes_reduced_speed_negative_and_says_so() -> None:
    totals = Totals(use_ms={"running": 10_000}, rated_ms=10_000, ideal_us=12_000_000)

    rows = by_key(waterfall(totals, Choices()))

    assert rows["speed"].us == -2_000_000
    assert "ideal cycle time wrong" in rows["speed"].flag
    assert rows["good"].us == 12_000_000


def test_a_machine_that_counts_nothing_ends_at_running() -> None:
    mill = Totals(
        use_ms={"running": 60_000}, rated_ms=60_000, ideal_us=50_000_000, cycles_us=frozenset({5_000_000})
    )
    compressor = Totals(use_ms={"running": 40_000, "idle": 20_000}, cycles_us=frozenset({0}))

    rows = by_key(waterfall(mill + compressor, Choices()))

    assert rows["uncounted"].us == 40_000_000
    assert rows["speed"].us == 10_000_000
    assert rows["good"].us == 50_000_000
    assert rows["good"].parts is None


def test_choices_move_a_step_and_change_no_time() -> None:
    totals = Totals(use_ms={"break": 1_000, "starved": 2_000, "unknown": 3_000, "running": 4_000})

    rows = by_key(waterfall(totals, Choices(breaks="loss", starved_blocked="excluded", unknown="down")))

    assert rows["planned"].us == 10_000_000
    assert rows["observed"].us == 10_000_000
    assert rows["running"].us == 4_000_000
    assert rows["break"].charge == "availability"
    assert rows["starved"].charge == "excluded"


uses = st.dictionaries(
    st.sampled_from(
        [*[key for key in STEPS if key not in ("uncounted", "speed", "rejects", "startup")], "running"]
    ),
    st.integers(0, 10**10),
)
totals_of_a_machine = st.builds(
    Totals,
    use_ms=uses,
    rated_ms=st.integers(0, 10**9),
    ideal_us=st.integers(0, 10**12),
    rejects_us=st.integers(0, 10**11),
    startup_us=st.none() | st.integers(0, 10**9),
    cycles_us=st.frozensets(st.integers(0, 10**8), min_size=1, max_size=1),
)
choices = st.builds(
    Choices,
    breaks=st.sampled_from(["excluded", "loss"]),
    maintenance=st.sampled_from(["excluded", "loss"]),
    setup=st.sampled_from(["loss", "excluded"]),
    starved_blocked=st.sampled_from(["availability", "performance", "excluded"]),
    micro_stops=st.sampled_from(["availability", "performance"]),
    unknown=st.sampled_from(["excluded", "down"]),
)


@given(st.lists(totals_of_a_machine, min_size=1, max_size=4), choices)
def test_the_steps_and_the_good_parts_are_the_calendar_time_exactly(
    machines: list[Totals], chosen: Choices
) -> None:
    total = sum(machines[1:], machines[0])

    rows = waterfall(total, chosen)

    assert rows[0].us == 1_000 * sum(sum(one.use_ms.values()) for one in machines)
    assert sum(row.us for row in rows if not row.level) + rows[-1].us == rows[0].us
    for before, row in pairwise(rows):
        assert row.left_us == before.left_us - (0 if row.level else row.us)
    for key in by_key(rows):
        assert by_key(rows)[key].us == sum(
            by_key(waterfall(one, chosen))[key].us
            for one in machines
            if key in by_key(waterfall(one, chosen))
        )


UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Given:
    """What a person gave."""

    at_ms: int
    reason: str
    note: str = ""


def pieces_by_hand(letters: list[tuple[int, State, str]], end: int, choices: Choices | None = None) -> Pieces:
    """Planned time, written as minute, state and cause."""
    intervals = Intervals.of([(at * MINUTE, state, cause) for at, state, cause in letters], end * MINUTE)
    return pieces_of(intervals, [], choices or Choices(micro_stop_ms=2 * MINUTE), 0, end * MINUTE)


def stops_of_machine(pieces: Pieces, machine: str = "mill-1") -> list[MachineStop]:
    return machine_stops(pieces, stops_of(pieces), machine=machine, path="hall-1/machining", kind="cnc-mill")


def stops_by_hand() -> list[MachineStop]:
    """Two minutes idle and then eight broken, twice five minutes waiting, and a micro-stop."""
    return stops_of_machine(
        pieces_by_hand(
            [
                (0, State.RUNNING, ""),
                (10, State.IDLE, "no operator"),
                (12, State.DOWN, "turret"),
                (20, State.RUNNING, ""),
                (30, State.IDLE, "no operator"),
                (35, State.RUNNING, ""),
                (40, State.IDLE, "no material"),
                (45, State.RUNNING, ""),
                (46, State.IDLE, "loading"),
                (47, State.RUNNING, ""),
            ],
            50,
        )
    )


def test_the_pareto_books_time_piece_by_piece_and_each_stop_once() -> None:
    found = pareto(Bookings.of(stops_by_hand()), "time")

    table = [(bar.key, bar.us // 60_000_000, bar.stops) for bar in found.losses]
    assert table == [("idle", 12, 3), ("down", 8, 0), ("micro-stop", 1, 1)]
    idle = found.losses[0]
    assert [(one.key, one.us // 60_000_000, one.stops) for one in idle.causes] == [
        ("no operator", 7, 2),
        ("no material", 5, 1),
    ]
    assert found.us == 21 * 60_000_000
    assert found.stops == 4
    assert found.losses[-1].cumulative == 1


def test_by_count_the_most_frequent_comes_first() -> None:
    found = pareto(Bookings.of(stops_by_hand()), "count")

    assert [bar.key for bar in found.losses] == ["idle", "micro-stop", "down"]
    assert [bar.share for bar in found.losses] == [0.75, 0.25, 0]


def test_nothing_lost_has_no_shares() -> None:
    found = pareto(Bookings(), "time")

    assert (found.us, found.stops, found.losses) == (0, 0, ())


def test_reduced_speed_and_rejects_are_losses_without_stops_and_a_wrong_cycle_is_none() -> None:
    totals = Totals(use_ms={"running": 9_000}, rated_ms=9_000, ideal_us=6_000_000, rejects_us=1_000_000)
    found = pareto(Bookings(), "time", waterfall(totals, Choices()))
    assert [(bar.key, bar.us, bar.stops) for bar in found.losses] == [
        ("speed", 3_000_000, 0),
        ("rejects", 1_000_000, 0),
    ]

    wrong = Totals(use_ms={"running": 5_000}, rated_ms=5_000, ideal_us=6_000_000)
    assert pareto(Bookings(), "time", waterfall(wrong, Choices())).losses == ()


def test_what_power_alone_cannot_tell_goes_where_its_reason_belongs() -> None:
    reasons = Reasons((Reason("mould change", "setup"),))
    pieces = pieces_by_hand([(0, State.RUNNING, ""), (10, State.STOPPED, ""), (40, State.RUNNING, "")], 60)
    stops = stops_of_machine(pieces)
    assert pareto(Bookings.of(stops), "time").losses[0].key == "stopped"

    told = reasons.told(stops, [Given(30 * MINUTE, "mould change")], UTC)

    [bar] = pareto(Bookings.of(told), "time").losses
    assert (bar.key, bar.causes[0].key, bar.us) == ("setup", "mould change", 30 * 60_000_000)
    rows = by_key(waterfall(totals_of_pieces(pieces).retold(Bookings.of(told)), Choices()))
    assert (rows["setup"].us, rows["stopped"].us) == (30 * 60_000_000, 0)


def test_what_a_control_said_stays_whatever_the_reason_belongs_to() -> None:
    reasons = Reasons((Reason("mould change", "setup"),))
    stops = stops_of_machine(pieces_by_hand([(0, State.DOWN, "heater band"), (10, State.RUNNING, "")], 20))

    told = reasons.told(stops, [Given(0, "mould change")], UTC)

    [bar] = pareto(Bookings.of(told), "time").losses
    assert (bar.key, bar.causes[0].key) == ("down", "mould change")


def totals_of_pieces(pieces: Pieces) -> Totals:
    """The totals of a machine that counts nothing."""
    vector = vector_of(pieces, Making(), doubt=0, ideal_us=None)
    return totals_of(account_with(vector, ideal_us=None, counts_parts=False, counts_rejects=False))


def test_rejects_of_parts_counted_in_silence_are_left_out_by_their_share() -> None:
    """Ten parts of 6 s, five of them counted across silence, two rejected: one of them is in a step."""
    pieces = pieces_by_hand([(0, State.RUNNING, "")], 1)
    making = Making(parts=10, rejects=2, silent_parts=5, counts_parts=True, counts_rejects=True)
    vector = vector_of(pieces, making, doubt=0, ideal_us=6_000_000)
    account = account_with(vector, ideal_us=6_000_000, counts_parts=True, counts_rejects=True)

    rows = by_key(waterfall(totals_of(account), Choices()))

    assert (rows["speed"].parts, rows["rejects"].parts, rows["good"].parts) == (5, 1, 4)


states = st.lists(
    st.tuples(st.sampled_from(list(State)), st.sampled_from(["", "jam", "starved by mill-1", "no operator"])),
    min_size=1,
    max_size=25,
)
rules = st.lists(
    st.tuples(
        st.sampled_from(["state", "cause", "machine", "line"]),
        st.sampled_from(["idle", "down", "stopped", "jam", "mill-1", "hall-1"]),
        st.none() | st.integers(1, 20),
    ),
    max_size=4,
)
REASONS = [Reason("a", "setup"), Reason("b", "down"), Reason("c"), Reason("d", "starved")]


people_say = st.lists(st.tuples(st.integers(0, 25), st.sampled_from(["a", "b", "c", ""])), max_size=5)


@given(states, rules, people_say, choices, st.sampled_from(["time", "count"]))
def test_whatever_rules_and_people_say_no_stop_moves_and_the_sums_stay_exact(
    drawn: list[tuple[State, str]],
    asked: list[tuple[str, str, int | None]],
    people: list[tuple[int, str]],
    chosen: Choices,
    by: By,
) -> None:
    end = len(drawn)
    pieces = pieces_by_hand([(at, state, cause) for at, (state, cause) in enumerate(drawn)], end, chosen)
    reasons = Reasons(
        tuple(REASONS),
        tuple(
            Rule(
                reason=REASONS[number].name,
                words={key: frozenset({word})},
                longer_than_ms=None if longer is None else longer * MINUTE,
            )
            for number, (key, word, longer) in enumerate(asked)
        ),
    )
    stops = stops_of_machine(pieces)

    told = reasons.told(stops, [Given(at * MINUTE, reason) for at, reason in people], UTC)

    assert [(one.start_ms, one.end_ms, one.use, one.parts) for one in told] == [
        (one.start_ms, one.end_ms, one.use, one.parts) for one in stops
    ]
    rows = waterfall(totals_of_pieces(pieces).retold(Bookings.of(told)), chosen)
    assert sum(row.us for row in rows if not row.level) + rows[-1].us == end * MINUTE * 1_000
    found = pareto(Bookings.of(told), by, rows)
    for bar in found.losses:
        assert bar.us == sum(row.us for row in rows if row.key == bar.key)
        assert bar.us == sum(one.us for one in bar.causes)
        assert bar.stops == sum(one.stops for one in bar.causes)
    lost = {row.key: row.us for row in rows if row.key in STOPS}
    assert found.us == sum(bar.us for bar in found.losses) == sum(lost.values())
    assert found.stops == sum(bar.stops for bar in found.losses) == int(pieces.stops.sum())
    if found.losses and (found.us if by == "time" else found.stops):
        assert found.losses[-1].cumulative == 1


def test_a_stop_is_counted_in_the_window_in_which_it_begins() -> None:
    letters = [(0, State.RUNNING, ""), (10, State.DOWN, "turret"), (30, State.RUNNING, "")]
    intervals = Intervals.of([(at * MINUTE, state, cause) for at, state, cause in letters], 60 * MINUTE)
    before, after = (
        pieces_of(intervals, [], Choices(), a * MINUTE, b * MINUTE) for a, b in ((0, 20), (20, 60))
    )

    counts = [pareto(Bookings.of(stops_of_machine(pieces)), "count").stops for pieces in (before, after)]
    lost = [
        pareto(Bookings.of(stops_of_machine(pieces)), "time").us // 60_000_000 for pieces in (before, after)
    ]

    assert counts == [1, 0]
    assert lost == [10, 10]
