"""The kinds as a table, the file of a new machine, and everything that is wrong with a folder of them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from simulator.specs.kind import Kind
from simulator.specs.line import line_problems
from simulator.specs.machine import MachineSpec, load_machine, parse_machine
from simulator.specs.settings import SpecError, file_stem

TEMPLATE = """\
# {title}. The file's name is the machine's name.
kind = "{kind}"
line = "{line}"
# controller = false    # a retrofit: power, vibration and temperature, and no state of its own

# Any setting of simulator/kinds/{kind}.toml can be set here for this machine alone, such as:
# {setting}
{stop}"""


def kinds_table(kinds: Mapping[str, Kind]) -> str:
    """The kinds in a table for people: name, title, cycle, what stops it, what it measures."""
    rows = [("kind", "what it is", "cycle", "stops", "signals")]
    rows += [
        (
            kind.name,
            kind.title,
            f"{kind.cycle_s:g} s",
            ", ".join(stop.name for stop in kind.stops),
            ", ".join(sensor.name for sensor in kind.sensors),
        )
        for _, kind in sorted(kinds.items())
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def new_machine_file(kind: str, name: str, line: str, folder: Path, kinds: Mapping[str, Kind]) -> Path:
    """Write the file of a new machine, with comments on what can be set.

    Returns:
        The file.

    Raises:
        SpecError: Kind, name or line is not allowed, or the file exists or cannot be written.
    """
    file = folder / f"{name}.toml"
    # Only what a machine's own file would accept comes into the template.
    file_stem(f"{name}.toml")
    parse_machine(f"kind = {_quoted(kind)}\nline = {_quoted(line)}\n", f"{name}.toml", kinds)
    settings = kinds[kind]
    stop = f"# stops.{settings.stops[0].name}.every_h = 2\n" if settings.stops else ""
    stop = next((f"# stops.{one.name}.every_h = 2\n" for one in settings.stops if not one.counted), stop)
    leaks = settings.receiver and f"receiver.leak_m3_min = {settings.receiver.leak_m3_min:g}"
    setting = leaks or f"cycle_s = {settings.cycle_s:g}"
    text = TEMPLATE.format(kind=kind, line=line, title=settings.title, setting=setting, stop=stop)
    try:
        # "x" refuses a file that exists, also one that came a moment ago.
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError as error:
        raise SpecError(f"{file}: exists already: choose another name, or change that file") from error
    except OSError as error:
        raise SpecError(f"{file}: cannot be written: {error.strerror}") from error
    return file


def check_folder(machines_folder: Path, kinds: Mapping[str, Kind]) -> list[str]:
    """Everything that is wrong with the machines in a folder, one sentence each; empty when all is well."""
    if not machines_folder.is_dir():
        return [f"{machines_folder}: no such folder"]
    problems: list[str] = []
    specs: list[MachineSpec] = []
    for file in sorted(machines_folder.glob("*.toml")):
        try:
            specs.append(load_machine(file, kinds))
        except SpecError as error:
            problems.append(str(error))
    names = {spec.name for spec in specs}
    problems += [
        f"{spec.name}.toml: key 'after': {spec.feed.after!r} is not allowed: a machine in {machines_folder}"
        for spec in specs
        if spec.feed and spec.feed.after not in names
    ]
    return problems + clashes(specs)


def clashes(specs: Iterable[MachineSpec]) -> list[str]:
    """What is wrong with machines side by side: names, and the order in which parts pass them."""
    specs = tuple(specs)
    problems: list[str] = []
    by_name: dict[str, MachineSpec] = {}
    levels: dict[str, str] = {}
    for spec in specs:
        if spec.name in by_name:
            problems.append(
                f"{spec.name}.toml: a machine of that name stands in {'/'.join(by_name[spec.name].location)} "
                "already: a name is used once in the plant"
            )
        by_name[spec.name] = spec
        for level in spec.location:
            levels.setdefault(level, spec.name)
    problems += [
        f"{name}.toml: file name {name!r} is not allowed: {levels[name]}.toml calls a line so"
        for name in by_name
        if name in levels
    ]
    return problems + line_problems(specs)


def _quoted(text: str) -> str:
    # Every JSON string is a TOML string.
    return json.dumps(text)
