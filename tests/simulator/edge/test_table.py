"""Tables of other makers as recordings: their columns, their words, their clocks."""

import gzip
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.readings import decode_batch, encode_batch
from protocol.states import State
from simulator.replaying.columns import Columns, columns_in, signals_in, states_in
from simulator.replaying.recording import ANCHOR_MS, Recording, RecordingError
from simulator.replaying.table import load_recording
from simulator.specs.settings import SpecError

GERMAN = """Zeit;Status;Watt;Zähler;Ausschuss
05.01.2026 06:00:00;Läuft;1.250,5;100;3
05.01.2026 06:00:04;Läuft;1.310,0;101;3
05.01.2026 06:00:10;Störung;210;101;4
05.01.2026 06:00:16;Aus;;;
05.01.2026 06:01:40;Rüsten;190;2;0
05.01.2026 06:01:44;Läuft;1200;3;0
"""
MAP = """
time = "Zeit"
time_format = "%d.%m.%Y %H:%M:%S"
zone = "Europe/Berlin"
state = "Status"
parts = "Zähler"
rejects = "Ausschuss"
period_s = 10
ideal_cycle_s = 4

[states]
"Läuft" = "running"
"Störung" = "down"
"Rüsten" = "setup"
"Aus" = "silence"

[signals.power_kw]
column = "Watt"
factor = 0.001
title = "power"
"""


MANY = [f"x{number}" for number in range(70)]


def recording_of(folder: Path, text: str = GERMAN, columns: str = MAP) -> Recording:
    """The recording in a text, by a column map."""
    table, map_file = folder / "press.csv", folder / "columns.toml"
    table.write_text(text, encoding="utf-8")
    map_file.write_text(columns, encoding="utf-8")
    return load_recording(table, columns_in(map_file))


def told(recording: Recording, edges: list[int]) -> dict[int, tuple[str, float, float, float]]:
    """State, power, parts and rejects by ms after the anchor, said in spans between some edges."""
    rows: dict[int, tuple[str, float, float, float]] = {}
    for start_ms, end_ms in pairwise(edges):
        for said in recording.batches(ANCHOR_MS + start_ms, ANCHOR_MS + end_ms):
            batch = decode_batch(encode_batch(said))
            assert batch.at_ms is not None
            assert batch.parts is not None
            assert batch.rejects is not None
            state = batch.state
            changes = {change.offset_ms: change.state for change in batch.changes}
            for row, offset in enumerate(batch.offsets_ms.tolist()):
                state = changes.get(offset) or state
                rows[batch.at_ms - ANCHOR_MS + offset] = (
                    str(state),
                    batch.signals["power_kw"][row].item(),
                    batch.parts[row].item(),
                    batch.rejects[row].item(),
                )
    return rows


def test_a_table_with_its_own_words_commas_and_counters_is_a_machine(tmp_path: Path) -> None:
    recording = recording_of(tmp_path)

    assert told(recording, [-1, recording.length_ms - 1]) == {
        0: ("running", 1.25, 0, 0),
        4_000: ("running", 1.31, 1, 0),
        10_000: ("down", 0.21, 1, 1),
        100_000: ("setup", 0.19, 3, 1),  # the counter began again at 0, and had made 2 by then
        104_000: ("running", 1.2, 4, 1),
    }
    assert (recording.length_ms, recording.period_ms) == (110_000, 10_000)
    birth = recording.birth(at_ms=ANCHOR_MS, kind="recorded")
    assert birth.states == "reported"
    assert birth.tells == (State.RUNNING, State.DOWN, State.SETUP)
    assert (birth.signals["power_kw"].unit, birth.signals["power_kw"].title) == ("kW", "power")
    assert (birth.period_ms, birth.ideal_cycle_s) == (10_000, 4)


def test_no_batch_reaches_across_a_gap_or_a_silence(tmp_path: Path) -> None:
    recording = recording_of(tmp_path)

    batches = recording.batches(ANCHOR_MS - 1, ANCHOR_MS + recording.length_ms - 1)

    spans = [(one.at_ms or 0) - ANCHOR_MS for one in batches]
    assert [(at, at + int(one.offsets_ms[-1])) for at, one in zip(spans, batches, strict=True)] == [
        (0, 10_000),
        (100_000, 104_000),
    ]


