"""Every fault, asked for at a real broker of the real simulator with the real ingest behind it.

One plant lives with all faults, the same plant without any, and the first is recorded and lived again.
"""

from collections.abc import Iterator
from itertools import pairwise

import msgspec
import pytest

from dashboard.history.reader import Source
from protocol.states import State
from simulator.faults.catalogue import CATALOGUE
from simulator.histories.record import write_record
from tests.chaos.dump import differences, in_words
from tests.chaos.plant import EPOCH_MS
from tests.faults.floor import Floor, Kept, minute_of

pytestmark = pytest.mark.broker

BEGIN, CLEARED, COMPARED, END = 10.0, 13.0, 34.0, 36.0
"""Minutes after the epoch: all faults begin, some are cleared, what is compared ends, the plant stops."""
MINUTES = 10.0
"""Most faults last so long."""
NEVER = 9_000
RARELY = "".join(
    f"stops.{stop}.every_h = {NEVER}\n"
    for stop in ("wait", "tool", "jam", "breakdown", "bearing", "electric")
)
MILL = f"""kind = "cnc-mill"
line = "machining"
cycle_s = 20
handling_s = 5
stops.setup.every_parts = [{NEVER}, {NEVER + 1}]
{RARELY}"""
"""Busy, and with hardly a stop of its own, so that what a fault does stands alone."""
PRESS = """kind = "press"
line = "forming"
controller = false
stops.wait.every_h = 0.02
stops.wait.median_s = 30
"""
"""Power is all that is known of it, and it waits a minute in two."""
STEADY = f"""kind = "press"
line = "forming"
controller = false
stops.coil.every_parts = [{NEVER}, {NEVER + 1}]
stops.wait.every_h = {NEVER}
stops.jam.every_h = {NEVER}
"""


def of_fault(name: str) -> list[tuple[str, str]]:
    """The machines that get a fault: name and text of each."""
    about = CATALOGUE[name].about
    mill, press = (f"mill-{name}", MILL), (f"press-{name}", PRESS)
    return {"sensor": [press], "machine": [mill]}.get(about, [mill, press])


SEVERITY = {"clock-skew": 0.5, "delay": 0.5, "silent-drop": 0.5, "malformed": 0.5, "duplicate": 0.25}
"""Others have it as bad as it gets."""
QUIET = ("mill-quiet", "press-quiet")
"""Nothing happens to them."""
AHEAD = {"mill-clock-skew", "press-clock-skew", "mill-ahead"}
"""Their clocks show more than it is."""
MACHINES = {
    "mill-quiet": MILL, "press-quiet": PRESS, "mill-cleared": MILL, "mill-stuck": MILL, "mill-ahead": MILL,
    "press-jam": STEADY,
    **{name: text for fault in CATALOGUE for name, text in of_fault(fault)},
}  # fmt: skip


