"""The assumptions: what nobody has measured of this plant, each with its value, its source and its grade.

They may be changed while the plant runs; each change begins a segment of the run.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from simulator.specs.settings import NAME, Section, parse_toml, read_text

Value = bool | float | str | tuple[str, ...]
"""What an assumption may be: on or off, a number, or names; `all` stands for everybody's."""
Sort = Literal["switch", "number", "persons"]

ALL = "all"
"""Instead of names: everybody."""
LEAST_REACTION_S = 30.0
"""The plant lives so far ahead of the office that a call which is heard sooner could come too late."""
DAY_S = 86_400.0
ASSUMED = "assumption"
"""The grade of what no source stands behind."""
GRADES = ("A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D", ASSUMED)
LONGEST_TEXT = 300
MAX_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What an assumption may be, whoever assumes it."""

    sort: Sort
    """What its value is."""
    value: Value
    """Its value where a file does not say one."""
    unit: str = ""
    """Unit of a number."""
    least: float = 0.0
    """No number may be less, whatever a file says."""
    most: float = 1.0
    """No number may be more, whatever a file says."""


FORMS: Mapping[str, Form] = {
    "calls": Form(sort="switch", value=True),
    "condition": Form(sort="switch", value=True),
    # Less than a minute would be a person who stands before everything at once, and none is nobody.
    "rounds_s": Form(sort="number", value=1200.0, unit="s", least=60, most=DAY_S),
    "reaction_s": Form(sort="number", value=60.0, unit="s", least=LEAST_REACTION_S, most=DAY_S),
    "reaction_mean_s": Form(sort="number", value=90.0, unit="s", most=DAY_S),
    "walk_s": Form(sort="number", value=45.0, unit="s", most=3_600),
    "on_shift": Form(sort="persons", value=ALL),
    "inspection_s": Form(sort="number", value=600.0, unit="s", least=1, most=DAY_S),
    "planned_share": Form(sort="number", value=0.5, unit="share", least=0.01, most=1),
    "planned_within_s": Form(sort="number", value=3_600.0, unit="s", most=DAY_S),
    "worn_share": Form(sort="number", value=0.6, unit="share"),
    "logged_from_s": Form(sort="number", value=300.0, unit="s", most=DAY_S),
    "rounded_to_s": Form(sort="number", value=300.0, unit="s", least=1, most=3_600),
    "reason_share": Form(sort="number", value=0.5, unit="share"),
}
"""Every assumption, in the order in which they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """One assumption of a run."""

    key: str
    """Its name, `rounds_s`."""
    value: Value
    """What is assumed."""
    unit: str = ""
    """Unit of a number; empty where it has none."""
    least: float | None = None
    """The least number that is allowed; None where it is none."""
    most: float | None = None
    """The greatest."""
    words: str = ""
    """What it says, for whoever changes it."""
    source: str = ""
    """Where it comes from; empty for nowhere."""
    grade: str = ASSUMED
    """How good the source is, from A to D, or `assumption`."""

    def wrong(self, value: object, persons: Iterable[str]) -> str:
        """What is allowed instead of a value; empty when the value is."""
        sort = FORMS[self.key].sort
        if sort == "switch":
            return "" if isinstance(value, bool) else "true or false"
        if sort == "number":
            right = isinstance(value, int | float) and not isinstance(value, bool)
            # Written so that nan is refused too.
            if right and self.least is not None and self.most is not None:
                right = self.least <= value <= self.most  # type: ignore[operator]
            return "" if right else f"a number from {self.least:g} to {self.most:.12g}"
        known = tuple(persons)
        if value == ALL:
            return ""
        # Each of them once, so that the same people are said in one way.
        named = isinstance(value, list | tuple) and value and all(value.count(one) == 1 for one in value)
        if named and all(one in known for one in value):  # type: ignore[attr-defined]
            return ""
        return f"{ALL}, or a list of one or more of {', '.join(known) or 'nobody'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """All assumptions of a run, as they hold for a while."""

    by_key: Mapping[str, Assumption]
    """Each by its name, in the order in which they are shown."""

    def __getitem__(self, key: str) -> Value:
        return self.by_key[key].value

    def number(self, key: str) -> float:
        """The value of one that is a number."""
        value = self.by_key[key].value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{key} is no number: {value!r}")
        return float(value)

    def ms(self, key: str) -> int:
        """The value of one in seconds, in milliseconds."""
        return round(self.number(key) * 1_000)

    @property
    def values(self) -> dict[str, Value]:
        """The values by name."""
        return {key: one.value for key, one in self.by_key.items()}

    def wrong(self, values: Mapping[str, object], persons: Iterable[str]) -> str:
        """Why these values cannot be assumed, with key, value and what is allowed; empty when they can."""
        known = tuple(persons)
        for key, value in values.items():
            if key not in self.by_key:
                return f"key {f'values.{key}'!r} is not known: {', '.join(self.by_key)}"
            allowed = self.by_key[key].wrong(value, known)
            if allowed:
                return f"key {f'values.{key}'!r}: {_shown(value)} is not allowed: {allowed}"
        return ""

    def changed(self, values: Mapping[str, Value]) -> "Assumptions":
        """The same with other values, which are allowed."""
        laid = {key: replace(self.by_key[key], value=_plain(value)) for key, value in values.items()}
        return Assumptions(by_key={**self.by_key, **laid})


def load_assumptions(file: Path, persons: Iterable[str] | None = None) -> Assumptions:
    """The assumptions in a file.

    Raises:
        SpecError: The file cannot be read, or is wrong.
    """
    return parse_assumptions(read_text(file), persons, file.name)


def parse_assumptions(
    text: str, persons: Iterable[str] | None = None, source: str = "assumptions.toml"
) -> Assumptions:
    """The assumptions in a TOML text. What it does not name is as `FORMS` has it.

    Args:
        text: A table for each.
        persons: Who may be on shift; None for whoever is named.
        source: What to call the text.

    Raises:
        SpecError: Names file, key, value and what is allowed.
    """
    table = Section(parse_toml(text, source), source=source)
    known = None if persons is None else tuple(persons)
    # Every key is asked for, so that whatever is left is one that nobody knows.
    by_key = {key: _assumption(key, form, table.section(key), known) for key, form in FORMS.items()}
    table.close()
    return Assumptions(by_key=by_key)


def _assumption(key: str, form: Form, table: Section, persons: tuple[str, ...] | None) -> Assumption:
    least = most = None
    if form.sort == "number":
        least = table.number("least", least=form.least, most=form.most, default=form.least)
        most = table.number("most", least=least, most=form.most, default=form.most)
    one = Assumption(
        key=key,
        value=form.value if "value" not in table else _value(key, form, table, (least, most), persons),
        unit=_unit(form, table),
        least=least,
        most=most,
        words=table.text("words", most=LONGEST_TEXT, default=""),
        source=table.text("source", most=LONGEST_TEXT, default=""),
        grade=_grade(table),
    )
    if least is not None and most is not None and not least <= float(one.value) <= most:  # type: ignore[arg-type]
        raise table.missing("value", f"a number from {least:g} to {most:.12g}")
    if len(table) and "value" not in table:
        raise table.missing("value", "what is assumed")
    table.close()
    return one


def _value(
    key: str,
    form: Form,
    table: Section,
    bounds: tuple[float | None, float | None],
    persons: tuple[str, ...] | None,
) -> Value:
    value = table.anything("value")
    named = tuple(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else ()
    # Before it is known who the people are, anybody may be named.
    others = persons if persons is not None else tuple(one for one in named if NAME.fullmatch(one))
    allowed = Assumption(key=key, value=form.value, least=bounds[0], most=bounds[1]).wrong(value, others)
    if allowed:
        raise table.refusal("value", allowed)
    return _plain(value)


def _unit(form: Form, table: Section) -> str:
    unit = table.text("unit", default=form.unit)
    if unit != form.unit:
        raise table.refusal("unit", form.unit or "none")
    return unit


def _grade(table: Section) -> str:
    grade = table.text("grade", default=ASSUMED)
    if grade not in GRADES:
        raise table.refusal("grade", f"one of {', '.join(GRADES)}")
    return grade


def _plain(value: Value | list[str]) -> Value:
    if isinstance(value, list | tuple):
        return tuple(value)
    if isinstance(value, bool | str):
        return value
    return float(value)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    shown = f"{value:g}" if isinstance(value, float) else repr(value)
    return shown if len(shown) <= MAX_SHOWN else f"{shown[:MAX_SHOWN]}…"
