"""A part of docs/performance.md that a benchmark writes, between two marks that name the command."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs" / "performance.md"


def write_section(name: str, text: str, *, command: str | None = None, file: Path = DOCS) -> None:
    """Put a text in the place of what a benchmark wrote there before.

    Args:
        name: Of the section.
        text: What was found, as Markdown.
        command: What finds it, `benchmarks.kpis`; None for the benchmark of the section's name.
        file: The page.
    """
    made_by = command or f"benchmarks.{name}"
    begin, end = f"<!-- {name}: made by `python -m {made_by} --write` -->", f"<!-- /{name} -->"
    page = file.read_text(encoding="utf-8")
    if page.count(begin) != 1 or page.count(end) != 1:
        raise SystemExit(f"{file.name}: marks of {name!r}: expected once each: {begin} and {end}")
    before, after = page.split(begin)[0], page.split(end)[1]
    file.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def about(load_before: float, *packages: str) -> str:
    """Where and with what something was measured, as a sentence.

    Args:
        load_before: Load of the computer when it began.
        packages: Whose versions matter.
    """
    with_versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{os.cpu_count()} cores, load {load_before:.1f} before and {os.getloadavg()[0]:.1f} after; "
        f"Python {platform.python_version()}, {with_versions}"
    )


def table(titles: list[str], rows: list[list[str]]) -> str:
    """A table as Markdown."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
