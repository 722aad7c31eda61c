"""What is assumed of the plant, where it comes from, and in which segments of a run it was something else."""

from itertools import zip_longest
from typing import Any

import msgspec

from dashboard.api.question import Question
from dashboard.history.assumed import assumptions_of, segments_of
from protocol.moments import to_text


def assumptions(question: Question) -> dict[str, Any]:
    """The assumptions of a run as they are at its end, and its segments in order."""
    run, reader = question.run, question.sources.reader
    found = segments_of(reader, run.run)
    return {
        "run": run.run,
        "assumptions": {
            key: msgspec.to_builtins(one) for key, one in assumptions_of(reader, run.run).items()
        },
        "segments": [
            {
                "from": to_text(one.from_ms),
                "until": None if later is None else to_text(later.from_ms),
                "label": one.label,
                "values": dict(one.values),
            }
            for one, later in zip_longest(found, found[1:])
        ],
    }
