"""What a machine was doing in a window: intervals that tile it."""

from typing import Any

from dashboard.api.question import Question
from protocol.moments import to_text

COLUMNS = ("start", "end", "state", "cause", "reason")


def intervals(question: Question) -> dict[str, Any]:
    """What a machine was doing, tiled over the window."""
    run, source = question.run, question.source
    machine = question.machine(run)
    from_ms, to_ms = question.window(run)
    found = question.sources.reader.intervals(run.run, machine.name, from_ms, to_ms, source=source)
    return {
        **question.head(run, from_ms, to_ms),
        "machine": machine.name,
        "intervals": [
            {
                "start": to_text(start),
                "end": to_text(end),
                "state": state.value,
                "cause": cause,
                "reason": None,
            }
            for start, end, state, cause in found
        ],
    }