def asked(floor: Floor) -> None:
    """Ask for every fault, ten minutes of each."""
    for fault in CATALOGUE:
        for machine, _ in of_fault(fault):
            result = floor.ask(
                what="fault",
                machine=machine,
                fault=fault,
                severity=SEVERITY.get(fault, 1.0),
                duration_s=MINUTES * 60,
                signal="power_kw" if CATALOGUE[fault].about == "sensor" else "",
            )
            assert result.ok, result.message
            assert minute_of(result) == BEGIN
    others = (("mill-cleared", "silent-drop"), ("mill-ahead", "clock-skew"), ("press-jam", "jam"))
    for machine, fault in others:
        assert floor.ask(what="fault", machine=machine, fault=fault, severity=1).ok
    stuck = floor.ask(what="fault", machine="mill-stuck", fault="stuck", signal="power_kw", duration_s=600)
    assert stuck.ok


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kept, Kept, Kept]]:
    """With all faults, without any, and the first one lived again."""
    folder = tmp_path_factory.mktemp("floor")
    machines = folder / "machines"
    machines.mkdir()
    for name, text in MACHINES.items():
        (machines / f"{name}.toml").write_text(text, encoding="utf-8")
    with Floor(folder / "disturbed", machines) as floor:
        floor.go_on_to(BEGIN)
        asked(floor)
        again = floor.ask(what="fault", machine="mill-silent-drop", fault="silent-drop", duration_s=3_600)
        assert again.ok
        assert "has silent drop already" in again.message
        floor.go_on_to(CLEARED)
        floor.wait_for(lambda: set(floor.clocks_ahead()) >= AHEAD)
        ahead_s = floor.clocks_ahead()
        assert set(ahead_s) == AHEAD
        assert 420 <= ahead_s["mill-clock-skew"] <= 540
        assert floor.ask(what="clear", machine="mill-cleared").message == "cleared mill-cleared: silent drop"
        assert not floor.ask(what="fault", machine="mill-quiet", fault="jam", severity=2).ok
        assert not floor.ask(what="fault", machine="mill-9", fault="jam").ok
        floor.go_on_to(END)
        disturbed = floor.kept(COMPARED)
        record = write_record(floor.state, folder / "record.json")
    # Without any fault, and with the calls for those that have none: a call that nobody heard has no answer.
    calls = [one for one in record.inputs if one.call is not None and one.machine in QUIET]
    (folder / "nothing.json").write_bytes(msgspec.json.encode(msgspec.structs.replace(record, inputs=calls)))
    kept = [disturbed]
    for name in ("nothing", "record"):
        with Floor(folder / name, machines, relive=folder / f"{name}.json") as floor:
            floor.reach(round(END * 60_000))
            kept.append(floor.kept(COMPARED))
    yield kept[0], kept[1], kept[2]
    for one in kept:
        one.reader.close()


@pytest.fixture
def disturbed(histories: tuple[Kept, Kept, Kept]) -> Kept:
    return histories[0]


@pytest.fixture
def undisturbed(histories: tuple[Kept, Kept, Kept]) -> Kept:
    return histories[1]


def test_a_life_again_gives_the_same_tables(histories: tuple[Kept, Kept, Kept]) -> None:
    disturbed, _, again = histories

    assert in_words(differences(disturbed.rows, again.rows)) == ""
    assert disturbed.faults == again.faults


def test_a_neighbour_of_all_faults_is_the_same_to_the_millisecond(disturbed: Kept, undisturbed: Kept) -> None:
    for machine in QUIET:
        assert disturbed.of(machine) == undisturbed.of(machine)


@pytest.mark.parametrize("machine", [name for name in MACHINES if not name.endswith("quiet")])
def test_nothing_differs_before_a_fault_begins(machine: str, disturbed: Kept, undisturbed: Kept) -> None:
    assert disturbed.stretches(machine, 0, BEGIN) == undisturbed.stretches(machine, 0, BEGIN)
    assert disturbed.stretches(machine, 0, BEGIN, "truth") == undisturbed.stretches(
        machine, 0, BEGIN, "truth"
    )


@pytest.mark.parametrize(
    "machine",
    [name for fault in CATALOGUE if CATALOGUE[fault].about != "machine" for name, _ in of_fault(fault)],
)
def test_a_fault_of_sensor_or_link_changes_nothing_of_the_truth(
    machine: str, disturbed: Kept, undisturbed: Kept
) -> None:
    for table in ("truth_intervals", "truth_counts"):
        assert disturbed.of(machine, table) == undisturbed.of(machine, table)


def test_the_truth_alone_says_what_was_asked_for(disturbed: Kept, undisturbed: Kept) -> None:
    asked_for = {
        (machine, fault): (BEGIN, BEGIN + MINUTES) for fault in CATALOGUE for machine, _ in of_fault(fault)
    }
    told = {(row[0], row[1]): (row[3], row[4]) for row in disturbed.faults}

    assert {key: told[key] for key in asked_for} == asked_for
    assert told["mill-cleared", "silent-drop"] == (BEGIN, CLEARED)
    assert len(disturbed.faults) == len(asked_for) + 4
    assert undisturbed.faults == []


