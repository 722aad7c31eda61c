from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.readings import Batch, decode_batch, encode_batch
from protocol.states import State
from simulator.replaying.recording import ANCHOR_MS, STATES, Recording, RecordingError, load_recording

FILE = Path(__file__).parents[3] / "simulator" / "recordings" / "mazak-1-20181204.csv.gz"
RECORDING = load_recording(FILE)
LENGTH_MS = RECORDING.rows * 1_000
HOURS = [ANCHOR_MS + hour * 3_600_000 for hour in range(1, 8)]


def shown(recording: Recording, from_ms: int, to_ms: int, cuts: list[int]) -> dict[int, tuple[str, float]]:
    """State and second spindle's speed by plant time, said in spans that are cut at some moments."""
    told: dict[int, tuple[str, float]] = {}
    edges = [from_ms, *sorted(cuts), to_ms]
    for start_ms, end_ms in pairwise(edges):
        for batch in recording.batches(start_ms, end_ms):
            told |= states_and_speeds(decode_batch(encode_batch(batch)))
    return told


def states_and_speeds(batch: Batch) -> dict[int, tuple[str, float]]:
    assert batch.at_ms is not None
    assert batch.state is not None
    state = batch.state
    changes = {change.offset_ms: change.state for change in batch.changes}
    told = {}
    for row, offset in enumerate(batch.offsets_ms.tolist()):
        state = changes.get(offset) or state
        told[batch.at_ms + offset] = (str(state), batch.signals["spindle2_speed_rpm"][row].item())
    return told


def test_the_recording_is_seven_hours_of_one_row_a_second() -> None:
    assert RECORDING.rows == 25_704
    assert set(RECORDING.signals) >= {"spindle_speed_rpm", "x_load_pct", "spindle_temp_c", "tool"}
    assert "part_count" not in RECORDING.signals
    signals = RECORDING.births_signals()
    assert (signals["x_load_pct"].unit, signals["spindle2_temp_c"].unit) == ("%", "°C")
    assert (signals["spindle_speed_rpm"].unit, signals["path_feed_mm_min"].unit) == ("rpm", "mm/min")
    assert signals["spindle2_temp_c"].title == "second spindle temp"


def test_each_word_of_the_control_becomes_its_state() -> None:
    told = shown(RECORDING, ANCHOR_MS - 1, ANCHOR_MS + LENGTH_MS - 1, HOURS)
    words = RECORDING.execution

    assert len(told) == int(np.sum(words != ""))
    for row in range(0, RECORDING.rows, 7):
        at_ms = ANCHOR_MS + row * 1_000
        assert (told[at_ms][0] if at_ms in told else "") == (STATES[words[row]] if words[row] else "")


def test_running_idle_and_down_add_up_to_what_the_recording_says() -> None:
    told = shown(RECORDING, ANCHOR_MS - 1, ANCHOR_MS + LENGTH_MS - 1, HOURS)
    states = [state for state, _ in told.values()]

    assert states.count("running") == 12_438
    assert states.count("idle") == 7_830 + 3_404 + 43
    assert states.count("down") == 124


def test_silence_of_the_control_is_no_reading() -> None:
    assert RECORDING.batches(ANCHOR_MS, ANCHOR_MS + 599_000) == []


def test_a_plant_time_always_shows_the_same_and_the_recording_repeats_end_to_end() -> None:
    middle_ms = ANCHOR_MS + 3 * LENGTH_MS + 5_000_000
    (first,) = RECORDING.batches(middle_ms, middle_ms + 60_000)
    (later,) = RECORDING.batches(middle_ms + LENGTH_MS, middle_ms + LENGTH_MS + 60_000)
    (before,) = RECORDING.batches(middle_ms - 9 * LENGTH_MS, middle_ms - 9 * LENGTH_MS + 60_000)

    for other in (later, before):
        assert np.array_equal(first.signals["x_load_pct"], other.signals["x_load_pct"], equal_nan=True)
        assert (first.state, first.changes) == (other.state, other.changes)


@given(
    start=st.integers(0, 2 * LENGTH_MS),
    length=st.integers(1, 400_000),
    cuts=st.lists(st.floats(0, 1), max_size=6),
)
def test_any_cut_into_spans_tells_the_same(start: int, length: int, cuts: list[float]) -> None:
    from_ms, to_ms = ANCHOR_MS + start, ANCHOR_MS + start + length
    at = [from_ms + int(cut * length) for cut in cuts]

    assert repr(shown(RECORDING, from_ms, to_ms, at)) == repr(shown(RECORDING, from_ms, to_ms, []))


def test_a_batch_ends_where_silence_begins() -> None:
    recording = Recording(
        execution=np.array(["ACTIVE", "", "ACTIVE", "READY"]), signals={"x_load_pct": np.arange(4.0)}
    )

    before, after = recording.batches(ANCHOR_MS - 1, ANCHOR_MS + 3_000)

    assert (before.at_ms, before.offsets_ms.tolist(), before.state) == (ANCHOR_MS, [0], State.RUNNING)
    assert (after.at_ms, after.offsets_ms.tolist(), after.state) == (
        ANCHOR_MS + 2_000,
        [0, 1_000],
        State.RUNNING,
    )
    assert [(change.offset_ms, change.state) for change in after.changes] == [(1_000, State.IDLE)]


def test_a_normal_range_is_what_the_machine_showed_while_it_ran() -> None:
    recording = Recording(
        execution=np.array(["READY", *["ACTIVE"] * 10]),
        signals={"x_load_pct": np.array([900.0, *range(10)]), "z_load_pct": np.zeros(11)},
    )

    signals = recording.births_signals()

    assert signals["x_load_pct"].high is not None
    assert 8.0 < signals["x_load_pct"].high <= 9.0
    assert (signals["z_load_pct"].low, signals["z_load_pct"].high) == (None, None)


def test_a_recording_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path) -> None:
    for text, sentence in (
        ("", "cannot read the recording"),
        ("time\n2018-12-04T12:44:15Z\n", "no column execution"),
        ("time,execution\n", "no row"),
        ("time,execution\n2018-12-04T12:44:15Z,ACTIVE\n2018-12-04T12:44:17Z,READY\n", "one second apart"),
        ("time,execution\n2018-12-04T12:44:15Z,ASLEEP\n", "'ASLEEP' is unknown"),
    ):
        file = tmp_path / "recording.csv"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(RecordingError, match=sentence):
            load_recording(file)
    with pytest.raises(RecordingError, match=r"nothing\.csv"):
        load_recording(tmp_path / "nothing.csv")
