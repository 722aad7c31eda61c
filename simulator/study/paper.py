"""A report on paper: as a table to read, as JSON with every digit, as CSV with a line for each figure."""

import csv
import io
import json
from collections.abc import Mapping
from math import floor, log10
from typing import Any

from simulator.phase import Phase
from simulator.study.estimate import CONFIDENCE, Estimate
from simulator.study.figures import UNITS, Key
from simulator.study.grid import grid
from simulator.study.study import Report

COLUMNS = (
    ("parts/h", "parts_per_hour", 1.0),
    ("good/h", "good_per_hour", 1.0),
    ("utilization %", "utilization", 100.0),
    ("uptime %", "uptime", 100.0),
    ("OEE %", "oee", 100.0),
    ("failures", "failures", 1.0),
    ("MTBF h", "mtbf_h", 1.0),
    ("MTTR h", "mttr_h", 1.0),
    ("stops", "stops", 1.0),
)
"""Title, figure, and what it is multiplied by, of each column of the first table."""
HEAD = ("where", "name", "figure", "count", "mean", "sd", "error", "low", "high")


def as_json(report: Report, about: Mapping[str, Any]) -> str:
    """The report as JSON, each estimate under the keys that lead to it."""
    tree: dict[str, Any] = {}
    for key, one in report.items():
        branch = tree
        for step in key[:-1]:
            branch = branch.setdefault(step, {})
        branch[key[-1]] = _plain(one)
    document = {"study": {**about, "confidence": CONFIDENCE}, "units": UNITS, **tree}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def as_csv(report: Report) -> str:
    """The report as CSV; what is undefined is empty."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(HEAD)
    for key, one in report.items():
        where, name = key[0], key[1] if key[0] != "plant" else ""
        figure = ".".join(key[1:] if where == "plant" else key[2:])
        numbers = ("" if value is None else repr(value) for value in _plain(one).values())
        rows.writerow((where, name, figure, *numbers))
    return text.getvalue()


def as_table(report: Report, heading: str) -> str:
    """The report as two tables: what each machine, line and the plant came to, and where their time went."""
    subjects = list(dict.fromkeys(_subject(key) for key in report))
    machines = [subject for subject in subjects if subject[0] != "buffers"]
    buffers = [subject for subject in subjects if subject[0] == "buffers"]
    phases = [phase for phase in Phase if any(_some(report, (*one, "phases", phase)) for one in machines)]
    hours = sorted(
        {(key[3], key[4]) for key in report if "at_hours" in key}, key=lambda pair: (float(pair[0]), pair[1])
    )
    pieces = [heading, _columns(report, machines)]
    pieces.append("Share of time in each phase, %")
    pieces.append(
        grid(
            ["", *phases],
            [
                [_name(one), *(_cell(report.get((*one, "phases", p)), 100) for p in phases)]
                for one in machines
            ],
        )
    )
    if hours:
        pieces.append(
            "Share of replications in which it is running, or up, so many hours after the beginning, %"
        )
        rows = [
            [_name(one), *(_cell(report.get((*one, "at_hours", *hour)), 100) for hour in hours)]
            for one in machines
            if one[0] == "machines"
        ]
        pieces.append(grid(["", *(f"{what} {hour} h" for hour, what in hours)], rows))
    if buffers:
        pieces.append("Mean level of each buffer, parts")
        pieces.append(
            grid(["", "parts"], [[_name(one), _cell(report.get((*one, "mean_level")), 1)] for one in buffers])
        )
    pieces.append(f"± half the {100 * CONFIDENCE:g} % confidence interval of the mean; – undefined")
    return "\n\n".join(pieces) + "\n"


def _columns(report: Report, subjects: list[Key]) -> str:
    titles = [title for title, _, _ in COLUMNS]
    rows = [
        [_name(one), *(_cell(report.get((*one, figure)), factor) for _, figure, factor in COLUMNS)]
        for one in subjects
    ]
    return grid(["", *titles], rows)


def _subject(key: Key) -> Key:
    return key[:1] if key[0] == "plant" else key[:2]


def _name(subject: Key) -> str:
    return {"plant": "plant", "lines": f"line {subject[-1]}"}.get(subject[0], subject[-1])


def _some(report: Report, key: Key) -> bool:
    one = report.get(key)
    return one is not None and bool(one.mean)


def _cell(one: Estimate | None, factor: float) -> str:
    if one is None or one.mean is None:
        return "–"
    mean = _digits(one.mean * factor, 4)
    return mean if one.high is None else f"{mean} ± {_digits((one.high - one.mean) * factor, 2)}"


def _digits(value: float, count: int) -> str:
    """A number with so many significant digits, and none lost before the point."""
    places = count - 1 - floor(log10(abs(value))) if value else 0
    return f"{value:.{min(max(places, 0), 9)}f}"


def _plain(one: Estimate) -> dict[str, Any]:
    return {
        "count": one.count,
        "mean": one.mean,
        "sd": one.sd,
        "error": one.error,
        "low": one.low,
        "high": one.high,
    }
