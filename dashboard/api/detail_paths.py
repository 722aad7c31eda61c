"""Paths about one machine: parts against plan, cycles, and messages as they came."""

from dashboard.api.operation import (
    COMMON,
    MACHINE,
    MOMENT_WORDS,
    WINDOW,
    Operation,
    got,
    of_json,
    parameter,
)
from dashboard.api.schema import COUNT, TEXT

DETAIL_PATHS: dict[str, Operation] = {
    "/api/pace": got(
        "pace",
        "Parts against plan: what a machine made, beside its ideal pace held in all planned time",
        [
            *WINDOW,
            parameter("until", f"Up to when the plan is given, beyond the run's now: {MOMENT_WORDS}", TEXT),
            MACHINE,
            *COMMON,
        ],
        of_json("Pace"),
    ),
    "/api/cycles": got(
        "cycles",
        "How long the parts of a machine took: running time from one to the next, as a histogram",
        [*WINDOW, MACHINE, *COMMON],
        of_json("Cycles"),
    ),
    "/api/messages": got(
        "messages",
        "The newest messages of a machine as they came, or those that tell of a moment, each with its way",
        [
            MACHINE,
            parameter("at", f"The moment: {MOMENT_WORDS}; without it the newest messages", TEXT),
            parameter(
                "limit",
                "How many are given at most",
                {**COUNT, "minimum": 1, "maximum": 50, "default": 5},
            ),
            *COMMON,
        ],
        of_json("Messages"),
    ),
}
"""Every path with what may be asked there."""
