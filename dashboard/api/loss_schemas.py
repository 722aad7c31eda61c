"""What answers about losses, stops and reasons look like, as JSON Schema."""

from dashboard.api.schemas import (
    COUNT,
    FLAG,
    HEAD,
    MOMENT,
    NUMBER,
    STATE,
    TEXT,
    Schema,
    listed,
    optional,
    record,
    said,
)

_SECONDS: Schema = {"type": "number", "minimum": 0}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_SELECTION: dict[str, Schema] = {"machine": optional(TEXT), "line": optional(TEXT)}
_BAR: dict[str, Schema] = {
    "word": TEXT,
    "lost_s": _SECONDS,
    "stops": COUNT,
    "share": said(optional(_SHARE), "Of all that was lost, by what the Pareto is ordered by"),
    "cumulative": said(optional(_SHARE), "Its share and those of all before it"),
}

LOSS_SCHEMAS: dict[str, Schema] = {
    "Losses": record(
        {
            **HEAD,
            **_SELECTION,
            "waterfall": record(
                {
                    "calendar_s": _SECONDS,
                    "good_s": said(NUMBER, "Time that good parts take at the ideal cycle"),
                    "unaccounted_s": said(NUMBER, "calendar less all steps less good: 0"),
                    "ideal_cycle_s": said(optional(NUMBER), "Null where machines of several are added up"),
                    "steps": listed(
                        record(
                            {
                                "key": TEXT,
                                "word": TEXT,
                                "level": said(FLAG, "True for what is left, false for what is taken away"),
                                "seconds": said(NUMBER, "Below 0 only where the ideal cycle is wrong"),
                                "hours": NUMBER,
                                "left_s": NUMBER,
                                "parts": said(optional(NUMBER), "seconds / ideal cycle"),
                                "charged_to": said(optional(TEXT), "Which factor of OEE it lowers"),
                                "flag": said(TEXT, "What is strange about it; empty when nothing is"),
                            }
                        )
                    ),
                }
            ),
            "pareto": record(
                {
                    "by": {"type": "string", "enum": ["time", "count"]},
                    "lost_s": _SECONDS,
                    "stops": COUNT,
                    "losses": listed(
                        record({"loss": TEXT, **_BAR, "causes": listed(record({"cause": TEXT, **_BAR}))})
                    ),
                }
            ),
        }
    ),
    "Stops": record(
        {
            **HEAD,
            **_SELECTION,
            "total": said(COUNT, "All stops of the window"),
            "shown": COUNT,
            "total_s": said(_SECONDS, "The time of all of them"),
            "stops": listed(
                record(
                    {
                        "machine": TEXT,
                        "start": MOMENT,
                        "end": MOMENT,
                        "seconds": _SECONDS,
                        "at": said(MOMENT, "The moment to name when a reason is given for it"),
                        "over": said(FLAG, "False while it lasts"),
                        "loss": TEXT,
                        "state": STATE,
                        "states": listed(STATE),
                        "cause": TEXT,
                        "reason": optional(TEXT),
                        "note": TEXT,
                        "given_by": {"type": "string", "enum": ["person", "rule", "none"]},
                        "micro": FLAG,
                    }
                )
            ),
        }
    ),
    "Reasons": record({"reasons": listed(record({"reason": TEXT, "loss": optional(TEXT)}))}),
}
