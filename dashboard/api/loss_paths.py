"""What may be asked of losses, when they come, how they compare, stops and reasons."""

from dashboard.api.operation import (
    COMMON,
    ONE_OR_MANY,
    SOURCE,
    WINDOW,
    Operation,
    choice,
    get,
    json,
    parameter,
)
from dashboard.api.schema import COUNT, TEXT
from dashboard.losses.heat import LOST, MEASURES

LOSS_PATHS: dict[str, Operation] = {
    "/api/losses": get(
        "losses",
        "Where the time went, from calendar time to good parts, and which loss and cause cost most",
        [
            *WINDOW,
            *ONE_OR_MANY,
            parameter(
                "by",
                "Whether the costliest loss is what took most time, or what came most often",
                choice("time", "count", default="time"),
            ),
            SOURCE,
            *COMMON,
        ],
        json("Losses"),
    ),
    "/api/losses/compare": get(
        "compareLosses",
        "The waterfall of a window beside that of an earlier window, or of another machine or line: each "
        "step's difference in time, and in points of planned time",
        [
            *WINDOW,
            *ONE_OR_MANY,
            parameter(
                "against",
                "What it is held against: `before` (the stretch before it; for a shift as much of the shift "
                "before), `day` or `week` (the same times one or seven days earlier), `machine:NAME` or "
                "`line:NAME` in the same window",
                TEXT,
                required=True,
            ),
            SOURCE,
            *COMMON,
        ],
        json("ComparedLosses"),
    ),
    "/api/heat": get(
        "heat",
        "When time is lost: a loss, or a number, by local hour and production day, of at most 1,000 hours",
        [
            *WINDOW,
            *ONE_OR_MANY,
            parameter(
                "measure",
                "A loss, as part of planned time, or a number; `lost` is every loss of planned, known time",
                choice(*MEASURES, default=LOST),
            ),
            SOURCE,
            *COMMON,
        ],
        json("Heat"),
    ),
    "/api/stops": get(
        "stops",
        "The stops of a window with their reasons, longest first",
        [
            parameter(
                "micro",
                "Whether micro-stops are listed each, or left to `groups`, which has them by cause",
                choice("each", "grouped", default="each"),
            ),
            parameter(
                "waited",
                "Whether each stop says what it waited for: cut where somebody was called, heard it, came",
                choice("true", "false", default="false"),
            ),
            parameter("group", "Words of one of `groups`, whose micro-stops alone are listed", TEXT),
            *WINDOW,
            *ONE_OR_MANY,
            parameter(
                "limit",
                "How many are given at most",
                {**COUNT, "minimum": 1, "maximum": 10_000, "default": 100},
            ),
            SOURCE,
            *COMMON,
        ],
        json("Stops"),
    ),
    "/api/reasons": get("reasons", "The reasons that a person can choose from", [], json("Reasons")),
}
"""The paths of losses."""
