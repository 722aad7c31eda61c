"""The page about security names tests: each of them is there, and each requirement has some."""

import ast
import re
from pathlib import Path

import pytest

from dashboard.gate import sessions, tries
from dashboard.ingest import turnstile
from dashboard.ingest.fleet import MAX_UNBORN
from protocol.messages import MAX_SIGNALS

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
ONE, ALL = tries.OF_ONE, tries.OF_ALL
NAMED = sorted(set(re.findall(r"`(tests/[a-z_/]+\.py(?:::\w+)?)`", PAGE)))


@pytest.mark.parametrize("named", NAMED)
def test_each_test_that_the_page_names_exists(named: str) -> None:
    file, _, name = named.partition("::")
    tree = ast.parse((PROJECT / file).read_text(encoding="utf-8"))
    found = {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}

    assert any(one.startswith("test_") for one in found)
    assert not name or name in found


@pytest.mark.parametrize("number", range(1, 8))
def test_each_foundational_requirement_has_rows_and_each_row_a_test(number: int) -> None:
    section = PAGE.partition(f"\n## FR{number}: ")[2].partition("\n## ")[0].partition("\n### ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][2:]

    assert rows
    assert all("`tests/" in row for row in rows), rows


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    def rate(messages: turnstile.Rate, size: turnstile.Rate) -> str:
        return (
            f"{messages.per_s:g} messages and {size.per_s / 1024:g} KiB a second, "
            f"after {messages.burst:,} messages and {size.burst >> 20} MiB at once"
        )

    said = {
        "a device without a birth": rate(turnstile.MESSAGES, turnstile.BYTES),
        "all devices together that are new": rate(turnstile.NEW_MESSAGES, turnstile.NEW_BYTES),
        "machines without a birth": f"{MAX_UNBORN} of a run",
        "signals of a machine": f"{MAX_SIGNALS}",
        "wrong passwords at the page": f"{ONE} of an address, {ALL} of all, in five minutes",
    }

    assert tries.WITHIN_S == 300
    assert (sessions.IDLE_S, sessions.LASTS_S) == (3_600, 36_000)
    for of, limit in said.items():
        assert f"| {of} | {limit} |" in PAGE
