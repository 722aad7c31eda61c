"""The command with which other things are assumed of the plant."""

import argparse
from collections.abc import Callable

from simulator.specs.assumptions import ALL, FORMS, Value

SWITCHED = {"on": True, "true": True, "off": False, "false": False}


def add_assume(row: Callable[..., argparse.ArgumentParser]) -> None:
    """Add `assume`."""
    assume = row(
        "assume",
        "assume something else of the plant: from now on, in a new segment of the run",
        lambda asked: {"values": dict(asked.values)},
    )
    assume.add_argument(
        "values",
        nargs="+",
        type=assumed,
        metavar="KEY=VALUE",
        help="calls=off, rounds_s=600, on_shift=anna,ben, on_shift=all; known are " + ", ".join(FORMS),
    )


def assumed(text: str) -> tuple[str, Value]:
    """One assumption as it is written on a command line, `rounds_s=600`."""
    key, equals, said = text.partition("=")
    form = FORMS.get(key)
    if form is None or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed: KEY=VALUE, KEY one of {', '.join(FORMS)}")
    if form.sort == "switch":
        if said not in SWITCHED:
            raise argparse.ArgumentTypeError(f"{text!r} is not allowed: {key}=on or {key}=off")
        return key, SWITCHED[said]
    if form.sort == "persons":
        return key, ALL if said == ALL else tuple(said.split(","))
    try:
        return key, float(said)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed: {key}= and a number") from None
