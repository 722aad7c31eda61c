"""What a plant tells of its kinds and machines, for people to read."""

from protocol.messages import PlantResult


def listing(result: PlantResult) -> str:
    """A line for each kind or machine of a result; empty when it brings none."""
    lines = [
        f"{name}: {kind.title}; {', '.join(f'{one.key} = {one.value:g}' for one in kind.settings)}"
        for name, kind in result.kinds.items()
    ]
    lines += [
        f"{name}: by {one.by}{', paused' if one.paused else ''}" for name, one in result.machines.items()
    ]
    return "\n".join(lines)
