"""Whether a request comes from this page, or from another site in the same browser."""

from urllib.parse import urlsplit

from flask import Request


def is_from_elsewhere(request: Request) -> bool:
    """Whether another site is behind a request. A program sends neither header, and is none."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site != "same-origin":
        return True
    try:
        return origin is not None and urlsplit(origin).netloc != request.host
    except ValueError:
        # No address at all, `http://[`.
        return True


def is_from_this_page(request: Request) -> bool:
    """Whether a browser says of a request that this page is behind it; a program does not."""
    said = "Sec-Fetch-Site" in request.headers or "Origin" in request.headers
    return said and not is_from_elsewhere(request)
