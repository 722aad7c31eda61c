"""What benchmarks say about growth, where they write it, and when a ratio is too bad."""

import re
import tomllib
from itertools import count
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks.growth import Growth, Panel, write_picture
from benchmarks.ingest_load import make_load
from benchmarks.ingest_shares import introduced, take_tick
from benchmarks.quick import FILE, IMPORTS, Ratio, by_cpu, what_is_wrong, written
from benchmarks.quick_work import Work, works
from benchmarks.section import DOCS, table, write_section
from dashboard.history.reader import Reader


def test_the_exponent_is_that_of_the_law_behind_the_points() -> None:
    squares = Growth(what="s", points=((2, 12), (5, 75), (11, 363)))
    still = Growth(what="MB", points=((2, 60), (5, 60), (11, 60)))

    assert squares.exponent == pytest.approx(2)
    assert still.exponent == pytest.approx(0)
    (_, low), (_, high) = squares.line()
    assert low == pytest.approx(12)
    assert high == pytest.approx(363)


def test_the_picture_is_an_svg_that_says_what_it_shows(tmp_path: Path) -> None:
    file = tmp_path / "growth.svg"
    grown = Growth(what="CPU, % & more", points=((1, 3), (10, 30), (100, 290)))

    write_picture(file, [Panel(of="machines", growths=(grown,))])

    drawn = ET.fromstring(file.read_text(encoding="utf-8"))  # noqa: S314 - our own
    assert drawn.attrib["aria-label"] == "with machines: CPU, % & more as the power 0.99"
    assert len([one for one in drawn.iter() if one.tag.endswith("circle")]) == 3 + 1


def test_a_section_takes_the_place_of_the_one_before_and_of_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    mark = "<!-- rest: made by `python -m benchmarks.rest --write` -->"
    page.write_text(f"before\n{mark}\nold\n<!-- /rest -->\nafter\n", encoding="utf-8")

    write_section("rest", table(["a", "b"], [["1", "2"]]), file=page)

    assert page.read_text(encoding="utf-8") == (
        f"before\n{mark}\n| a | b |\n| --- | --- |\n| 1 | 2 |\n<!-- /rest -->\nafter\n"
    )
    with pytest.raises(SystemExit, match="marks of 'other'"):
        write_section("other", "", file=page)


def test_every_section_of_the_page_names_a_benchmark_that_is_there() -> None:
    named = re.findall(r"made by `python -m benchmarks\.(\w+)", DOCS.read_text(encoding="utf-8"))

    assert len(named) >= 6
    assert [one for one in named if not (DOCS.parents[1] / "benchmarks" / f"{one}.py").is_file()] == []


def test_what_is_measured_quickly_is_what_was_committed_to(tmp_path: Path) -> None:
    committed = tomllib.loads(FILE.read_text(encoding="utf-8"))["ratios"]

    assert {one.name for one in works(tmp_path, 1)} | {name for name, *_ in IMPORTS} == committed.keys()


def test_of_many_rounds_in_turns_the_best_of_both_counts() -> None:
    numbers = count()

    def busy(rounds: int) -> None:
        # The first round of each is a slow one.
        for _ in range(rounds * (10 if next(numbers) < 2 else 1)):
            pass

    work = Work(name="w", ours=lambda _: busy(400_000), floor=lambda _: busy(100_000), count=2, floors=1)

    (found,) = by_cpu([work], 8)

    assert 1 < found.ratio < 4


def ratio(value: float, name: str = "decoding") -> Ratio:
    return Ratio(name=name, ours="1 µs", floor="1 µs", ratio=value)


def test_a_ratio_that_got_worse_by_half_fails_and_one_that_nobody_committed_to() -> None:
    committed = {"decoding": 1.0}

    assert what_is_wrong(ratio(1.4), committed) == ""
    assert what_is_wrong(ratio(1.6), committed) == "worse than 1.5 times what is committed"
    assert what_is_wrong(ratio(1.0, "new"), committed).startswith("ratios.toml has no such ratio")


def test_what_is_written_is_what_is_read() -> None:
    text = written([ratio(1.234567), ratio(0.05, "KPIs, and more")])

    assert tomllib.loads(text)["ratios"] == {"decoding": 1.23, "KPIs, and more": 0.05}


def test_what_the_benchmark_plays_is_all_in_the_history(tmp_path: Path) -> None:
    load = make_load(6, batch=20, ticks=2, period_ms=1_000)
    history = f"sqlite:///{tmp_path}/history.db"
    office = introduced(load, history)

    for tick in load.ticks:
        take_tick(office, *tick)

    reader = Reader(history)
    (run,) = reader.runs()
    machines = reader.machines(run.run)
    kept = {one.name: reader.rollups(run.run, one.name, 0, 1 << 60)["power_kw"] for one in machines}
    assert office.refused.total == 0
    assert {name: int(one.count.sum()) for name, one in kept.items()} == {one.name: 40 for one in machines}
    assert load.readings == 6 * 40
    reader.close()
    office.store.close()
