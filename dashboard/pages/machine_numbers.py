"""The numbers of a machine's page: which there are, in which order, and what each is called.

Words and questions come from the one place of definitions; `assets/machine.js` writes the values.
A number that has a definition opens: `assets/explain.js` says what it is made of.
"""

from typing import Any

from dash import html

from dashboard.kpi.definitions import DEFINITIONS
from dashboard.pages.attributes import data

GROUPS = {
    "Time": ("utilization", "uptime", "coverage"),
    "Pace and quality": ("oee", "performance", "quality", "nee", "teep"),
    "Stops": ("stops", "micro_stops", "failures", "mtbf_s", "mttr_s"),
    "Parts": ("parts", "good", "target_parts", "cycle_s"),
}
"""The keys of the API's numbers, by what they tell."""
FIRST = ("utilization", "uptime", "oee", "stops", "parts")
"""Those that are written large."""
PLAIN = {
    "parts": ("parts", "How many were made?"),
    "good": ("good parts", "How many of them were not rejected?"),
}
"""Word and question of numbers that are merely counted."""


def numbers() -> list[Any]:
    """Every group of numbers, still without values."""
    return [
        html.Section(
            className="number-group",
            children=[html.H3(title), html.Dl(className="facts", children=[_number(key) for key in keys])],
        )
        for title, keys in GROUPS.items()
    ]


def word_of(key: str) -> tuple[str, str]:
    """What a number is called, and the question that it answers."""
    defined = DEFINITIONS.get(key)
    word, question = (defined.word, defined.question) if defined else PLAIN[key]
    return word[0].upper() + word[1:], question


def _number(key: str) -> html.Div:
    word, question = word_of(key)
    look = "number big" if key in FIRST else "number"
    value = (
        html.Button("–", className=look, **data(explain=key), type="button")
        if key in DEFINITIONS
        else html.Span("–", className=look)
    )
    return html.Div(
        className="fact",
        **data(kpi=key),
        children=[html.Dt(word, title=question), html.Dd([value, html.Span(className="made")])],
    )
