"""Where the time went, what cost most, and the longest stops."""

from markupsafe import Markup

from dashboard.losses.stops import MachineStop
from dashboard.losses.words import STEPS
from dashboard.report.charts import bar
from dashboard.report.contents import Contents
from dashboard.report.table import small, table
from dashboard.report.words import DASH, clock, count, duration, share

US_IN_MS = 1_000


def waterfall_table(contents: Contents) -> Markup:
    """From calendar time to good parts."""
    rows = contents.lost.rows
    whole = rows[0].us
    left = whole - sum(row.us for row in rows if not row.level) - rows[-1].us
    lines = (
        Markup(
            "<tr{}><th scope=row>{}</th><td>{}</td><td>{}</td><td>{}</td><td class=text>{}</td></tr>"
        ).format(
            Markup(" class=level") if row.level else "",
            row.word if row.level else f"less {row.word}",
            duration(row.us / US_IN_MS),
            share(row.us / whole) if whole and row.us >= 0 else DASH,
            count(row.parts),
            row.flag or bar(row.us, whole, "level" if row.level else f"u-{row.key}"),
        )
        for row in rows
    )
    return table(
        [
            ("step", ""),
            ("time", "h:min:s"),
            ("share", "of calendar"),
            ("in parts", "at the ideal cycle"),
            ("", ""),
        ],
        lines,
        label="Where the time went",
        caption=f"Unaccounted: {left / US_IN_MS / 1_000:g} s",
    )


def pareto_table(contents: Contents) -> Markup:
    """Each loss, most costly first, and within it each cause."""
    found = contents.lost.pareto("time")
    if not found.losses:
        return Markup("<p>Nothing was lost in this window.</p>")
    lines = (
        Markup(
            "<tr class={}><th scope=row>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
            "<td class=text>{}</td></tr>"
        ).format(
            level,
            one.word,
            duration(one.us / US_IN_MS),
            share(one.share),
            share(one.cumulative),
            count(one.stops),
            bar(one.us, found.us, f"u-{loss.key}"),
        )
        for loss in found.losses
        for level, one in (("level", loss), *(("cause", cause) for cause in loss.causes))
    )
    return table(
        [
            ("loss and cause", ""),
            ("time", "h:min:s"),
            ("share", "of the level above"),
            ("cumulative", ""),
            ("stops", "begun"),
            ("", ""),
        ],
        lines,
        label="What cost most",
        caption="Each loss by the time it took, and within it each cause or reason.",
    )


def stops_table(contents: Contents) -> Markup:
    """The longest stops, with what made them."""
    if not contents.longest:
        return Markup("<p>No machine stopped in this window.</p>")
    return table(
        [
            ("machine", None),
            ("began", ""),
            ("lasted", "h:min:s"),
            ("loss", None),
            ("cause", None),
            ("reason", None),
        ],
        [_stop(one, contents.zone) for one in contents.longest],
        label="The longest stops",
        caption=f"{len(contents.longest)} of {count(contents.stops)} stops.",
    )


def _stop(stop: MachineStop, zone: str) -> Markup:
    said = {"person": "a person says", "rule": "by a rule", "none": ""}[stop.given_by]
    edges = ([] if stop.begun else ["began before"]) + ([] if stop.over else ["goes on"])
    return Markup(
        "<tr><th scope=row>{}</th><td>{}</td><td>{}{}</td><td class=text>{}</td>"
        '<td class="text wide">{}</td><td class="text wide">{}{}</td></tr>'
    ).format(
        stop.machine,
        clock(stop.start_ms, zone),
        duration(stop.end_ms - stop.start_ms),
        small(", ".join(edges)),
        STEPS[stop.loss].word,
        stop.cause or DASH,
        stop.reason or DASH,
        small(": ".join(part for part in (said, stop.note) if part)),
    )
