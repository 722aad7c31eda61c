"""What a soak asks of the plant follows from its seed, and what it has measured can be read at any moment."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from simulator.faults.catalogue import CATALOGUE
from simulator.specs.kind import load_kinds
from simulator.specs.machine import MachineSpec, load_machine
from tests.broker.running import PROJECT
from tests.soak.__main__ import COLUMNS, main
from tests.soak.faults import EVERY_MS, Order, orders
from tests.soak.plant import Said
from tests.soak.samples import Samples, read
from tests.soak.table import NONE_OF

ROWS = 400
HOURS = 600.0


@pytest.fixture(scope="module")
def machines() -> dict[str, MachineSpec]:
    kinds = load_kinds(PROJECT / "simulator" / "kinds")
    files = sorted((PROJECT / "simulator" / "machines").glob("*.toml"))
    return {file.stem: load_machine(file, kinds) for file in files}


def first(count: int, seed: int, machines: dict[str, MachineSpec]) -> list[Order]:
    return list(islice(orders(seed, machines), count))


def test_the_same_seed_asks_for_the_same_faults_and_for_all_there_are(
    machines: dict[str, MachineSpec],
) -> None:
    asked = first(1_000, 1, machines)

    assert asked == first(1_000, 1, machines)
    assert asked[:20] != first(20, 2, machines)
    assert {one.command.fault for one in asked if one.command.what == "fault"} == set(CATALOGUE)
    assert {one.command.machine for one in asked if one.command.what == "fault"} == set(machines)
    assert 100 < sum(one.command.what == "clear" for one in asked) < 300
    assert asked[-1].after_ms == pytest.approx(1_000 * EVERY_MS, rel=0.1)


def test_a_warning_that_differs_in_its_numbers_alone_is_one_and_the_same(tmp_path: Path) -> None:
    said = Said(tmp_path)
    log = tmp_path / "ingest.log"
    log.write_text("10:00 INFO well\n10:01 WARNING refused 3 so far\n10:02 WAR", encoding="utf-8")
    said.look()
    with log.open("a", encoding="utf-8") as more:
        more.write("NING refused 4 so far\n10:03 ERROR no more\nTraceback (most recent call last):\n")
    said.look()

    assert (said.warnings, said.errors) == (2, 2)
    assert said.sentences["ingest: # WARNING refused # so far"] == 2


def write(file: Path, *, leak_mb: float = 0.0, lost: float = 0.0) -> None:
    """What an hour would have measured, with so much leaked by ingest each plant day."""
    samples = Samples(file, COLUMNS)
    noise = np.random.default_rng(1).normal(0.0, 0.5, ROWS)
    for place, hour in enumerate(np.linspace(8.0, 8.0 + HOURS, ROWS)):
        memory_mb = 78.0 + leak_mb * hour / 24 + noise[place]
        samples.add({"plant_h": hour, "ingest_rss_mb": memory_mb, "lost": lost, "readings": 1e6 * hour})


def test_a_file_of_samples_gives_its_table_and_the_exit_code_of_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "samples.csv"
    write(file)

    code = main(["--read", str(file)])

    said = capsys.readouterr().out
    assert code == 0
    assert "25.00 plant days, 400 samples" in said
    assert f"| {NONE_OF['lost']} | 0 |" in said
    assert "| ingest: memory | 7" in said
    assert said.endswith("Nothing grows, nothing is lost, nothing is doubled.\n")


@pytest.mark.parametrize(
    ("leak_mb", "lost", "sentence"), [(0.3, 0.0, "ingest: memory grows"), (0.0, 6.0, "readings lost: 6")]
)
def test_a_leak_and_a_reading_that_is_lost_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], leak_mb: float, lost: float, sentence: str
) -> None:
    file = tmp_path / "samples.csv"
    write(file, leak_mb=leak_mb, lost=lost)

    assert main(["--read", str(file)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == sentence


def test_a_soak_that_was_broken_off_in_the_middle_of_a_row_is_read_up_to_there(tmp_path: Path) -> None:
    file = tmp_path / "samples.csv"
    write(file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) - len(COLUMNS) - 20])

    columns = read(file)

    assert len(columns["plant_h"]) == ROWS - 1
    assert main(["--read", str(file)]) == 0