@pytest.mark.parametrize(
    "machine", [f"{kind}-{fault}" for fault in ("disconnect", "delay", "duplicate", "out-of-order")
                for kind in ("mill", "press")] + ["mill-stuck"]
)  # fmt: skip
def test_what_comes_late_twice_or_out_of_order_changes_nothing_in_the_end(
    machine: str, disturbed: Kept, undisturbed: Kept
) -> None:
    tables = ("intervals", "counts") if machine == "mill-stuck" else ("intervals", "counts", "rollups")
    assert disturbed.of(machine, *tables) == undisturbed.of(machine, *tables)


def left_out(disturbed: Kept, undisturbed: Kept, machine: str) -> float:
    """Seconds that are unknown under a fault, of a machine of which all else is as without it."""
    found = [
        (begin + 60, end + 60, state) for begin, end, state, _ in disturbed.stretches(machine, 1, COMPARED)
    ]
    for (begin, end, state), later in zip(found, [*found[1:], None], strict=True):
        if state is State.UNKNOWN:
            assert BEGIN * 60 <= begin < end <= (BEGIN + MINUTES) * 60 + 1
            continue
        # The last reading before a silence is held to for one period, whatever happened meanwhile.
        sure = end - 1 if later is not None and later[2] is State.UNKNOWN else end
        for other_begin, _, other, _ in undisturbed.stretches(machine, begin / 60, max(begin, sure) / 60):
            assert other is state, (machine, begin + other_begin)
    return disturbed.seconds(machine, State.UNKNOWN, BEGIN, COMPARED)


@pytest.mark.parametrize("machine", ["mill-silent-drop", "press-silent-drop"])
def test_what_is_dropped_is_unknown_for_good_and_the_bounds_hold_the_truth(
    machine: str, disturbed: Kept, undisturbed: Kept
) -> None:
    unknown_s = left_out(disturbed, undisturbed, machine)

    assert 200 < unknown_s < 420  # 52.5 % of ten minutes
    measured = disturbed.numbers(machine, BEGIN, BEGIN + MINUTES)
    true = disturbed.numbers(machine, BEGIN, BEGIN + MINUTES, "truth")
    assert measured.planned_ms - measured.observed_ms == unknown_s * 1_000
    assert measured.utilization_low is not None
    assert measured.utilization_high is not None
    assert true.utilization is not None
    assert measured.utilization_low <= true.utilization <= measured.utilization_high
    assert disturbed.refusals(machine) == []
    assert "are missing: asking for them again" in disturbed.ingest
    assert disturbed.of(machine, "counts")["counts"][-1:] == undisturbed.of(machine, "counts")["counts"][-1:]


def test_a_fault_that_is_cleared_ends_at_that_moment(disturbed: Kept, undisturbed: Kept) -> None:
    assert left_out(disturbed, undisturbed, "mill-cleared") == (CLEARED - BEGIN) * 60 - 1


