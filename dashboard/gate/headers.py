"""What a browser is told with every answer: what may be loaded, run and framed, and what a page asks for."""

import base64
import hashlib
from collections.abc import Iterable

from flask import Flask, Response

POLICY = "Content-Security-Policy"
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""For what is no page: nothing in it is ever loaded or run."""
DENIED = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation",
    "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
"""What a page of ours never asks a browser for."""


def page_policy(script: str, hashes: Iterable[str]) -> str:
    """The policy of a page: it loads from here alone, is framed by nobody, and runs no script but ours.

    Args:
        script: The script that stands in the page itself.
        hashes: Those of Dash's own scripts, as a policy has them.
    """
    own = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", f"'sha256-{own}'", *hashes)),
            "connect-src 'self'",
            "font-src 'self'",
            # Plotly draws a chart's picture through a blob, and marks stand in the style sheet as data.
            "img-src 'self' data: blob:",
            "manifest-src 'self'",
            # Dash's components write eleven style elements, each release others, and Plotly style attributes.
            "style-src 'self' 'unsafe-inline'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def send_headers(server: Flask, policy: str) -> None:
    """Send the headers with every answer of an application.

    An answer that brings a policy of its own keeps it.

    Args:
        server: The application.
        policy: The policy of its pages.
    """
    headers = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{one}=()" for one in DENIED),
    }

    @server.after_request
    def secured(answer: Response) -> Response:
        answer.headers.update(headers)
        answer.headers.setdefault(POLICY, policy if answer.mimetype == "text/html" else DATA_POLICY)
        return answer
