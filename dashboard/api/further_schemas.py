"""Schemas of what is explained, lost and proven."""

from dashboard.api.command_schemas import ASSUMED
from dashboard.api.schema import (
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
    ref,
    said,
)
from dashboard.calls.rules import OF_NAME
from dashboard.kpi.definitions import DEFINITIONS
from dashboard.kpi.pieces import Use

_WINDOW = {**HEAD, "machine": optional(TEXT), "line": optional(TEXT)}
USE: Schema = {"type": "string", "enum": [use.value for use in Use]}
_UNIT: Schema = {
    "type": "string",
    "enum": ["fraction", "s", "parts", "count"],
    "description": "A fraction from 0 to 1 (performance may be more), seconds, parts, or a count",
}
_TERM = record({"label": TEXT, "unit": _UNIT, "value": optional(NUMBER)})
_SUM = record({"value": optional(NUMBER), "parts": listed(_TERM)})

FURTHER: dict[str, Schema] = {
    "Explanation": record(
        {
            **_WINDOW,
            "kpi": {"type": "string", "enum": list(DEFINITIONS)},
            "word": TEXT,
            "question": said(TEXT, "The question that it answers"),
            "formula": TEXT,
            "unit": _UNIT,
            "value": said(optional(NUMBER), "The number; null where it is undefined"),
            "low": said(optional(NUMBER), "The same if everything unknown had been bad; null without bounds"),
            "high": said(optional(NUMBER), "The same if everything unknown had been good"),
            "coverage": optional(NUMBER),
            "numerator": _SUM,
            "denominator": said({**_SUM, "type": ["object", "null"]}, "Null where nothing is divided"),
            "names": said(
                record({"iso_22400": TEXT, "semi": TEXT, "machinemetrics": TEXT}),
                "What others call it; a dash where they have no such number",
            ),
            "reference": said(TEXT, "Where the definition comes from"),
            "note": TEXT,
            "neighbours": said(
                listed(record({"name": TEXT, "standard": TEXT, "formula": TEXT, "value": optional(NUMBER)})),
                "Definitions that it is easily taken for, with their values",
            ),
            "uses": said(
                listed(record({"use": USE, "value": NUMBER})),
                "What calendar time was used for, in seconds: every moment has one use",
            ),
            "calendar_s": said(NUMBER, "Time of the window in which the machines existed"),
            "unaccounted_s": said(NUMBER, "Calendar time less the time of all pieces: 0"),
            "choices": said(
                {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
                "The choices among definitions that are in force, by name",
            ),
            "pieces_total": said(COUNT, "All pieces of time behind the number"),
            "pieces": said(
                listed(
                    record(
                        {
                            "machine": TEXT,
                            "start": MOMENT,
                            "end": MOMENT,
                            "use": USE,
                            "state": STATE,
                            "cause": TEXT,
                        }
                    )
                ),
                "The first of them, by machine and time; they tile the window",
            ),
        }
    ),
    "Calls": record(
        {
            **_WINDOW,
            "calls": listed(
                record(
                    {
                        "id": TEXT,
                        "machine": TEXT,
                        "state": said(
                            {
                                "type": "string",
                                "enum": [
                                    "open",
                                    "acknowledged",
                                    "at-machine",
                                    "restored",
                                    "closed",
                                    "missed",
                                ],
                            },
                            "How far it is: the last of these that is so",
                        ),
                        "rule": {"type": "string", "enum": list(OF_NAME)},
                        "cause": said(TEXT, "Why, in words"),
                        "since": said(MOMENT, "When what is wrong began"),
                        "raised": MOMENT,
                        "acknowledged": said(optional(MOMENT), "Null while nobody has"),
                        "acknowledged_by": optional(TEXT),
                        "at_machine": said(optional(MOMENT), "When somebody was there; null while nobody is"),
                        "restored": optional(MOMENT),
                        "closed": said(optional(MOMENT), "When the machine was well again; null while open"),
                        "escalated": said(
                            optional(MOMENT), "When nobody had acknowledged for too long; null otherwise"
                        ),
                        "missed": said(FLAG, "Whether it was found too late to be sent to anybody"),
                        "noticed_s": said(NUMBER, "From `since` to `raised`"),
                        "to_acknowledge_s": said(optional(NUMBER), "From there to `acknowledged`"),
                        "to_machine_s": said(optional(NUMBER), "From there to `at_machine`"),
                        "repair_s": said(
                            optional(NUMBER), "From there to `restored`, or to `closed` if nobody said so"
                        ),
                    }
                )
            ),
        }
    ),
    "Faults": record(
        {
            **_WINDOW,
            "faults": listed(
                record(
                    {
                        "machine": TEXT,
                        "fault": said(TEXT, "A name that `python -m simulator faults` lists"),
                        "signal": said(optional(TEXT), "Of a sensor's fault; null otherwise"),
                        "severity": said(NUMBER, "From 0 (hardly) to 1 (as bad as it gets)"),
                        "from": MOMENT,
                        "until": said(MOMENT, "When it ends by itself or was cleared"),
                    }
                )
            ),
        }
    ),
    "Assumptions": record(
        {
            "run": TEXT,
            "assumptions": {
                "type": "object",
                "additionalProperties": record(
                    {
                        "value": ASSUMED,
                        "unit": TEXT,
                        "least": said(optional(NUMBER), "The least number that is allowed; null for none"),
                        "most": said(optional(NUMBER), "The greatest"),
                        "words": said(TEXT, "What it says"),
                        "source": said(TEXT, "Where it comes from; empty for nowhere"),
                        "grade": said(TEXT, "How good the source is, from A to D, or assumption"),
                    }
                ),
            },
            "segments": listed(
                record(
                    {
                        "from": MOMENT,
                        "until": said(optional(MOMENT), "Where the next begins; null for the last"),
                        "label": said(TEXT, "What is assumed otherwise than in the one before"),
                        "values": {"type": "object", "additionalProperties": ASSUMED},
                    }
                )
            ),
        }
    ),
    "Reasons": record({"reasons": listed(record({"reason": TEXT, "loss": optional(TEXT)}))}),
    "Proof": record(
        {
            "run": TEXT,
            "from": MOMENT,
            "to": MOMENT,
            "summary": TEXT,
            "unexplained_s": NUMBER,
            "reasons": said(
                {"type": "object", "additionalProperties": TEXT}, "What each reason for a difference means"
            ),
            "machines": listed(ref("ProofOfMachine")),
        }
    ),
    "ProofOfMachine": record(
        {
            "machine": TEXT,
            "path": TEXT,
            "how": TEXT,
            "simulated": FLAG,
            "bench": said(
                {
                    **record(
                        {
                            "from": MOMENT,
                            "to": MOMENT,
                            "answers": listed(
                                record(
                                    {
                                        "kpi": TEXT,
                                        "known": NUMBER,
                                        "measured": optional(NUMBER),
                                        "true": optional(NUMBER),
                                        "equal": FLAG,
                                        "contained": FLAG,
                                    }
                                )
                            ),
                        }
                    ),
                    "type": ["object", "null"],
                },
                "What a machine of the calibration bench must come to; null for every other",
            ),
            "told": said(FLAG, "Whether there is any truth to compare with"),
            "exact": said(FLAG, "Whether nothing differs in any millisecond"),
            "kpis": listed(
                record(
                    {
                        "kpi": TEXT,
                        "measured": optional(NUMBER),
                        "true": optional(NUMBER),
                        "difference": optional(NUMBER),
                        "low": optional(NUMBER),
                        "high": optional(NUMBER),
                        "contained": optional(FLAG),
                    }
                )
            ),
            "reasons": {
                "type": "object",
                "additionalProperties": record({"s": NUMBER, "running_s": NUMBER, "up_s": NUMBER}),
            },
            "measured": listed(record({"start": MOMENT, "state": STATE})),
            "true": listed(record({"start": MOMENT, "state": STATE})),
            "until": MOMENT,
            "differences": record(
                {
                    "total": COUNT,
                    "shown": listed(
                        record(
                            {
                                "start": MOMENT,
                                "end": MOMENT,
                                "measured": STATE,
                                "true": STATE,
                                "reason": TEXT,
                            }
                        )
                    ),
                }
            ),
        },
        sometimes=("measured", "true", "until", "differences"),
    ),
}
"""Each by its name in the OpenAPI document."""
