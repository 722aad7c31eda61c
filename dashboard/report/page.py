"""A report as one HTML file: styles and charts inside, no script, nothing to load."""

from pathlib import Path

from markupsafe import Markup

from dashboard.kpi.definitions import DEFINITIONS
from dashboard.report.charts import LEGEND, hours, timeline
from dashboard.report.contents import Contents
from dashboard.report.loss_tables import pareto_table, stops_table, waterfall_table
from dashboard.report.number_tables import parts_table, shares_table, stopping_table, times_table
from dashboard.report.table import table
from dashboard.report.words import DASH, bounds, day, length, moment, share
from protocol.moments import to_text

STYLE = Path(__file__).with_name("report.css")
PAPER = "font: 8pt system-ui, sans-serif; color: #566271;"


def page_of(contents: Contents) -> str:
    """The whole file; the same contents give the same bytes."""
    title = _title(contents)
    sections = Markup("\n").join(
        (
            _head(contents, title),
            _section("Uptime, utilization, OEE", shares_table(contents)),
            _section("Time", times_table(contents)),
            _section("Parts", parts_table(contents)),
            _section("Stops", stopping_table(contents)),
            _section(
                "Through the shift" if contents.window.shift else "Through the window", _lines(contents)
            ),
            _section("Where the time went", waterfall_table(contents)),
            _section("What cost most", pareto_table(contents)),
            _section("The longest stops", stops_table(contents)),
            _section("By what each state is known", _machines(contents)),
            _section("What the numbers mean", _definitions()),
            _section("How to get this report again", _origin(contents)),
        )
    )
    return str(
        Markup(
            "<!doctype html>\n"
            '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
            "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n{}\n</main>\n</body>\n</html>\n"
        ).format(title, Markup(_style(contents, title)), sections)  # noqa: S704 - our own style
    )


def _style(contents: Contents, title: str) -> str:
    """The styles, and what stands at the head and the foot of each sheet of paper."""
    window, zone = contents.window, contents.zone
    span = f"{moment(window.from_ms, zone)} to {moment(window.to_ms, zone)} ({zone})"
    boxes = {
        "@top-left": _in_style(title),
        "@top-right": _in_style(span),
        "@bottom-left": _in_style(f"run {contents.run.run or 'of real machines'}"),
        "@bottom-right": '"page " counter(page) " of " counter(pages)',
    }
    sheet = " ".join(f"{place} {{ content: {text}; {PAPER} }}" for place, text in boxes.items())
    return f"{STYLE.read_text(encoding='utf-8')}@media print {{ @page {{ {sheet} }} }}\n"


def _in_style(text: str) -> str:
    r"""Text in a style sheet: whatever is no letter or digit is written as its number.

    >>> _in_style('a"}</style>')
    '"a\\22 \\7d \\3c \\2f style\\3e "'
    """
    return '"' + "".join(one if one.isalnum() else f"\\{ord(one):x} " for one in text) + '"'


def _title(contents: Contents) -> str:
    window = contents.window
    where = contents.line or "plant"
    if window.shift is None:
        return f"Report: {where}"
    return f"Shift report: {window.shift.name} shift of {day(window.shift.day)}, {where}"


def _head(contents: Contents, title: str) -> Markup:
    window, zone = contents.window, contents.zone
    plant = contents.rows[0].numbers
    known = (
        Markup("")
        if window.over
        else Markup("<p><strong>Not over yet:</strong> this is what was known at {}.</p>").format(
            moment(window.to_ms, zone)
        )
    )
    headline = (
        ("utilization", share(plant.utilization), f"of {length(plant.observed_ms)} observed"),
        (
            "uptime",
            share(plant.uptime),
            f"{bounds(plant.uptime_low, plant.uptime_high)} of observed",
        ),
        ("OEE", share(plant.oee), "of observed, where parts are counted"),
        ("coverage", share(plant.coverage), f"of {length(plant.planned_ms)} planned"),
    )
    items = Markup("").join(
        Markup("<li>{}<b>{}</b><span class=muted>{}</span></li>").format(*one) for one in headline
    )
    return Markup(
        "<header><h1>{}</h1><p>{} to {} ({}), {} machine{}.</p>{}<ul class=headline>{}</ul></header>"
    ).format(
        title,
        moment(window.from_ms, zone),
        moment(window.to_ms, zone),
        zone,
        len(contents.machines),
        "" if len(contents.machines) == 1 else "s",
        known,
        items,
    )


