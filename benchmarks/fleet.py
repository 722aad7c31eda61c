"""A fleet of any size for benchmarks: machines of every kind in turn, each with at least eight signals."""

from collections.abc import Mapping

from simulator.specs.kind import Kind

SIGNALS = 8
"""Signals of each machine; a kind with more keeps them."""
ONE_MORE = 'title = "one more"\nunit = "°C"\nrunning = 40\nidle = 20\nnoise = 0.01\n'
A_LINE = 100
"""Machines on one line."""


def machine_texts(count: int, kinds: Mapping[str, Kind], *, a_line: int = A_LINE) -> dict[str, str]:
    """The text of each machine's file, by its name.

    Args:
        count: How many machines.
        kinds: Of which kinds, in turn.
        a_line: Machines on one line.
    """
    # A compressor answers to every machine that draws air, wherever it stands.
    names = [name for name in sorted(kinds) if kinds[name].makes_parts]
    texts = {}
    for number in range(count):
        kind = kinds[names[number % len(names)]]
        more = "".join(
            f"\n[signals.more_{extra}_c]\n{ONE_MORE}" for extra in range(max(0, SIGNALS - len(kind.sensors)))
        )
        line = f"line-{number // a_line:03d}"
        texts[f"machine-{number:05d}"] = f'kind = "{kind.name}"\nline = "{line}"\n{more}'
    return texts
