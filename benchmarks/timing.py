"""How long questions take, by the clock on the wall and of CPU, and whether that is within a target."""

# ruff: noqa: T201 - it prints what it measured
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time

Window = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of each question, one or more."""

    wall: list[float]
    """By the clock on the wall, in which other work on the same cores shows."""
    cpu: list[float]
    """Of CPU in this process, which it does not add to, but for what it drives out of the caches."""

    @classmethod
    def of(cls, ask: Callable[[Window], object], windows: Sequence[Window], *, warm: int = 1) -> "Times":
        """How long each window takes, the first one warming up."""
        for window in windows[:warm]:
            ask(window)
        found = cls([], [])
        for window in windows:
            wall, cpu = perf_counter(), process_time()
            ask(window)
            found.wall.append((perf_counter() - wall) * 1e3)
            found.cpu.append((process_time() - cpu) * 1e3)
        return found

    def add(self, other: "Times") -> None:
        """Take in more questions."""
        self.wall.extend(other.wall)
        self.cpu.extend(other.cpu)

    def row(self, name: str, target_ms: float | None = None) -> list[str]:
        """A row of a table: CPU and wall, each as median, 95 % within and longest; how many are in time."""
        cells = [name]
        for column in (self.cpu, self.wall):
            ordered = sorted(column)
            shown = (median(ordered), ordered[int(len(ordered) * 0.95)], ordered[-1])
            cells.append(", ".join(f"{one:,.2f}" if one < 10 else f"{one:,.0f}" for one in shown))  # noqa: PLR2004
        for column in (self.cpu, self.wall):
            within = sum(one < target_ms for one in column) if target_ms is not None else 0
            cells.append("" if target_ms is None else f"{within} of {len(column)}")
        return cells

    def show(self, name: str, target_ms: float | None = None) -> None:
        """Print median, 95th percentile and longest, and whether every one of them is within the target."""
        parts = []
        for what, column in (("wall", self.wall), ("CPU", self.cpu)):
            ordered = sorted(column)
            high = ordered[int(len(ordered) * 0.95)]
            parts.append(f"{what} {median(ordered):9.2f} {high:9.2f} {ordered[-1]:9.2f}")
        verdict = ""
        if target_ms is not None:
            within = [
                f"{sum(one < target_ms for one in column)} of {len(column)} by {what}"
                for what, column in (("CPU", self.cpu), ("wall", self.wall))
            ]
            verdict = f"  under {target_ms:g} ms: {', '.join(within)}"
        print(f"{name:36} {'; '.join(parts)}{verdict}", flush=True)
