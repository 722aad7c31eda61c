"""Text has the seven sizes of docs/pages.md: each is said once, and a rule names one and writes none."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "dashboard" / "assets"
REPORT = ROOT / "dashboard" / "report" / "report.css"
SHEETS = [*sorted(ASSETS.glob("*.css")), REPORT]

SIZE = re.compile(r"(?<![\w-])font(?:-size)?\s*:\s*([^;}]+)")
TOKEN = re.compile(r"(--(?:type|wall)-[a-z-]+)\s*:\s*([^;}]+)")
NAMED = re.compile(r"inherit|(?:max\()?var\((--(?:type|wall)-[a-z-]+)\)(?:, 1em\)|/[\d.]+ .+)?")
PAPER = "8pt system-ui, sans-serif"
"""The margins of a printed page, where a browser reads no custom property."""
DRAWN = re.compile(
    r"font-size\s*[:=]\s*[\"'`]?([\d.]+)|\"font\": \{[^}]*\"size\": ([\d.]+)"
    r"|\.font = ([\d.]+)|fontSize\s*[:=]"
)
"""A size that a script or a figure writes by itself."""


def rules(sheet: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)


def scale() -> dict[str, str]:
    """The sizes that docs/pages.md allows."""
    text = (ROOT / "docs" / "pages.md").read_text(encoding="utf-8")
    return {name: f"{px}px" for name, px in re.findall(r"\| `(--type-[a-z]+)` \| (\d+) px \|", text)}


def on_screen(sheet: Path) -> str:
    return rules(sheet).split("@media print")[0]


def said(sheet: Path) -> list[tuple[str, str]]:
    return [(name, value.strip()) for name, value in TOKEN.findall(on_screen(sheet))]


def test_the_seven_sizes_are_said_once_and_are_those_of_the_design() -> None:
    tokens = [pair for sheet in sorted(ASSETS.glob("*.css")) for pair in said(sheet)]

    assert len(scale()) == 7
    assert [pair for pair in tokens if pair[0].startswith("--type-")] == list(scale().items())
    assert len({name for name, _ in tokens}) == len(tokens)


def test_a_report_is_a_file_of_its_own_and_says_the_same_sizes() -> None:
    assert set(said(REPORT)) <= set(scale().items())


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_rule_names_a_size_and_writes_none(sheet: Path) -> None:
    known = {name for other in {sheet, ASSETS / "style.css"} for name, _ in said(other)}
    sizes = [value.strip() for value in SIZE.findall(rules(sheet))]
    named = [NAMED.fullmatch(value) for value in sizes]

    strangers = [
        value
        for value, match in zip(sizes, named, strict=True)
        if (match is None or (match[1] and match[1] not in known))
        and not (sheet.name == "print.css" and value == PAPER)
    ]
    assert strangers == [], f"{sheet.name}: allowed are var(--type-…) of docs/pages.md and inherit"


@pytest.mark.parametrize("room", ["assets", "pages", "figures", "report"])
def test_what_is_drawn_by_a_script_or_a_figure_has_these_sizes_too(room: str) -> None:
    allowed = {size.removesuffix("px") for size in scale().values()}
    files = [
        file
        for ending in ("*.js", "*.py")
        for file in sorted((ROOT / "dashboard" / room).glob(ending))
        if ".min." not in file.name
    ]

    strangers = [
        (file.name, match[0])
        for file in files
        for match in DRAWN.finditer(file.read_text(encoding="utf-8"))
        if (match[1] or match[2] or match[3]) not in allowed
    ]
    assert strangers == []
