"""What answers look like, each by its name in the OpenAPI document."""

from dashboard.api.chain_schemas import LINK, SENTENCE
from dashboard.api.command_schemas import COMMAND_SCHEMAS
from dashboard.api.detail_schemas import DETAIL_SCHEMAS
from dashboard.api.faultlab_schemas import OF_FAULT_LAB
from dashboard.api.further_schemas import FURTHER
from dashboard.api.gain_schemas import GAIN_SCHEMAS
from dashboard.api.loss_schemas import LOSS_SCHEMAS
from dashboard.api.office_schemas import OF_OFFICE, WEBHOOK
from dashboard.api.row import FIELDS, WHOLE
from dashboard.api.schema import (
    COUNT,
    DATE,
    FLAG,
    HEAD,
    MOMENT,
    NUMBER,
    STATE,
    TEXT,
    UNITS,
    Schema,
    fixed,
    listed,
    optional,
    record,
    ref,
    said,
)
from dashboard.api.session_paths import SESSION_SCHEMAS

NUMBERS: dict[str, Schema] = {
    field.key: said(
        optional(UNITS[field.unit]) if field.nullable and field.key not in WHOLE else UNITS[field.unit],
        field.words,
    )
    for field in FIELDS
}
_KPIS: dict[str, Schema] = {
    **HEAD,
    "machine": optional(TEXT),
    "line": optional(TEXT),
    **NUMBERS,
}
_STRETCH: dict[str, Schema] = {
    "start": MOMENT,
    "end": MOMENT,
    "clipped": said(FLAG, "True when the window cuts it, so that it is not whole"),
}
ROWS: dict[str, Schema] = {
    "machine": record({"machine": TEXT, "line": TEXT, **NUMBERS}),
    "line": record({"line": TEXT, "machines": COUNT, **NUMBERS}),
    "plant": record({"machines": COUNT, **NUMBERS}),
    "hour": record({**_STRETCH, **NUMBERS}),
    "shift": record({"shift": TEXT, "date": DATE, **_STRETCH, **NUMBERS}),
    "day": record({"date": DATE, **_STRETCH, **NUMBERS}),
}
"""One row for each kind of `by`."""

SCHEMAS: dict[str, Schema] = {
    **FURTHER,
    **COMMAND_SCHEMAS,
    **SESSION_SCHEMAS,
    **OF_OFFICE,
    **DETAIL_SCHEMAS,
    **GAIN_SCHEMAS,
    **OF_FAULT_LAB,
    **LOSS_SCHEMAS,
    "Error": record(
        {
            "error": said(TEXT, "A sentence: what was wrong, and what is allowed"),
            "parameter": TEXT,
            "value": optional(TEXT),
            "allowed": TEXT,
        }
    ),
    "Unreadable": record({"error": TEXT}),
    "Runs": listed(
        record(
            {
                "run": TEXT,
                "epoch": MOMENT,
                "now": said(MOMENT, "Plant time up to which it is kept"),
                "seed": said(optional(TEXT), "Of its random numbers, in digits; null without one"),
            }
        )
    ),
    "Machines": listed(
        record(
            {
                "name": TEXT,
                "path": said(TEXT, "Its location; empty outside every line"),
                "kind": TEXT,
                "state": STATE,
                "since": MOMENT,
                "simulated": FLAG,
                "cause": TEXT,
                "how": {"type": "string", "enum": ["reported", "sensed", "learned"]},
                "known_until": MOMENT,
                "run": TEXT,
            }
        )
    ),
    "Refused": listed(record({"at": MOMENT, "topic": TEXT, "reason": TEXT, "head": TEXT})),
    "Kpis": {"oneOf": [ref("KpisOfMachine"), ref("KpisOfMachines"), ref("KpiRows")]},
    "KpisOfMachine": record({**_KPIS, "machine": TEXT}),
    "KpisOfMachines": record(
        {
            **_KPIS,
            "machine": {"type": "null"},
            "machines": {"type": "object", "additionalProperties": record(NUMBERS)},
        }
    ),
    "KpiRows": {
        "oneOf": [
            record({**_KPIS, "by": fixed(kind), "rows": listed(ref(f"KpiRow{kind.title()}"))})
            for kind in ROWS
        ]
    },
    **{f"KpiRow{kind.title()}": row for kind, row in ROWS.items()},
    "Intervals": record(
        {
            **HEAD,
            "machine": TEXT,
            "intervals": listed(
                record(
                    {
                        "start": MOMENT,
                        "end": MOMENT,
                        "state": STATE,
                        "cause": said(TEXT, "What the machine or the line says; empty where nothing does"),
                        "reason": said(
                            optional(TEXT), "What a person or a rule says of its stop; null where nobody does"
                        ),
                    }
                )
            ),
        }
    ),
    "Readings": record(
        {
            "run": TEXT,
            "plant": fixed("monitored"),
            "from": MOMENT,
            "to": MOMENT,
            "machine": TEXT,
            "signal": TEXT,
            "unit": said(TEXT, "Empty where nothing says it"),
            "found": said(COUNT, "Readings, minutes and hours in the window, before they were reduced"),
            "single_from": said(
                optional(MOMENT),
                "From here on single readings are kept; before it, minutes, then hours; null: none",
            ),
            "readings": listed(
                record(
                    {
                        "at": MOMENT,
                        "value": said(NUMBER, "The reading, or the mean of the minute or hour"),
                        "low": said(NUMBER, "The smallest of the minute or hour; the reading itself"),
                        "high": said(NUMBER, "The largest of the minute or hour; the reading itself"),
                        "of": {"type": "string", "enum": ["reading", "minute", "hour"]},
                    }
                )
            ),
        }
    ),
    "Health": record(
        {
            "status": {"type": "string", "enum": ["ok", "degraded"]},
            "reason": said(TEXT, "A sentence that says what is not well; empty when all is"),
            "run": optional(TEXT),
            "now": said(optional(MOMENT), "Plant time up to which everything is worked out"),
            "age_s": said(optional(NUMBER), "Seconds since the office's newest word"),
            "watermark_lag_s": said(
                optional(NUMBER), "Plant time that is worked out and not yet in the history, in seconds"
            ),
            "unattended_since": said(
                optional(MOMENT),
                "Plant time since which the plant lives on without its office; null while it is not",
            ),
            "open_calls": said(optional(COUNT), "Calls for people that are open; null before they are heard"),
            "webhook": said(WEBHOOK, "How the delivery of calls goes; null without one"),
            "gaps": said(optional(COUNT), "Messages missing by their sequence numbers"),
            "repeats": said(optional(COUNT), "Messages that came again and changed nothing"),
            "refused": said(optional(COUNT), "Messages that could not be used"),
            "clocks_ahead": said(
                listed(record({"machine": TEXT, "ahead_s": NUMBER})),
                "Machines whose clock is ahead of the plant's by more than two minutes",
            ),
            "wall": said(MOMENT, "Real time of this answer"),
            "sentences": said(listed(SENTENCE), "What is wrong with the chain, the foremost first"),
            "chain": said(listed(LINK), "Each part that a reading passes, in order"),
        }
    ),
}
"""Every schema of the document by its name."""
