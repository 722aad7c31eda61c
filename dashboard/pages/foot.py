"""What stands below every page: the report of the last shift for paper, and what programs may ask."""

from dash import html

from dashboard.pages.attributes import aria


def foot() -> html.Nav:
    """The foot of the frame."""
    return html.Nav(
        [
            html.A("Shift report for paper", href="/report", target="_blank"),
            html.A("API", href="/api/openapi.json", target="_blank"),
            # Shown in a browser that has signed in, by `assets/sign_in.js`.
            html.Button("Sign out", id="sign-out", className="button", hidden=True),
        ],
        className="foot",
        **aria(label="For paper and for programs"),
    )
