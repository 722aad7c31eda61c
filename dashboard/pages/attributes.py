"""Attributes whose names Python cannot write: `data-state`, `aria-label`."""

from typing import Any


def data(**values: str) -> dict[str, Any]:
    """Attributes for scripts and style sheets.

    >>> data(state="idle")
    {'data-state': 'idle'}
    """
    return {f"data-{name}": value for name, value in values.items()}


def aria(**values: str) -> dict[str, Any]:
    """Attributes for who listens to the page.

    >>> aria(label="Plant totals")
    {'aria-label': 'Plant totals'}
    """
    return {f"aria-{name}": value for name, value in values.items()}
