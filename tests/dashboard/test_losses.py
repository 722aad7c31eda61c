"""The waterfall and the Pareto, by examples that can be checked in the head and by laws."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.losses.pareto import pareto
from dashboard.losses.reasons import Reason, Reasons
from dashboard.losses.stops import MachineStop, machine_stops
from dashboard.losses.waterfall import Fall, Totals, waterfall
from dashboard.losses.words import STEPS, STOPS

MINUTE = 60_000


@dataclass(frozen=True)
class Chosen:
    """The choices that move a step, as recommended."""

    breaks: str = "excluded"
    maintenance: str = "excluded"
    setup: str = "loss"
    starved_blocked: str = "availability"
    micro_stops: str = "availability"
    unknown: str = "excluded"


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

    rows = by_key(waterfall(totals, Chosen()))

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

    rows = by_key(waterfall(totals, Chosen()))

    assert rows["speed"].us == -2_000_000
    assert "ideal cycle time wrong" in rows["speed"].flag
    assert rows["good"].us == 12_000_000


def test_a_machine_that_counts_nothing_ends_at_running() -> None:
    mill = Totals(
        use_ms={"running": 60_000}, rated_ms=60_000, ideal_us=50_000_000, cycles_us=frozenset({5_000_000})
    )
    compressor = Totals(use_ms={"running": 40_000, "idle": 20_000}, cycles_us=frozenset({0}))

    rows = by_key(waterfall(mill + compressor, Chosen()))

    assert rows["uncounted"].us == 40_000_000
    assert rows["speed"].us == 10_000_000
    assert rows["good"].us == 50_000_000
    assert rows["good"].parts is None


def test_choices_move_a_step_and_change_no_time() -> None:
    totals = Totals(use_ms={"break": 1_000, "starved": 2_000, "unknown": 3_000, "running": 4_000})

    rows = by_key(waterfall(totals, Chosen(breaks="loss", starved_blocked="excluded", unknown="down")))

    assert rows["planned"].us == 8_000_000
    assert rows["observed"].us == 8_000_000
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
    Chosen,
    breaks=st.sampled_from(["excluded", "loss"]),
    maintenance=st.sampled_from(["excluded", "loss"]),
    setup=st.sampled_from(["loss", "excluded"]),
    starved_blocked=st.sampled_from(["availability", "performance", "excluded"]),
    micro_stops=st.sampled_from(["availability", "performance"]),
    unknown=st.sampled_from(["excluded", "down"]),
)


@given(st.lists(totals_of_a_machine, min_size=1, max_size=4), choices)
def test_the_steps_and_the_good_parts_are_the_calendar_time_exactly(
    machines: list[Totals], chosen: Chosen
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


@dataclass(frozen=True)
class Stretch:
    """A stop as the KPIs count it."""

    start_ms: int
    end_ms: int
    use: str
    cause: str
    micro: bool = False
    over: bool = True
    begun: bool = True


def stops_by_hand() -> list[MachineStop]:
    """Two minutes idle and then eight broken, twice five minutes waiting, and a micro-stop."""
    pieces = [
        (0, 2, "idle", "idle", "no operator"),
        (2, 10, "down", "down", "turret"),
        (10, 20, "running", "running", ""),
        (20, 25, "idle", "idle", "no operator"),
        (25, 30, "running", "running", ""),
        (30, 35, "idle", "idle", "no material"),
        (35, 36, "running", "running", ""),
        (36, 37, "micro-stop", "idle", "loading"),
        (37, 40, "running", "running", ""),
    ]
    stops = [
        Stretch(0, 10, "idle", "no operator"),
        Stretch(20, 25, "idle", "no operator"),
        Stretch(30, 35, "idle", "no material"),
        Stretch(36, 37, "idle", "loading", micro=True),
    ]
    return machine_stops(
        [(start * MINUTE, end * MINUTE, use, state, cause) for start, end, use, state, cause in pieces],
        [Stretch(s.start_ms * MINUTE, s.end_ms * MINUTE, s.use, s.cause, s.micro) for s in stops],
        machine="mill-1",
    )


def test_the_pareto_books_time_piece_by_piece_and_each_stop_once() -> None:
    found = pareto(stops_by_hand(), "time")

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
    found = pareto(stops_by_hand(), "count")

    assert [bar.key for bar in found.losses] == ["idle", "micro-stop", "down"]
    assert [bar.share for bar in found.losses] == [0.75, 0.25, 0]


def test_nothing_lost_has_no_shares() -> None:
    found = pareto([], "time")

    assert (found.us, found.stops, found.losses) == (0, 0, ())


def test_reduced_speed_and_rejects_are_losses_without_stops_and_a_wrong_cycle_is_none() -> None:
    totals = Totals(use_ms={"running": 9_000}, rated_ms=9_000, ideal_us=6_000_000, rejects_us=1_000_000)
    found = pareto([], "time", waterfall(totals, Chosen()))
    assert [(bar.key, bar.us, bar.stops) for bar in found.losses] == [
        ("speed", 3_000_000, 0),
        ("rejects", 1_000_000, 0),
    ]

    wrong = Totals(use_ms={"running": 5_000}, rated_ms=5_000, ideal_us=6_000_000)
    assert pareto([], "time", waterfall(wrong, Chosen())).losses == ()


def test_what_power_alone_cannot_tell_goes_where_its_reason_belongs() -> None:
    reasons = Reasons((Reason("mould change", "setup"),))
    [stop] = machine_stops(
        [(0, 60, "stopped", "stopped", "")], [Stretch(0, 60, "stopped", "")], machine="press-1"
    )
    assert pareto([stop], "time").losses[0].key == "stopped"

    from zoneinfo import ZoneInfo
    from types import SimpleNamespace

    told = reasons.told([stop], [SimpleNamespace(at_ms=30, reason="mould change", note="")], ZoneInfo("UTC"))

    [bar] = pareto(told, "time").losses
    assert (bar.key, bar.causes[0].key) == ("setup", "mould change")


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*STOPS, "running"]),
            st.sampled_from(["", "jam", "loading"]),
            st.integers(1, 10**6),
        ),
        max_size=20,
    ),
    st.sampled_from(["time", "count"]),
)
def test_losses_and_causes_sum_to_the_lost_time_and_to_the_stops(
    drawn: list[tuple[str, str, int]], by: str
) -> None:
    pieces, at = [], 0
    for use, cause, ms in drawn:
        pieces.append((at, at + ms, use, "idle", cause))
        at += ms
    stretches = [Stretch(start, end, use, cause) for start, end, use, _, cause in pieces if use != "running"]

    found = pareto(machine_stops(pieces, stretches, machine="m"), by)  # type: ignore[arg-type]

    lost_us = 1_000 * sum(end - start for start, end, use, _, _ in pieces if use != "running")
    assert found.us == sum(bar.us for bar in found.losses) == lost_us
    assert found.stops == sum(bar.stops for bar in found.losses) == len(stretches)
    for bar in found.losses:
        assert sum(one.us for one in bar.causes) == bar.us
        assert sum(one.stops for one in bar.causes) == bar.stops
    shares = [bar.cumulative for bar in found.losses]
    assert shares == sorted(shares, key=lambda one: one or 0)
    if found.us:
        assert pytest.approx(1) == (shares[-1] if by == "time" or found.stops else 1)
