"""The machines' folder, watched: a file that comes, changes or goes is a machine that does.

It is looked at twice a second, because the system's own notices of changes do not cross the mounts
of a container.
"""

import logging
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

from simulator.specs.check import wrong_place
from simulator.specs.kind import Kind
from simulator.specs.line import line_problems
from simulator.specs.machine import MachineSpec, SpecError, parse_machine
from simulator.specs.settings import printable, read_text

logger = logging.getLogger(__name__)

LOOK_S = 0.5
"""Real seconds between two looks."""
LOOK_SHARE = 50
"""Between two looks there are at least so many times as many seconds as one takes."""
SETTLE_S = 1.0
"""A wrong file that is younger may still be being written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What became of one file."""

    file: str
    """The file as a person would name it: folder and name."""
    name: str
    """Name of the machine."""
    spec: MachineSpec | None = None
    """The machine, new or changed; None when its file is gone or wrong."""
    wrong: str = ""
    """What is wrong with the file, and what is allowed; the machine stays as it was."""


@dataclass(slots=True)
class _Seen:
    stamp: tuple[int, int]
    """Time of change in ns, and size."""
    since_s: float
    judged: bool = False


class MachinesFolder:
    """The folder with a file for each machine.

    Args:
        folder: The folder.
        kinds: The kinds by name.
        clock: Real seconds, going up.
        bench: The machines of the calibration bench, whose names are taken whether it stands or not.
    """

    def __init__(
        self,
        folder: Path,
        kinds: Mapping[str, Kind],
        *,
        clock: Callable[[], float],
        bench: Sequence[MachineSpec] = (),
    ) -> None:
        self.folder = folder
        self.others: Sequence[MachineSpec] = ()
        """The machines that an order put up or changed: beside these, too, the files must fit."""
        self.rests = False
        """Whether nobody looks: a run that is lived again has the machines of its record."""
        self._kinds = kinds
        self._bench = tuple(bench)
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._specs: dict[str, MachineSpec] = {}
        self._on_line: defaultdict[str, set[str]] = defaultdict(set)
        """The machines that stand in a place, by its name."""
        self._fed: set[str] = set()
        """Machines after which another comes, or came."""
        self._next_s = clock()
        self._unreadable = False

    def adopt(self, specs: Mapping[str, MachineSpec]) -> None:
        """Take these machines for known: only what differs from them is news."""
        for name in list(self._specs):
            self._forget(name)
        for spec in specs.values():
            self._know(spec)

    def texts(self) -> dict[str, str]:
        """The machines as they were last seen: the text of each one's file by its name."""
        return {name: spec.text for name, spec in self._specs.items()}

    def due_s(self) -> float:
        """Real seconds until the next look."""
        return inf if self.rests else max(0.0, self._next_s - self._clock())

    def look(self, *, patient: bool = True) -> list[News]:
        """What has changed since the last look, those that went first.

        Args:
            patient: False to judge every file at once, also one that may still be being written.
        """
        now_s = self._clock()
        files = self._files()
        # A large folder is looked at less often: it may not cost more than a small share of the time.
        self._next_s = now_s + max(LOOK_S, LOOK_SHARE * (self._clock() - now_s))
        if files is None:
            return []
        news = [
            News(file=str(self.folder / f"{name}.toml"), name=name)
            for name in self._specs
            if name not in files
        ]
        for name in [name for name in self._seen if name not in files]:
            del self._seen[name]
        for one in news:
            self._forget(one.name)
        for name, (file, stamp) in files.items():
            seen = self._seen.get(name)
            if seen is None or seen.stamp != stamp:
                seen = self._seen[name] = _Seen(stamp, now_s)
            if not seen.judged:
                verdict = self._judge(name, Path(file))
                seen.judged = verdict is None or not verdict.wrong or not patient
                seen.judged = seen.judged or now_s - seen.since_s >= SETTLE_S
                if verdict is not None and seen.judged:
                    news.append(verdict)
        return news

    def _files(self) -> dict[str, tuple[str, tuple[int, int]]] | None:
        files = {}
        try:
            with os.scandir(self.folder) as entries:
                for file in sorted(entries, key=lambda entry: entry.name):
                    if not file.name.endswith(".toml"):
                        continue
                    try:
                        status = file.stat()
                        stamp = (status.st_mtime_ns, status.st_size)
                    except OSError as error:
                        if file.is_symlink():
                            stamp = (0, 0)  # to nowhere: who reads it says so
                        elif isinstance(error, FileNotFoundError):
                            continue  # it went while we were looking
                        else:
                            raise
                    files[printable(file.name.removesuffix(".toml"))] = (file.path, stamp)
        except OSError as error:
            if not self._unreadable:
                logger.warning("cannot look into the machines' folder %s: %s", self.folder, error.strerror)
            self._unreadable = True
            return None
        self._unreadable = False
        return files

    def _judge(self, name: str, file: Path) -> News | None:
        said = str(file.with_name(f"{name}.toml"))
        try:
            text = read_text(file)
            spec = parse_machine(text, file.name, self._kinds)
            self._check_place(spec)
        except SpecError as error:
            return News(file=said, name=name, wrong=str(error))
        known = self._specs.get(name)
        if known is not None and known.text == text:
            return None
        self._know(spec)
        return News(file=said, name=name, spec=spec)

    def _know(self, spec: MachineSpec) -> None:
        self._forget(spec.name)
        self._specs[spec.name] = spec
        for level in spec.location:
            self._on_line[level].add(spec.name)
        if spec.feed is not None:
            self._fed.add(spec.feed.after)

    def _forget(self, name: str) -> None:
        spec = self._specs.pop(name, None)
        for level in spec.location if spec else ():
            self._on_line[level].discard(name)

    def _check_place(self, spec: MachineSpec) -> None:
        """No machine may be called like a place: a topic could not tell one from the other."""
        if any(spec.name == one.name for one in self._bench):
            raise SpecError(
                f"{spec.name}.toml: file name {spec.name!r} is not allowed: a machine of the calibration "
                "bench is called so"
            )
        wrong = wrong_place(spec, self._near(spec))
        if wrong:
            raise SpecError(wrong)
        fed = spec.name in self._fed or any(one.feed and one.feed.after == spec.name for one in self.others)
        if spec.feed is not None or fed:
            # Only who takes parts from another, or gives them to one, has a place in an order.
            others = [one for one in (*self._specs.values(), *self.others) if one.name != spec.name]
            for problem in line_problems([*others, spec]):
                raise SpecError(problem)

    def _near(self, spec: MachineSpec) -> Iterable[MachineSpec]:
        """Those that it could be taken for: to go through all for each of thousands would take minutes."""
        names = [*spec.location, *sorted(self._on_line.get(spec.name, ()))]
        return (*(self._specs[name] for name in names if name in self._specs), *self._bench, *self.others)