def _section(title: str, body: Markup) -> Markup:
    return Markup("<section><h2>{}</h2>\n{}</section>").format(title, body)


def _lines(contents: Contents) -> Markup:
    window = contents.window
    rows = Markup("").join(
        Markup("<span>{}</span>{}").format(one.name, timeline(one.pieces, window.from_ms, window.to_ms))
        for one in contents.machines
    )
    keys = Markup("").join(
        Markup(
            '<li><svg viewBox="0 0 12 12" aria-hidden="true">'
            '<rect class="u-{}" width="12" height="12"/></svg>{}</li>'
        ).format(use.value, words)
        for use, words in LEGEND
    )
    axis = Markup("<span></span>{}").format(hours(window.from_ms, window.to_ms, contents.zone))
    return Markup("<div class=timelines>{}</div><ul class=legend>{}</ul>").format(rows + axis, keys)


def _machines(contents: Contents) -> Markup:
    lines = (
        Markup(
            "<tr><th scope=row>{}</th><td class=text>{}</td><td class=text>{}</td><td class=text>{}</td>"
            '<td class="text wide">{}</td></tr>'
        ).format(
            one.name, one.path or DASH, one.kind or DASH, "simulated" if one.simulated else "real", one.how
        )
        for one in contents.machines
    )
    heads = [(name, None) for name in ("machine", "line", "kind", "", "state known by")]
    return table(heads, lines, label="By what each state is known")


def _definitions() -> Markup:
    lines = (
        Markup(
            '<tr><th scope=row>{}</th><td class="text wide">{}</td><td class="text wide">{}</td>'
            "<td class=text>{}</td><td class=text>{}</td><td class=text>{}</td></tr>"
        ).format(one.word, one.question, one.formula, one.iso, one.semi, one.vendor)
        for one in DEFINITIONS.values()
    )
    names = ("number", "question", "formula", "ISO 22400-2", "SEMI E10", "MachineMetrics")
    return table(
        [(name, None) for name in names],
        lines,
        label="What the numbers mean",
        caption="With the recommended choices; those in force stand below.",
    )


def _origin(contents: Contents) -> Markup:
    window, run = contents.window, contents.run
    facts = [
        ("run", run.run or "none: real machines without a simulated plant"),
        ("seed", DASH if run.seed is None else str(run.seed)),
        ("the run began", to_text(run.epoch_ms)),
        ("from", to_text(window.from_ms)),
        ("to", to_text(window.to_ms)),
        ("source", "measured"),
        ("version", contents.version),
        ("calendar, SHA-256", contents.calendar_digest),
        ("choices, SHA-256", contents.choices_digest),
        *((f"choice {name}", str(value)) for name, value in contents.choices.items()),
    ]
    items = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(*fact) for fact in facts)
    return Markup(
        "<p>The same history, calendar and choices make this file again, byte for byte:</p>"
        "<p><code>{}</code></p><dl>{}</dl>"
    ).format(command_of(contents), items)


def command_of(contents: Contents) -> str:
    """The command that makes the report again."""
    window = contents.window
    words = ["python -m dashboard report --run", _quoted(contents.run.run)]
    if window.shift is not None and window.over:
        words += ["--shift", _quoted(window.key)]
    else:
        words += ["--from", to_text(window.from_ms), "--to", to_text(window.to_ms)]
    if contents.line is not None:
        words += ["--line", _quoted(contents.line)]
    return " ".join([*words, "--out report.html"])


def _quoted(text: str) -> str:
    return text if text and all(one.isalnum() or one in "-_/." for one in text) else f"'{text}'"
