"""How machines follow each other, and what is wrong with that."""

from collections.abc import Iterable

from simulator.specs.machine import MachineSpec


def line_problems(specs: Iterable[MachineSpec]) -> list[str]:
    """What is wrong with the order of machines, one sentence each; empty when all is well.

    That a machine comes after one which is not there is not wrong: it has material without end until then.
    """
    by_name = {spec.name: spec for spec in specs}
    problems: list[str] = []
    followers: dict[str, list[MachineSpec]] = {}
    for spec in by_name.values():
        if spec.feed is None:
            continue
        before = by_name.get(spec.feed.after)
        if before is not None and (not before.settings.makes_parts or before.settings.pattern):
            problems.append(_refusal(spec, "a machine that makes parts, and follows no pattern"))
        elif _circle(spec, by_name):
            problems.append(_refusal(spec, "a machine that does not itself come after this one"))
        followers.setdefault(spec.feed.after, []).append(spec)
    for name, several in followers.items():
        first, *others = several
        for other in others:
            if not (first.feed and other.feed and first.feed.buffer_parts and other.feed.buffer_parts):
                problems.append(
                    _refusal(
                        other, f"another machine: {name} has two after it, and one of them without a buffer"
                    )
                )
            elif other.feed.container_parts != first.feed.container_parts:
                problems.append(
                    f"{other.name}.toml: key 'container_parts': {other.feed.container_parts} is not allowed: "
                    f"{first.feed.container_parts}, as {first.name} has, which comes after {name} too"
                )
    return problems


def _circle(spec: MachineSpec, by_name: dict[str, MachineSpec]) -> bool:
    seen: set[str] = set()
    at: MachineSpec | None = spec
    while at is not None and at.feed is not None and at.name not in seen:
        seen.add(at.name)
        at = by_name.get(at.feed.after)
    return at is not None and at.name == spec.name and bool(seen)


def _refusal(spec: MachineSpec, allowed: str) -> str:
    after = spec.feed.after if spec.feed else ""
    return f"{spec.name}.toml: key 'after': {after!r} is not allowed: {allowed}"
