"""What answers look like, as JSON Schema 2020-12: objects have the properties listed and no others."""

from collections.abc import Mapping
from typing import Any

from dashboard.api.row import FIELDS, WHOLE
from dashboard.losses.words import LEVELS, STEPS, STOPS
from protocol.states import State

Schema = dict[str, Any]

MOMENT: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
    "description": "RFC 3339 in UTC with milliseconds",
}
DATE: Schema = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
STATE: Schema = {"type": "string", "enum": [state.value for state in State]}
_UNITS: dict[str, Schema] = {
    "seconds": {"type": "number", "minimum": 0},
    "count": {"type": "number", "minimum": 0},
    "fraction": {"type": "number", "minimum": 0, "maximum": 1},
    "ratio": {"type": "number", "minimum": 0},
}


def optional(schema: Schema) -> Schema:
    """The schema, or null where it is undefined."""
    return {**schema, "type": [schema["type"], "null"]}


def said(schema: Schema, words: str) -> Schema:
    """The schema with a description."""
    return {**schema, "description": words}


def fixed(value: str) -> Schema:
    """One word and no other."""
    return {"type": "string", "const": value}


def record(properties: Mapping[str, Schema], *, sometimes: tuple[str, ...] = ()) -> Schema:
    """An object of these properties, all of which are there but those that are only sometimes."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in sometimes],
        "additionalProperties": False,
    }


def listed(schema: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": schema}


def ref(name: str) -> Schema:
    """A schema of the document by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


NUMBERS: dict[str, Schema] = {
    field.key: said(
        optional(_UNITS[field.unit]) if field.nullable and field.key not in WHOLE else _UNITS[field.unit],
        field.words,
    )
    for field in FIELDS
}
HEAD: dict[str, Schema] = {
    "run": said(TEXT, "The run; empty for real machines without a simulated plant"),
    "plant": fixed("monitored"),
    "source": {"type": "string", "enum": ["measured", "truth"]},
    "from": MOMENT,
    "to": said(MOMENT, "As asked, but not after the run's now"),
}
SECONDS: Schema = _UNITS["seconds"]
_BAR: dict[str, Schema] = {
    "word": TEXT,
    "lost_s": SECONDS,
    "stops": COUNT,
    "share": said(optional(_UNITS["fraction"]), "Its part of the whole, by what the Pareto goes by"),
    "cumulative": said(optional(_UNITS["fraction"]), "Its part and that of all before it"),
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
        record({"run": TEXT, "epoch": MOMENT, "now": said(MOMENT, "Plant time up to which it is kept")})
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
                            optional(TEXT), "What a person or a rule says; null where neither does"
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
            "found": said(COUNT, "Readings and minutes in the window, before they were reduced"),
            "single_from": said(
                optional(MOMENT), "From here on single readings are kept; before it, minutes; null: none"
            ),
            "readings": listed(
                record(
                    {
                        "at": MOMENT,
                        "value": said(NUMBER, "The reading, or the mean of the minute"),
                        "low": said(NUMBER, "The smallest of the minute; the reading itself"),
                        "high": said(NUMBER, "The largest of the minute; the reading itself"),
                        "of": {"type": "string", "enum": ["reading", "minute"]},
                    }
                )
            ),
        }
    ),
    "Losses": record(
        {
            **HEAD,
            "machine": optional(TEXT),
            "line": optional(TEXT),
            "waterfall": record(
                {
                    "calendar_s": SECONDS,
                    "good_s": said(NUMBER, "Ideal time of the good parts"),
                    "unaccounted_s": said(NUMBER, "Calendar time less all steps and good_s: 0"),
                    "ideal_cycle_s": said(optional(NUMBER), "The ideal cycle that all of them share"),
                    "parts_in_silence": said(COUNT, "Parts counted across unknown time, in no step"),
                    "steps": listed(
                        record(
                            {
                                "key": {"type": "string", "enum": [*STEPS, *LEVELS]},
                                "word": TEXT,
                                "level": said(FLAG, "True for what is left, false for what is taken away"),
                                "seconds": said(NUMBER, "Negative where an ideal cycle is too long"),
                                "hours": NUMBER,
                                "left_s": said(NUMBER, "What is left after it"),
                                "parts": said(optional(NUMBER), "Its time over the ideal cycle they share"),
                                "charged_to": said(optional(TEXT), "Calendar, planned, or a factor of OEE"),
                                "flag": said(TEXT, "What is wrong with it; empty where nothing is"),
                            }
                        )
                    ),
                }
            ),
            "pareto": record(
                {
                    "by": {"type": "string", "enum": ["time", "count"]},
                    "lost_s": SECONDS,
                    "stops": said(COUNT, "Stops that began in the window"),
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
            "machine": optional(TEXT),
            "line": optional(TEXT),
            "total": said(COUNT, "Stops that lie in the window, or reach into it"),
            "begun_before": said(COUNT, "Those of them that began before it"),
            "shown": COUNT,
            "total_s": SECONDS,
            "stops": listed(
                record(
                    {
                        "machine": TEXT,
                        "start": said(MOMENT, "When it begins, at the earliest the window's beginning"),
                        "end": said(MOMENT, "When it ends, at the latest the window's end"),
                        "seconds": SECONDS,
                        "at": said(MOMENT, "When it really began: the moment to name in a reason"),
                        "over": said(FLAG, "Whether it ends in the window"),
                        "loss": said({"type": "string", "enum": list(STOPS)}, "Which loss it counts as"),
                        "state": said(STATE, "The state with which it began"),
                        "states": said(listed(STATE), "All its states, in order"),
                        "cause": said(TEXT, "The first cause that anything gave; empty without one"),
                        "reason": said(
                            optional(TEXT), "What a person or a rule says; null where neither does"
                        ),
                        "note": said(TEXT, "What the person added"),
                        "given_by": {"type": "string", "enum": ["person", "rule", "none"]},
                        "micro": said(FLAG, "Whether it is a micro-stop"),
                    }
                )
            ),
        }
    ),
    "Reasons": record(
        {
            "reasons": listed(
                record(
                    {
                        "reason": TEXT,
                        "loss": said(optional(TEXT), "What it makes of a stop of which power tells no cause"),
                    }
                )
            )
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
            "gaps": said(optional(COUNT), "Messages missing by their sequence numbers"),
            "repeats": said(optional(COUNT), "Messages that came again and changed nothing"),
            "refused": said(optional(COUNT), "Messages that could not be used"),
            "chain": said(
                listed(
                    record(
                        {
                            "part": {
                                "type": "string",
                                "enum": ["broker", "simulator", "ingest", "history"],
                            },
                            "ok": said(optional({"type": "boolean"}), "Null where it cannot be told"),
                            "reason": TEXT,
                        }
                    )
                ),
                "Each part that a reading passes, in order",
            ),
        }
    ),
}
"""Every schema of the document by its name."""
