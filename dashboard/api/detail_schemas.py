"""Schemas of what one machine's page asks: parts against plan, cycles, and messages as they came."""

from dashboard.api.schema import (
    COUNT,
    FLAG,
    HEAD,
    MOMENT,
    NUMBER,
    TEXT,
    Schema,
    fixed,
    listed,
    optional,
    record,
    said,
)

_ONE = {**HEAD, "machine": TEXT}
_IDEAL = said(optional(NUMBER), "Shortest time for a part, as the birth states it")
_MISSING = said(TEXT, "Why there is nothing, in words; empty where there is something")
_STEPS = listed(record({"at": MOMENT, "parts": NUMBER}))

DETAIL_SCHEMAS: dict[str, Schema] = {
    "Pace": record(
        {
            **_ONE,
            "ideal_cycle_s": _IDEAL,
            "missing": _MISSING,
            "pace": {
                **record(
                    {
                        "made": said(COUNT, "Parts made in planned time of the window, rejects included"),
                        "due": said(NUMBER, "Planned time so far / ideal cycle"),
                        "whole": said(NUMBER, "The same at the end of what was asked"),
                        "gap_parts": said(NUMBER, "made - due: below 0 it is behind"),
                        "gap_s": said(NUMBER, "The same as time at the ideal pace"),
                        "steps": said(_STEPS, "Parts since the beginning, whenever one was made"),
                        "plan": said(_STEPS, "The corners of the plan, from edge to edge"),
                    }
                ),
                "type": ["object", "null"],
            },
        }
    ),
    "Cycles": record(
        {
            **_ONE,
            "ideal_cycle_s": _IDEAL,
            "missing": _MISSING,
            "cycles": {
                **record(
                    {
                        "count": said(COUNT, "Cycles in all"),
                        "median_s": NUMBER,
                        "mean_s": NUMBER,
                        "width_s": said(NUMBER, "Width of each bar"),
                        "from_s": said(NUMBER, "Where the first bar begins"),
                        "bars": listed(COUNT),
                        "longer": said(COUNT, "Cycles longer than the last bar"),
                    }
                ),
                "type": ["object", "null"],
            },
        }
    ),
    "Messages": record(
        {
            "run": TEXT,
            "plant": fixed("monitored"),
            "machine": TEXT,
            "topic": said(TEXT, "Where its readings come"),
            "gateway": said(TEXT, "The gateway that speaks for it; empty for none"),
            "at": said(optional(MOMENT), "The moment asked for; null for the newest"),
            "kept_from": said(optional(MOMENT), "Since when its messages are kept; null: none is"),
            "messages": listed(
                record(
                    {
                        "stamped": said(MOMENT, "The plant time from which its offsets count"),
                        "until": said(MOMENT, "The plant time of the last that it says"),
                        "received": said(MOMENT, "Wall time at which ingest took it in"),
                        "bytes": COUNT,
                        "payload": said(TEXT, "What was said; of a very long message its beginning"),
                        "whole": FLAG,
                        "way": record(
                            {
                                "sent": said(
                                    optional(MOMENT), "Wall time at which the plant began to send its tick"
                                ),
                                "committed": said(optional(MOMENT), "Wall time of its commit"),
                                "told": said(optional(MOMENT), "Wall time at which pages were told"),
                            }
                        ),
                    }
                )
            ),
        }
    ),
}
"""Schemas by their names."""