@pytest.mark.parametrize("machine", ["mill-disconnect", "press-disconnect"])
def test_the_will_of_a_machine_that_is_cut_off_says_so_until_it_is_back(
    machine: str, disturbed: Kept
) -> None:
    topic = next(topic for topic in disturbed.online if f"/{machine}/" in topic)

    said = disturbed.online[topic]
    # Once more for each time that the office asked for something from before the fault.
    assert said == [b"true", *[b"false", b"true"] * (len(said) // 2)]
    assert len(said) > 1
    quiet = next(topic for topic in disturbed.online if "/mill-quiet/" in topic)
    assert disturbed.online[quiet] == [b"true"]


@pytest.mark.parametrize("machine", ["mill-malformed", "press-malformed"])
def test_what_is_cut_off_is_refused_and_unknown_and_nothing_else_is(
    machine: str, disturbed: Kept, undisturbed: Kept
) -> None:
    reasons = disturbed.refusals(machine)
    unknown_s = left_out(disturbed, undisturbed, machine)

    assert 200 < unknown_s < 420  # 52.5 % of ten minutes
    assert all("not JSON" in reason for reason in reasons)
    # Those that the office asked for again came cut off again.
    assert len(reasons) >= unknown_s / 10


@pytest.mark.parametrize("machine", ["mill-clock-skew", "press-clock-skew"])
def test_a_clock_that_is_ahead_moves_time(machine: str, disturbed: Kept, undisturbed: Kept) -> None:
    moved = disturbed.stretches(machine, BEGIN + 8.1, BEGIN + MINUTES)

    assert disturbed.seconds(machine, State.UNKNOWN, BEGIN, BEGIN + 8) == pytest.approx(479, abs=1)
    assert moved == undisturbed.stretches(machine, BEGIN + 0.1, BEGIN + MINUTES - 8)
    after = BEGIN + MINUTES + 8.2
    assert disturbed.stretches(machine, after, COMPARED) == undisturbed.stretches(machine, after, COMPARED)
    assert disturbed.refusals(machine) == []


def test_a_clock_that_is_far_ahead_is_refused_with_both_clocks_named(
    disturbed: Kept, undisturbed: Kept
) -> None:
    reasons = disturbed.refusals("mill-ahead")

    assert len(reasons) >= 60
    assert all("is ahead of the plant clock, which shows" in reason for reason in reasons)
    assert left_out(disturbed, undisturbed, "mill-ahead") == MINUTES * 60 - 1


def test_a_stuck_power_meter_holds_the_state_of_a_retrofit_and_the_truth_goes_on(
    disturbed: Kept, undisturbed: Kept
) -> None:
    (only,) = disturbed.stretches("press-stuck", BEGIN + 0.05, BEGIN + MINUTES)
    assert only[2] is undisturbed.stretches("press-stuck", BEGIN - 0.01, BEGIN)[-1][2]

    running_s = disturbed.seconds("press-stuck", State.RUNNING, BEGIN, BEGIN + MINUTES, "truth")
    assert running_s != disturbed.seconds("press-stuck", State.RUNNING, BEGIN, BEGIN + MINUTES)


def test_a_stuck_power_meter_of_a_machine_that_reports_is_a_flat_line_and_nothing_else(
    disturbed: Kept, undisturbed: Kept
) -> None:
    power = {
        minute: (low, high)
        for _, signal, minute, _, low, high, _ in disturbed.of("mill-stuck", "rollups")["rollups"]
        if signal == "power_kw"
    }
    first = min(power)

    flat = [
        power[first + round(minute * 60_000)] for minute in range(int(BEGIN) + 1, int(BEGIN + MINUTES) - 1)
    ]
    assert len({value for pair in flat for value in pair}) == 1
    assert power[first + 30 * 60_000][0] < power[first + 30 * 60_000][1]
    assert left_out(disturbed, undisturbed, "mill-stuck") == 0


@pytest.mark.parametrize("fault", ["spike", "drift"])
def test_a_power_meter_that_shows_too_much_makes_a_retrofit_run_that_stands(
    fault: str, disturbed: Kept, undisturbed: Kept
) -> None:
    machine = f"press-{fault}"
    after = BEGIN + MINUTES + 1.0

    wrong_s = disturbed.seconds(machine, State.RUNNING, BEGIN, BEGIN + MINUTES)
    right_s = undisturbed.seconds(machine, State.RUNNING, BEGIN, BEGIN + MINUTES)
    assert wrong_s > right_s + 5
    assert disturbed.seconds(machine, State.UNKNOWN, BEGIN, COMPARED) == 0
    assert disturbed.stretches(machine, after, COMPARED) == undisturbed.stretches(machine, after, COMPARED)


def test_a_power_meter_that_shows_nothing_leaves_the_state_of_a_retrofit_unknown(
    disturbed: Kept, undisturbed: Kept
) -> None:
    assert left_out(disturbed, undisturbed, "press-dropout") == MINUTES * 60
    numbers = disturbed.numbers("press-dropout", BEGIN + 0.1, BEGIN + MINUTES)
    assert numbers.utilization is None


WHOLE = (BEGIN, BEGIN + MINUTES)
SOURCES: tuple[Source, ...] = ("measured", "truth")
STANDS = {
    "jam": ("down", "jam", 600.0),
    "tool-breakage": ("down", "tool breakage", 600.0),
    "bearing-wear": ("down", "bearing", 150.0),
    "overheating": ("down", "too hot", 360.0),
    "starved": ("idle", "starved", 600.0),
}
"""In which state a machine stands at full severity, why, and for how many seconds."""


@pytest.mark.parametrize("fault", STANDS)
def test_a_machine_that_stands_by_a_fault_reports_it_to_the_millisecond_and_no_other_does(
    fault: str, disturbed: Kept, undisturbed: Kept
) -> None:
    machine, (state, cause, stands_s) = f"mill-{fault}", STANDS[fault]

    for source in SOURCES:
        # A fault takes hold with the first millisecond after the moment of its order.
        found = disturbed.stretches(machine, *WHOLE, source)
        mine = [(begin, end) for begin, end, one, why in found if (one, why) == (state, cause)]
        assert sum(end - begin for begin, end in mine) == pytest.approx(stands_s, abs=0.0011)
        causes = {why for *_, why in undisturbed.stretches(machine, 0, COMPARED, source)}
        assert cause not in causes
    measured, before = disturbed.numbers(machine, *WHOLE), undisturbed.numbers(machine, *WHOLE)
    true = disturbed.numbers(machine, *WHOLE, "truth")
    assert (measured.running_ms, measured.down_ms) == (true.running_ms, true.down_ms)
    assert measured.utilization is not None
    assert before.utilization is not None
    assert measured.utilization < before.utilization
    assert measured.parts is not None
    assert before.parts is not None
    assert measured.parts < before.parts
    assert measured.uptime == before.uptime if state == "idle" else measured.uptime != before.uptime


def test_a_retrofit_that_is_jammed_is_stopped_and_nobody_knows_why(disturbed: Kept) -> None:
    jammed = disturbed.stretches("press-jam", BEGIN + 0.05, BEGIN + 5, "truth")
    assert [(state, cause) for *_, state, cause in jammed] == [(State.DOWN, "jam")]
    stopped = disturbed.stretches("press-jam", BEGIN + 0.05, BEGIN + 5)
    assert [(state, cause) for *_, state, cause in stopped] == [(State.STOPPED, "")]


def test_a_slow_cycle_costs_performance_and_parts_and_no_uptime(disturbed: Kept, undisturbed: Kept) -> None:
    slow, usual = (one.numbers("mill-slow-cycle", *WHOLE) for one in (disturbed, undisturbed))

    assert slow.parts is not None
    assert usual.parts is not None
    assert slow.performance is not None
    assert usual.performance is not None
    assert 0.4 < slow.parts / usual.parts < 0.7
    assert slow.performance == pytest.approx(usual.performance / 2, rel=0.1)
    assert slow.uptime == usual.uptime == 1
    assert slow.down_ms == usual.down_ms == 0


def test_a_scrap_burst_costs_quality_and_nothing_else(disturbed: Kept, undisturbed: Kept) -> None:
    spoiled, usual = (one.numbers("mill-scrap-burst", *WHOLE) for one in (disturbed, undisturbed))

    assert spoiled.quality is not None
    assert usual.quality is not None
    assert spoiled.quality < 0.1
    assert usual.quality > 0.8
    assert spoiled.parts == usual.parts
    assert spoiled.running_ms == usual.running_ms
    machine = "mill-scrap-burst"
    assert disturbed.of(machine, "intervals") == undisturbed.of(machine, "intervals")


def test_a_worn_bearing_shakes_more_and_more_before_it_breaks(disturbed: Kept, undisturbed: Kept) -> None:
    most = [
        [
            high
            for _, signal, minute, _, _, high, _ in one.of("mill-bearing-wear", "rollups")["rollups"]
            if signal == "vibration_mm_s" and BEGIN <= (minute - EPOCH_MS) / 60_000 < BEGIN + 7
        ]
        for one in (disturbed, undisturbed)
    ]

    assert all(later > 1.15 * before for before, later in pairwise(most[0]))
    assert most[0][-1] > 5 * most[1][-1]
