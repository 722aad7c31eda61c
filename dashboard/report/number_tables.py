"""The tables of numbers: a row for the plant, each line and each machine."""

from collections.abc import Callable, Iterable

from markupsafe import Markup

from dashboard.conclusions import Numbers
from dashboard.report.contents import Contents, Row
from dashboard.report.table import small, table
from dashboard.report.words import bounds, count, cycle, duration, share

_Cell = Callable[[Numbers], Markup | str]
_Column = tuple[str, str, _Cell]
"""Heading, what it is measured in or against, and the cell."""


def _with_bounds(value: float | None, low: float | None, high: float | None) -> Markup:
    return Markup("{}{}").format(share(value), small(bounds(low, high)))


def shares_table(contents: Contents) -> Markup:
    """Each share, with its denominator and its bounds."""
    columns: list[_Column] = [
        ("coverage", "of planned", lambda n: share(n.coverage)),
        (
            "utilization",
            "of observed",
            lambda n: _with_bounds(n.utilization, n.utilization_low, n.utilization_high),
        ),
        ("uptime", "of observed", lambda n: _with_bounds(n.uptime, n.uptime_low, n.uptime_high)),
        ("performance", "ideal of running", lambda n: _performance(n.performance)),
        ("quality", "good of parts", lambda n: share(n.quality)),
        ("OEE", "of observed", lambda n: share(n.oee)),
        ("NEE", "of observed", lambda n: share(n.nee)),
        ("TEEP", "of calendar", lambda n: share(n.teep)),
    ]
    return _numbers(
        "Under a share stand its bounds: what it would be if all unknown time had been bad, and good.",
        "Uptime, utilization, OEE",
        contents.rows,
        columns,
    )


def _performance(value: float | None) -> Markup | str:
    if value is None or value <= 1.0:
        return share(value)
    return Markup("{}{}").format(share(value), small("ideal cycle wrong"))


def times_table(contents: Contents) -> Markup:
    """Machine time by state."""
    columns: list[_Column] = [
        (name, "h:min:s", lambda n, field=field: duration(getattr(n, field)))  # type: ignore[misc]
        for name, field in (
            ("calendar", "calendar_ms"),
            ("planned", "planned_ms"),
            ("observed", "observed_ms"),
            ("running", "running_ms"),
            ("idle", "idle_ms"),
            ("stopped", "stopped_ms"),
            ("down", "down_ms"),
            ("setup", "setup_ms"),
            ("unknown", "unknown_ms"),
        )
    ]
    return _numbers(
        "Machine time. Running, idle, stopped, down, setup and unknown add up to planned; "
        "stopped is time in which nothing tells idle from down.",
        "Time",
        contents.rows,
        columns,
    )


def parts_table(contents: Contents) -> Markup:
    """What was made, and what the plan would have allowed."""
    columns: list[_Column] = [
        ("parts", "counted", lambda n: count(n.parts)),
        ("good", "parts", lambda n: count(n.good)),
        ("rejects", "parts", lambda n: count(n.rejects)),
        ("planned parts", "at the ideal pace", lambda n: count(n.target_parts)),
        ("cycle", "running for a part", lambda n: cycle(n.cycle_ms)),
        ("ideal cycle", "as the machine says", lambda n: cycle(n.ideal_cycle_ms)),
        ("in silence", "parts", lambda n: count(n.parts_in_silence)),
        ("off shift", "parts", lambda n: count(n.parts_off_shift)),
    ]
    return _numbers(
        "In silence is what was counted across unknown time, off shift what was made outside planned time.",
        "Parts",
        contents.rows,
        columns,
    )


def stopping_table(contents: Contents) -> Markup:
    """How often it stopped, and for how long."""
    columns: list[_Column] = [
        ("stops", "begun", lambda n: count(n.stops)),
        ("micro-stops", "of these", lambda n: count(n.micro_stops)),
        ("failures", "begun", lambda n: count(n.failures)),
        ("MTBF", "of running and setup, h:min:s", lambda n: duration(n.mtbf_ms)),
        ("MTTR", "of down, h:min:s", lambda n: duration(n.mttr_ms)),
    ]
    return _numbers(
        f"A micro-stop is shorter than {contents.rows[0].numbers.micro_stop_ms / 1_000:g} s, "
        "with running before and after. MTBF is running and setup for each failure, MTTR down for each; "
        "without a failure they are undefined.",
        "Stops",
        contents.rows,
        columns,
    )


def _numbers(caption: str, label: str, rows: Iterable[Row], columns: list[_Column]) -> Markup:
    lines = (
        Markup('<tr class="level-{}"><th scope=row>{}</th>{}</tr>').format(
            row.level,
            row.name,
            Markup("").join(Markup("<td>{}</td>").format(cell(row.numbers)) for _, _, cell in columns),
        )
        for row in rows
    )
    heads = [("line and machine", ""), *((name, unit) for name, unit, _ in columns)]
    return table(heads, lines, label=label, caption=caption)
