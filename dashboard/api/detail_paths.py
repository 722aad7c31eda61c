"""Paths about one machine: parts against plan, cycles, and messages as they came."""

from dashboard.api.operation import (
    COMMON,
    MACHINE,
    MOMENTS,
    WINDOW,
    Operation,
    get,
    json,
    parameter,
)
from dashboard.api.schema import COUNT, TEXT

DETAIL_PATHS: dict[str, Operation] = {
    "/api/pace": get(
        "pace",
        "Parts against plan: what a machine made, beside its ideal pace held in all planned time",
        [
            *WINDOW,
            parameter("until", f"Up to when the plan is given, beyond the run's now: {MOMENTS}", TEXT),
            MACHINE,
            *COMMON,
        ],
        json("Pace"),
    ),
    "/api/cycles": get(
        "cycles",
        "How long the parts of a machine took: running time from one to the next, as a histogram",
        [*WINDOW, MACHINE, *COMMON],
        json("Cycles"),
    ),
    "/api/messages": get(
        "messages",
        "The newest messages of a machine as they came, or those that tell of a moment, each with its way",
        [
            MACHINE,
            parameter("at", f"The moment: {MOMENTS}; without it the newest messages", TEXT),
            parameter(
                "limit",
                "How many are given at most",
                {**COUNT, "minimum": 1, "maximum": 50, "default": 5},
            ),
            *COMMON,
        ],
        json("Messages"),
    ),
}
"""Every path with what may be asked there."""
