"""Null is 'not said': of a signal that is read now and then, once a cycle, or whose sensor was silent."""

from pathlib import Path

import numpy as np
import pytest

from dashboard.app import make_app
from dashboard.history.reader import Reader
from dashboard.ingest.minutes import minutes_of
from protocol.readings import Batch, Float64s, encode_batch
from protocol.states import State
from tests.api.asking import ask, settings
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, Message, close, give, open_office

NAN = float("nan")
CYCLE_ENDS_MS = [12_345, 57_000]


def with_cycles(at_ms: int, power_kw: Float64s, *, state: State | None = None) -> Batch:
    """A minute of power every second, temperature every ten, and a cushion at the end of each cycle."""
    regular = np.arange(1_000, MINUTE + 1, 1_000)
    offsets = np.union1d(regular, CYCLE_ENDS_MS)
    signals = {name: np.full(len(offsets), NAN) for name in ("power_kw", "temperature_c", "cushion_mm")}
    signals["power_kw"][np.searchsorted(offsets, regular)] = power_kw
    signals["temperature_c"][np.searchsorted(offsets, regular[9::10])] = [20, 21, 22, 23, 24, 25]
    signals["cushion_mm"][np.searchsorted(offsets, CYCLE_ENDS_MS)] = [6.1, 6.3]
    return Batch(at_ms=at_ms, offsets_ms=offsets, signals=signals, run=RUN, state=state)


def told(topic: str, batches: list[Batch]) -> list[Message]:
    return [(f"shopfloor/{topic}/readings", encode_batch(batch)) for batch in batches]


def test_roll_ups_states_and_readings_hold_what_was_said_and_nothing_else(tmp_path: Path) -> None:
    until_ms = EPOCH_MS + 3 * MINUTE
    office = open_office(tmp_path, until_ms)
    batches = [
        with_cycles(EPOCH_MS + minute * MINUTE, np.full(60, 8.0), state=State.RUNNING) for minute in range(3)
    ]
    give(office, told("machining/mill-1", batches))
    kept = close(office, until_ms)
    url = f"sqlite:///{tmp_path}/history.db"

    found = Reader(url).rollups(RUN, "mill-1", EPOCH_MS, until_ms)
    app, _ = make_app(settings(url))
    client = app.server.test_client()
    window = "from=2026-01-05T06:01:00Z&to=2026-01-05T06:02:00Z"
    cushion = ask(client, f"/api/readings?machine=mill-1&signal=cushion_mm&{window}")
    temperature = ask(client, f"/api/readings?machine=mill-1&signal=temperature_c&{window}")
    power = ask(client, f"/api/readings?machine=mill-1&signal=power_kw&{window}")

    assert {len(one.minute_ms) for one in found.values()} == {3}
    assert found["cushion_mm"].mean.tolist() == pytest.approx([6.2] * 3)
    # Readings of (06:00, 06:01]: the one at 06:01:00 belongs to the next minute.
    assert found["temperature_c"].mean.tolist() == pytest.approx([22.0, 22.5, 22.5])
    assert [one["value"] for one in cushion["readings"]] == [6.1, 6.3]
    assert [one["at"] for one in cushion["readings"]] == [
        "2026-01-05T06:01:12.345Z",
        "2026-01-05T06:01:57.000Z",
    ]
    assert [one["value"] for one in temperature["readings"]] == [25, 20, 21, 22, 23, 24]
    assert power["found"] == 60
    states = [row for row in kept["intervals"] if "mill-1" in row]
    assert len(states) == 1
    assert "running" in states[0]


def test_a_state_told_by_power_is_the_same_with_and_without_readings_of_a_cycles_own(tmp_path: Path) -> None:
    until_ms = EPOCH_MS + 5 * MINUTE
    power = np.where(np.arange(300) // 45 % 2, 8.0, 2.0).reshape(5, 60)
    intervals = []
    for folder, cycles in ((tmp_path / "with", True), (tmp_path / "without", False)):
        folder.mkdir()
        office = open_office(folder, until_ms)
        batches = [
            with_cycles(EPOCH_MS + minute * MINUTE, power[minute])
            if cycles
            else Batch(
                at_ms=EPOCH_MS + minute * MINUTE,
                offsets_ms=np.arange(1_000, MINUTE + 1, 1_000),
                signals={"power_kw": power[minute]},
                run=RUN,
            )
            for minute in range(5)
        ]
        give(office, told("pressing/press-1", batches))
        intervals.append(close(office, until_ms)["intervals"])

    assert intervals[0] == intervals[1]
    assert len(intervals[0]) > 5


def test_a_dropout_of_power_is_unknown_time_and_neither_running_nor_stopped(tmp_path: Path) -> None:
    until_ms = EPOCH_MS + MINUTE
    office = open_office(tmp_path, until_ms)
    power = np.full(60, 8.0)
    power[20:30] = NAN
    batch = Batch(
        at_ms=EPOCH_MS,
        offsets_ms=np.arange(1_000, MINUTE + 1, 1_000),
        signals={"power_kw": power, "vibration_mm_s": np.ones(60)},
        run=RUN,
    )
    give(office, told("pressing/press-1", [batch]))
    record = office.fleet.shown()["press-1"]

    states = [record.timeline.state_at(EPOCH_MS + second * 1_000)[0] for second in (10, 25, 40)]
    office.store.close()

    assert states == [State.RUNNING, State.UNKNOWN, State.RUNNING]


def test_a_threshold_is_learned_from_a_signal_that_says_something(tmp_path: Path) -> None:
    until_ms = EPOCH_MS + 60 * MINUTE
    office = open_office(tmp_path, until_ms)
    batches = [
        Batch(
            at_ms=EPOCH_MS + minute * MINUTE,
            offsets_ms=np.arange(0, MINUTE, 10_000),
            # Best of all names, but its sensor is not connected; the current comes with every second reading.
            signals={
                "power_kw": np.full(6, NAN),
                "current_a": np.array([9.0 if minute // 5 % 2 else 1.0, NAN] * 3),
            },
        )
        for minute in range(60)
    ]
    give(office, told("my-press", batches))
    office.intake.learn()
    learned = office.fleet.shown()["my-press"].learned
    office.store.close()

    assert learned is not None
    assert learned.signal == "current_a"
    assert learned.threshold is not None
    assert 1.0 < learned.threshold.below < learned.threshold.above < 9.0
    # A reading is evidence for one and a half times the spacing of those that say something.
    assert learned.period_ms == 30_000


def test_signals_read_together_and_apart_are_rolled_up_alike() -> None:
    random = np.random.default_rng(5)
    at_ms = EPOCH_MS + np.arange(200, dtype=np.int64) * 1_000
    signals = {name: random.normal(5, 1, 200) for name in "abcd"}
    signals["b"][::3] = NAN
    signals["c"][::3] = NAN
    signals["d"][:] = NAN

    together = minutes_of(at_ms, signals)

    assert list(together) == ["a", "b", "c"]
    for name in together:
        assert together[name] == minutes_of(at_ms, {name: signals[name]})[name]
        assert sum(one.count for one in together[name]) == int((~np.isnan(signals[name])).sum())
