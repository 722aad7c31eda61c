"""What a reader chooses stands in the address: the buttons of a choice, and what an address says of it.

`assets/address.js` writes the address when a button is pressed; a page is laid out by what it says.
"""

from typing import Any
from urllib.parse import parse_qs

from dash import html

from dashboard.pages.attributes import aria, data


def chosen(search: str | None, name: str, choices: dict[str, Any]) -> str:
    """The value that an address has for a choice; the first choice where it has none that there is.

    >>> chosen("?window=8h", "window", {"shift": "", "8h": ""}), chosen("?window=x", "window", {"shift": ""})
    ('8h', 'shift')
    """
    value = said(search, name)
    return value if value in choices else next(iter(choices))


def as_text(value: object) -> str:
    """What a page sent where it sends text; `""` for anything else, which no page of ours sends."""
    return value if isinstance(value, str) else ""


def said(search: str | None, name: str) -> str:
    """What an address says of a name; `""` where it says nothing.

    >>> said("?line=hall%201", "line"), said(None, "line")
    ('hall 1', '')
    """
    return parse_qs((search or "").removeprefix("?")).get(name, [""])[0]


def segments(name: str, choices: dict[str, str], search: str | None, label: str) -> html.Div:
    """One button for each choice, with the chosen one pressed.

    Args:
        name: What is chosen, as in the address.
        choices: Value and text of each; the first needs no word in the address.
        search: What the address says.
        label: Whose buttons they are, for who listens to the page.
    """
    pressed = chosen(search, name, choices)
    return html.Div(
        [
            html.Button(
                text,
                type="button",
                **data(choose=name, value=value),
                **aria(pressed="true" if value == pressed else "false"),
            )
            for value, text in choices.items()
        ],
        className="segments",
        role="group",
        **aria(label=label),
    )
