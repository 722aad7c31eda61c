"""What `make chaos` prints is what came of it."""

from dataclasses import replace

from tests.chaos.comparison import Comparison
from tests.chaos.evidence import Balance
from tests.chaos.faults import Fault
from tests.chaos.journey import Befallen
from tests.chaos.table import in_a_line, report

HOUR_MS = 3_600_000
STOPPED = Befallen(
    fault=Fault(kind="stopped", part="ingest-1", begins_s=0.0, lasts_s=1.0, told=True),
    at_ms=HOUR_MS,
    back_s=1.5,
    said_s=5.25,
    said="Nothing new from the office (ingest)",
)
SHORT = Befallen(
    fault=Fault(kind="stepped", part="web", begins_s=0.0, lasts_s=1.0, much=-3_600), at_ms=HOUR_MS, back_s=0.5
)
FOUND = Comparison(
    hours=3,
    rows={"intervals": 1_200, "calls": 34},
    windows=42,
    different="",
    balance=Balance(readings=5_000, messages=70, lost=0, doubled=0, told_twice=6),
    ended=["ingest: gone", "ingest: gone"],
    farewell="The simulator has been stopped",
)


def test_a_row_for_each_kind_and_part_says_how_many_how_long_and_what_the_page_said() -> None:
    other = replace(
        STOPPED, fault=replace(STOPPED.fault, part="ingest-2", told=False), back_s=2.5, said_s=None
    )

    said = report([STOPPED, other, SHORT], [FOUND], seed=7, took_s=90.0)

    assert "seed 7: 3 faults in 1.5 min, 1 until the page had said it" in said
    assert "| stopped | ingest | 2 | 2.5 s | 5.2 s (1) |" in said
    assert "| stepped | web | 1 | 0.5 s | too short to be said |" in said
    assert "3 plant hours with faults and without: 1,234 rows of 2 tables, 42 answers" in said
    assert "readings lost 0, doubled 0 (6 came again in another message and were counted once)" in said
    assert said.count("Started again: ingest: gone") == 1
    assert "Not said" not in said


def test_what_the_page_did_not_say_and_what_was_lost_is_printed_and_is_no_success() -> None:
    unsaid = replace(STOPPED, said="", unsaid="stopped ingest: the page says nothing")
    lost = replace(FOUND, balance=replace(FOUND.balance, lost=3))

    said = report([unsaid], [lost], seed=7, took_s=90.0)

    assert "Not said: stopped ingest: the page says nothing" in said
    assert "readings lost 3, doubled 0" in said
    assert FOUND.is_well
    assert not lost.is_well
    assert not replace(FOUND, different="intervals: 1 differences").is_well


def test_a_fault_is_printed_in_a_line_as_it_came() -> None:
    assert in_a_line(STOPPED, HOUR_MS).split() == (
        [
            "ingest-1",
            "stopped",
            "for",
            "1.00",
            "s",
            "at",
            "1.000",
            "h",
            "on",
            "after",
            "1.50",
            "s",
            "after",
            "5.2",
            "s:",
            "Nothing",
            "new",
            "from",
            "the",
            "office",
            "(ingest)",
        ]
    )
    assert "stepped by -3600 s" in in_a_line(SHORT, HOUR_MS)