@settings(derandomize=True, deadline=None)
@given(cuts=st.lists(st.integers(-300_000, 300_000), max_size=6).map(sorted))
def test_irregular_rows_say_the_same_however_time_is_cut_and_counters_never_fall(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    recording = recording_of(tmp_path_factory.mktemp("table"))
    whole = told(recording, [-300_000, 300_000])

    assert told(recording, [-300_000, *cuts, 300_000]) == whole
    counts = [row[2] for at, row in sorted(whole.items()) if at >= 0]
    assert counts == sorted(counts)
    assert len(counts) > 10


@pytest.mark.parametrize(
    ("times", "columns"),
    [
        (["2026-01-05T06:00:00Z", "2026-01-05T06:00:07Z"], Columns()),
        (["2026-01-05 06:00:00.000", "2026-01-05 06:00:07.000"], Columns(zone="Europe/Berlin")),
        (["1767592800", "1767592807"], Columns()),
        (["1767592800.0", "1767592807.0"], Columns()),
        (["1767592800000", "1767592807000"], Columns()),
        (["06:00:00 05/01/26", "06:00:07 05/01/26"], Columns(time_format="%H:%M:%S %d/%m/%y")),
    ],
)
def test_times_are_understood_as_they_come(times: list[str], columns: Columns, tmp_path: Path) -> None:
    file = tmp_path / "times.csv.gz"
    rows = "".join(f"{time},{value}\n" for time, value in zip(times, (1, 2), strict=True))
    file.write_bytes(gzip.compress(f"time,power_kw\n{rows}".encode()))

    recording = load_recording(file, columns)

    assert recording.offsets_ms.tolist() == [0, 7_000]
    assert recording.birth(at_ms=0, kind="").states == "learned"
    assert recording.signals["power_kw"].tolist() == [1.0, 2.0]


def test_of_two_rows_of_one_moment_the_last_one_counts(tmp_path: Path) -> None:
    file = tmp_path / "twice.csv"
    file.write_text("time,power_kw\n10,1\n10,2\n20,3\n", encoding="utf-8")

    assert load_recording(file, Columns()).signals["power_kw"].tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    ("text", "value"), [("1.250,5", 1250.5), ('"1,250.5"', 1250.5), ("0,5", 0.5), ("1250.5", 1250.5)]
)
def test_numbers_are_read_with_either_sign_for_decimals(text: str, value: float, tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text(f"time;power_kw\n1;{text}\n", encoding="utf-8")

    assert load_recording(file, Columns()).signals["power_kw"].tolist() == [value]


def test_signals_are_mapped_in_one_word_each() -> None:
    power, speed, room = signals_in(["power_kw=Watt*0.001", "speed_rpm=Spindle speed", "room_c=T*0.1-40"])

    assert (power.name, power.column, power.factor) == ("power_kw", "Watt", 0.001)
    assert (speed.column, speed.factor) == ("Spindle speed", 1.0)
    assert (room.factor, room.offset) == (0.1, -40.0)


@pytest.mark.parametrize(
    ("text", "columns", "piece"),
    [
        ("t;x\n1;2\n", Columns(), "no column 'time': there are t, x"),
        ("time\n", Columns(), "no row"),
        ("time,x\n10,1\n9,1\n", Columns(), "row 3: time '9' is before that of the row above"),
        ("time,x\nnoon,1\n", Columns(), "row 2: time 'noon' is not allowed: ISO 8601, or seconds"),
        ("time,x\n2026-10-25T02:30:00,1\n", Columns(zone="Europe/Berlin"), "not unique in Europe/Berlin"),
        (
            "time,s\n1,on\n",
            Columns(state="s", meanings=states_in("ON=running")),
            "'on' is unknown: allowed are ON",
        ),
        ("time,x\n1,two\n", Columns(signals=signals_in(["power_kw=x"])), "column 'x' holds no number"),
        ("time,n\n1,-2\n", Columns(parts="n"), "column 'n' is no counter: allowed are whole numbers"),
        ("time,n\n1,1.5\n", Columns(rejects="n"), "column 'n' is no counter"),
        (
            "time," + ",".join(f"x{n}" for n in range(70)) + "\n1" + ",1" * 70 + "\n",
            Columns(),
            "70 signals are too many",
        ),
    ],
)
def test_a_table_that_is_not_what_its_map_says_is_refused_in_a_sentence(
    text: str, columns: Columns, piece: str, tmp_path: Path
) -> None:
    file = tmp_path / "table.csv"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(RecordingError) as refused:
        load_recording(file, columns)

    assert piece in str(refused.value)


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("tiem = 'x'\n", "key 'tiem' is not known: did you mean 'time'?"),
        (
            "[states]\nRun = 'runing'\n",
            "state 'runing' of 'Run' is not allowed: running, idle",
        ),
        ("[signals.power_kw]\nfactor = 2\n", "key 'signals.power_kw.column' is missing"),
        ("[signals.'1kw']\ncolumn = 'x'\n", "signal '1kw' is not allowed: letters, digits and _"),
        ("zone = 'Mars'\n", "zone 'Mars' is not allowed: a time zone"),
        ("period_s = 0\n", "key 'period_s': 0 is not allowed"),
        ("time =\n", "not TOML"),
    ],
)
def test_a_column_map_that_is_wrong_is_refused_in_a_sentence(text: str, piece: str, tmp_path: Path) -> None:
    file = tmp_path / "columns.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(SpecError) as refused:
        columns_in(file)

    assert piece in str(refused.value)


@pytest.mark.parametrize("text", ["power_kw", "=x", "power kw=x", "power_kw=", "power_kw=x*1.2.3"])
def test_a_map_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="is not allowed"):
        signals_in([text])


def test_a_recording_of_nothing_but_power_has_its_state_learned(tmp_path: Path) -> None:
    file = tmp_path / "plug.csv"
    file.write_text(
        "time,power_kw,note\n" + "".join(f"{n},{n % 7},x\n" for n in range(9_000)), encoding="utf-8"
    )
    recording = load_recording(file, Columns())

    batches = recording.batches(ANCHOR_MS - 1, ANCHOR_MS + 9_000_000)

    assert {batch.state for batch in batches} == {None}
    assert max(len(batch.offsets_ms) for batch in batches) <= 1_000
    assert np.array_equal(
        np.concatenate([batch.signals["power_kw"] for batch in batches])[:8], [0, 1, 2, 3, 4, 5, 6, 0]
    )
    assert set(recording.signals) == {"power_kw"}
