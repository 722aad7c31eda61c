"""The steps between calendar time and good parts: their words, and what each means."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the waterfall: time that is taken away."""

    word: str
    """How the page calls it."""
    meaning: str
    """What falls into it."""


STEPS: dict[str, Step] = {
    "off": Step("off shift", "no shift was planned"),
    "holiday": Step("holidays", "a holiday of the calendar"),
    "break": Step("breaks", "planned breaks within shifts"),
    "maintenance": Step("planned maintenance", "maintenance that the calendar knows"),
    "unknown": Step("unknown", "planned time without data: not known to be lost, nor used"),
    "setup": Step("setup", "being prepared for another job"),
    "down": Step("breakdowns", "not able to run: broken, jammed or being repaired"),
    "starved": Step("starved", "nothing came from before it in the line"),
    "blocked": Step("blocked", "no room behind it in the line"),
    "idle": Step("waiting", "able to run, and not running: people, material, handling"),
    "stopped": Step("stopped, cause unknown", "not running; its power does not tell why"),
    "micro-stop": Step("micro-stops", "short stops with running directly before and after"),
    "uncounted": Step(
        "running, parts not counted", "running time of machines without counter or ideal cycle"
    ),
    "speed": Step("reduced speed", "running time less the ideal time of the parts counted in it"),
    "rejects": Step("rejects", "ideal time of the parts that were rejected"),
    "startup": Step("start-up rejects", "ideal time of the parts rejected while starting up"),
}
"""Every step by its key, in the order of the waterfall with the recommended choices."""
LEVELS: dict[str, str] = {
    "calendar": "calendar time",
    "planned": "planned",
    "observed": "observed",
    "running": "running",
    "good": "good parts",
}
"""What is left after the steps before it."""
STOPS = ("setup", "down", "starved", "blocked", "idle", "stopped", "micro-stop")
"""Uses of planned, known time in which a machine does not run."""
NOT_TOLD = "cause not told"
"""The second level of what has neither cause nor reason."""
