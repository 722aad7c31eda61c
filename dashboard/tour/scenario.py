"""The scenario of a tour: its steps in order, from one TOML file that is checked before anybody sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dashboard.settings import fields_of, text_of
from dashboard.tour.fields import Fields, TourError
from dashboard.tour.step import (
    GAP,
    LONGEST_SENTENCE,
    LONGEST_TITLE,
    MOST_SENTENCES,
    Part,
    Step,
    part_of,
    step_of,
)

DEFAULT_FILE = Path(__file__).parents[1] / "tour.toml"
"""The tour of the demo."""
MOST_STEPS = 40
UNDONE_BY = {"clear": "fault", "remove": "add"}
"""What may only be asked because a step before asked for the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """A scenario."""

    title: str
    """What the tour is about."""
    text: tuple[str, ...]
    """What is said before it begins; `{minutes}` is how long it takes by itself."""
    seed: int
    """The seed with which it offers to start over, so that it meets the same history every time."""
    cast: Mapping[str, Part]
    """Who plays the parts that its steps name."""
    steps: tuple[Step, ...]
    """Its steps, in order."""

    @classmethod
    def read(cls, file: Path = DEFAULT_FILE) -> "Tour":
        """The tour in a TOML file.

        Raises:
            TourError: Names the file, the step, the key, the value and what is allowed.
        """
        return cls.of(text_of(file, TourError), file.name)

    @classmethod
    def of(cls, text: str, source: str = "tour.toml") -> "Tour":
        """The tour in the text of a TOML file.

        Raises:
            TourError: Names the file, the step, the key, the value and what is allowed.
        """
        fields = Fields(fields_of(text, source, TourError), source)
        cast = {name: part_of(one, name) for name, one in fields.table_of_tables("cast").items()}
        tour = cls(
            title=fields.line("title", LONGEST_TITLE),
            text=fields.lines("text", MOST_SENTENCES, LONGEST_SENTENCE),
            seed=fields.whole("seed"),
            cast=cast,
            steps=tuple(step_of(one, cast) for one in fields.tables("step", MOST_STEPS)),
        )
        fields.done()
        for known in tour.text:
            for gap in GAP.findall(known):
                if gap != "minutes":
                    raise TourError(
                        f"{source}: key 'text': {{{gap}}} is no number of a tour: allowed is {{minutes}}"
                    )
        _in_order(tour.steps, source)
        return tour

    @property
    def stay_s(self) -> float:
        """How long it takes by itself, in real seconds."""
        return sum(step.stay_s for step in self.steps)

    def answer(self) -> dict[str, Any]:
        """What the player is told, as JSON."""
        return {
            "title": self.title,
            "text": self.text,
            "seed": self.seed,
            "minutes": round(self.stay_s / 60),
            "cast": {name: asdict(part) for name, part in self.cast.items()},
            "steps": [_told(step) for step in self.steps],
        }


def _in_order(steps: Sequence[Step], source: str) -> None:
    """Whether each name is there once, and nothing is undone that no step before has done."""
    seen: set[str] = set()
    done: list[Mapping[str, Any]] = []
    for step in steps:
        where = f"{source}: step {step.name!r}"
        if step.name in seen:
            raise TourError(f"{where}: key 'name': it is there twice: allowed is each name once")
        seen.add(step.name)
        if step.does is None:
            continue
        before = UNDONE_BY.get(step.does["what"])
        if before is not None and not any(
            one["what"] == before and _of(one) == _of(step.does) for one in done
        ):
            raise TourError(
                f"{where}: key 'do': {step.does['what']} of {_of(step.does)[0]!r}: "
                f"allowed is one that undoes the {before} of a step before it"
            )
        done.append(step.does)


def _of(command: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a command is about."""
    return tuple(command.get(key) for key in ("machine", "fault", "signal"))


def _told(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "page": step.page,
        "point": step.point,
        "title": step.title,
        "text": step.text,
        "stay_s": step.stay_s,
        "read": {name: asdict(one) for name, one in step.read.items()},
        "do": None if step.does is None else dict(step.does),
        "wait": None if step.wait is None else asdict(step.wait),
        "otherwise": step.otherwise,
        "links": [asdict(one) for one in step.links],
    }
