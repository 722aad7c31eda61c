"""What lies between two machines: containers of parts, a bounded number of them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.behaviour.train import Train


@dataclass(slots=True, kw_only=True, eq=False)
class Buffer:
    """The containers between a machine and one after it."""

    container_parts: int
    """So many parts move at once."""
    room: int
    """So many containers find room."""
    before: "Train | None" = None
    """Who fills it."""
    after: "Train | None" = None
    """Who empties it."""
    level: int = 0
    """Full containers in it."""
    came: int = 0
    """Containers that were ever put in."""
    went: int = 0
    """Containers that were ever taken out."""

    @property
    def free(self) -> int:
        """Containers that still find room."""
        return self.room - self.level

    def put(self) -> None:
        """A full container comes in."""
        self.level += 1
        self.came += 1
        if self.after is not None:
            self.after.material_came()

    def take(self) -> None:
        """A full container goes out, and whoever stands before a full buffer may put one in."""
        self.level -= 1
        self.went += 1
        if self.before is not None:
            self.before.room_came()
