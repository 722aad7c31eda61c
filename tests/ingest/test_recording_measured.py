"""A real day, read by the office, gives what the machine's control said, to the second."""

from pathlib import Path

from dashboard.kpi.account import time_in_state
from dashboard.kpi.formulas import coverage
from dashboard.states.keeper import derive
from dashboard.states.knowledge import Knowledge
from protocol.states import State
from simulator.replaying.recording import ANCHOR_MS, load_recording

FILE = Path(__file__).parents[2] / "simulator" / "recordings" / "mazak-1-20181204.csv.gz"
SECOND_MS = 1_000


def test_every_second_of_the_recording_is_measured_as_its_control_called_it() -> None:
    recording = load_recording(FILE)
    from_ms = ANCHOR_MS - SECOND_MS
    to_ms = from_ms + recording.rows * SECOND_MS
    batches = [
        (batch.at_ms, batch)
        for minute_ms in range(from_ms, to_ms, 60 * SECOND_MS)
        for batch in recording.batches(minute_ms, min(minute_ms + 60 * SECOND_MS, to_ms))
        if batch.at_ms is not None
    ]

    intervals = derive(batches, Knowledge.reported(SECOND_MS))
    time = time_in_state(intervals.clip(ANCHOR_MS, to_ms + SECOND_MS))

    assert time[State.RUNNING] == 12_438 * SECOND_MS
    assert time[State.IDLE] == (7_830 + 3_404 + 43) * SECOND_MS
    assert time[State.DOWN] == 124 * SECOND_MS
    assert time[State.UNKNOWN] == 1_865 * SECOND_MS
    assert coverage(time) == 1 - 1_865 / 25_704
