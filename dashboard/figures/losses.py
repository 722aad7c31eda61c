"""Where bars of losses stand, how dark a cell is, and the colour of each loss: from numbers to places.

The bars stand in the rows of their tables, so that a chart and its text are one.
"""

from collections.abc import Sequence

LEVEL = "var(--muted)"
PLANNED_STOP = "#a3adb8"
COLOURS = {
    "off": PLANNED_STOP,
    "holiday": PLANNED_STOP,
    "break": PLANNED_STOP,
    "maintenance": PLANNED_STOP,
    "unknown": "var(--unknown)",
    "setup": "var(--setup)",
    "down": "var(--down)",
    "starved": "#c48a00",
    "blocked": "#b06f10",
    "idle": "var(--idle)",
    "stopped": "var(--stopped)",
    "micro-stop": "#e58a4e",
    "uncounted": "#7cc0ad",
    "speed": "#5f8f3f",
    "rejects": "#a8437e",
    "startup": "#c983ab",
    "good": "var(--running)",
}
"""The colour of each step: those of a state are as everywhere; a word always goes with them."""
Style = dict[str, str]


def fall_place(us: int, left_us: int, reach_us: int, *, level: bool) -> Style:
    """Where the bar of a waterfall's row stands: a level from zero, a step between before and after.

    A step that gives back, as a wrong ideal cycle makes it, stands to the right of what was left before.

    Args:
        us: Its time in microseconds; of a step it may be negative.
        left_us: What is left after it.
        reach_us: Time at the right edge.
        level: Whether it is what is left, and not what is taken away.

    >>> fall_place(4, 4, 8, level=True), fall_place(2, 4, 8, level=False), fall_place(-2, 4, 8, level=False)
    ({'left': '0%', 'width': '50%'}, {'left': '50%', 'width': '25%'}, {'left': '25%', 'width': '25%'})
    """
    begun_us = 0 if level else min(left_us, left_us + us)
    return _place(begun_us, abs(us), reach_us)


def bar_place(value: float, most: float) -> Style:
    """Where a bar that begins at zero stands; nothing of nothing.

    >>> bar_place(1, 4), bar_place(0, 0)
    ({'left': '0%', 'width': '25%'}, {'left': '0%', 'width': '0%'})
    """
    return _place(0, max(value, 0), most)


def reach_of(amounts: Sequence[tuple[int, int, bool]]) -> int:
    """Time at the right edge of waterfalls, by (us, left_us, level) of their rows."""
    return max((us if level else max(left_us, left_us + us) for us, left_us, level in amounts), default=0)


def darkness(share: float | None, most: float) -> str:
    """How dark a cell is, from 0 to 1 in hundredths: its share of the largest one.

    >>> darkness(0.1, 0.4), darkness(None, 0.4), darkness(-0.1, 0.4), darkness(0.0, 0.0)
    ('0.25', '0', '0', '0')
    """
    return f"{min(max((share or 0) / most, 0.0), 1.0):.2f}".rstrip("0").rstrip(".") if most > 0 else "0"


def _place(begun: float, length: float, reach: float) -> Style:
    def percent(value: float) -> str:
        return f"{round(value / reach * 100, 3) if reach else 0:g}%"

    return {"left": percent(begun), "width": percent(length)}
