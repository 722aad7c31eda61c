"""What stands below every page: the report of the last shift for paper, and the numbers for programs."""

from dash import html


def foot() -> html.Footer:
    """The foot of the frame."""
    return html.Footer(
        [
            html.A("Report of the last shift, for paper", href="/report", target="_blank"),
            html.A("Numbers as CSV", href="/api/kpis?by=machine&format=csv"),
            html.A("API", href="/api/openapi.json", target="_blank"),
        ],
        className="foot",
    )
