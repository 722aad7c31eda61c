"""The machines that other workers have, as far as they are heard of: a name is unique in the whole plant."""

from protocol.topics import BATCH, GATEWAY

MOST = 50_000
"""So many names are remembered."""


class Elsewhere:
    """Where the machines of other workers stand, by name."""

    def __init__(self) -> None:
        self._paths: dict[str, str] = {}
        self._levels: set[str] = set()
        """Every location that one of them was at, and perhaps is no longer."""

    def hear(self, topic: str, payload: bytes) -> None:
        """Take note of the machine on a topic of another worker; without its birth it is gone."""
        _, *levels, machine, kind = topic.split("/")
        if kind == "birth" and not payload:
            self._paths.pop(machine, None)
        elif machine not in {BATCH, GATEWAY} and len(self._paths) < MOST:
            self._paths[machine] = "/".join(levels)
            self._levels.update(levels)

    def path(self, machine: str) -> str | None:
        """The location of a machine of another worker; None when none is heard of."""
        return self._paths.get(machine)

    def is_twofold(self, machine: str, location: tuple[str, ...]) -> bool:
        """Whether one of them is named like a level of a location, or stands at one named like a machine."""
        # To go through all of them for each that comes would take a minute for ten thousand.
        stands = machine in self._levels and any(machine in one.split("/") for one in self._paths.values())
        return stands or any(level in self._paths for level in location)

    def clear(self) -> None:
        """Forget all: the broker is about to say again what it keeps."""
        self._paths.clear()
        self._levels.clear()
