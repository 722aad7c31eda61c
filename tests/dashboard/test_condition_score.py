import gzip
from pathlib import Path

import numpy as np
import pytest

from dashboard.__main__ import main
from dashboard.condition.table import read_table


def scored(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], str]:
    code = main(["score", *arguments])
    told = capsys.readouterr()
    return code, told.out.splitlines(), told.err.strip()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "table.csv"
    dice = np.random.default_rng(1)
    rows = [
        f"2026-01-05 {k // 60:02d}:{k % 60:02d}:00,{dice.normal():.4f},{dice.normal():.4f},word,0"
        for k in range(600)
    ]
    rows[500] = rows[500].split(",")[0] + ",25,0,word,1"
    file.write_text("\n".join(["when,a,b,note,label", *rows]) + "\n")
    return file


def test_each_row_has_its_time_a_score_and_a_flag(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, _ = scored(capsys, str(table), "--time", "when", "--value", "a")

    assert code == 0
    assert lines[0] == "time,score,flag"
    assert len(lines) == 601
    moment, score, flag = lines[501].split(",")
    assert (moment, flag) == ("2026-01-05 08:20:00", "1")
    assert float(score) > 0.8


def test_without_value_all_columns_of_numbers_but_labels_are_taken(table: Path) -> None:
    assert read_table(table, "when").columns == ("a", "b")
    assert read_table(table, "when", ["label"]).columns == ("label",)


def test_the_same_file_gives_the_same_bytes_compressed_or_not(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = table.with_name("table.csv.gz")
    packed.write_bytes(gzip.compress(table.read_bytes()))

    _, plain, _ = scored(capsys, str(table), "--time", "when")
    _, again, _ = scored(capsys, str(packed), "--time", "when")

    assert plain == again


def test_semicolons_and_numbers_for_times_are_read(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("t;x\n1767600000;1\n1767600060000;\n5;NaN\n")

    found = read_table(file, "t")

    assert found.at_ms == (1_767_600_000_000, 1_767_600_060_000, 5_000)
    assert np.isnan(found.rows[:, 0]).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty: allowed is a first line"),
        ("t,x\n", "has no row below"),
        ("t,y\n1,2\n", "has no column 'x': allowed are 't', 'y'"),
        ("t,x\n1,2\n2,oops\n", "line 3: column 'x': 'oops' is no number: allowed are"),
        ("t,x\n1,2\n2,inf\n", "line 3: column 'x': 'inf' is no number: allowed are"),
        ("t,x\n1,2\nyesterday,3\n", "line 3: column 't': 'yesterday' is no time: allowed are ISO 8601"),
        ("t,x\n1,2\n2,3,4\n", "line 3: has 3 cells: allowed are 2"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_a_sentence(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text)

    code, lines, error = scored(capsys, str(file), "--time", "t", "--value", "x")

    assert code == 2
    assert not lines
    assert error.startswith(f"dashboard score: {file}: ")
    assert said in error


def test_a_file_that_is_not_there_or_no_table_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(b"no gzip at all")

    assert "cannot be read: No such file" in scored(capsys, str(tmp_path / "none.csv"), "--time", "t")[2]
    assert "cannot be read" in scored(capsys, str(broken), "--time", "t")[2]
    words = tmp_path / "words.csv"
    words.write_text("t,x\n1,yes\n")
    assert "has no column of numbers beside 't'" in scored(capsys, str(words), "--time", "t")[2]
