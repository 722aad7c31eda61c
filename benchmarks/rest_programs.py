"""What programs take at rest: CPU and memory of a process and of all that it has started."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WHAT = {
    "dashboard ingest": "ingest", "dashboard web": "web", "simulator run": "simulator",
    "simulator replay": "recording", "demo study": "study", "mosquitto": "broker",
}  # fmt: skip
"""What a program is, by a part of its command line."""
EARLIER = "the demo itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one program takes."""

    cpu: float
    """Share of one core."""
    memory: float
    """Its memory in MB; what several processes share is divided among them."""


def at_rest(pid: int, seconds: float) -> dict[str, Taken]:
    """What a process and all below it take, by what they are, over some real seconds."""
    pids = dict(family(pid))
    before, began = {one: cpu_s(one) for one in pids}, time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - began
    found: dict[str, Taken] = {}
    for one, name in pids.items():
        try:
            cpu, memory = (cpu_s(one) - before[one]) / passed, _memory_mb(one)
        except OSError:
            # It has ended by itself: it takes nothing any more.
            continue
        known = found.get(name, Taken(cpu=0.0, memory=0.0))
        found[name] = Taken(cpu=known.cpu + cpu, memory=known.memory + memory)
    return found


def whole(taken: dict[str, Taken]) -> Taken:
    """All of them together."""
    return Taken(cpu=sum(one.cpu for one in taken.values()), memory=sum(one.memory for one in taken.values()))


def spent_s(pid: int) -> float:
    """CPU that a process and all below it have used so far, in seconds."""
    return sum(cpu_s(one) for one, _ in family(pid))


def family(pid: int) -> Iterator[tuple[int, str]]:
    """A process and all that it has started, each with what it is."""
    command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    yield pid, next((name for part, name in WHAT.items() if part in command), EARLIER)
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            yield from family(int(child))


def cpu_s(pid: int) -> float:
    """CPU that a process has used so far, in seconds."""
    # The clock of another process: its number as clock_getcpuclockid() would work it out.
    return time.clock_gettime((~pid << 3) | 2)


def _memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
