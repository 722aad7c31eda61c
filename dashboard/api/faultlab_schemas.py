"""The schema of the fault lab."""

from dashboard.api.schema import COUNT, FLAG, MOMENT, NUMBER, TEXT, Schema, listed, optional, record, said

OF_FAULT_LAB: dict[str, Schema] = {
    "FaultLab": record(
        {
            "run": said(optional(TEXT), "The run that is on; null until the plant has said what it has"),
            "begun": said(COUNT, "Faults of the run, at most the newest 100"),
            "catalogue": listed(
                record(
                    {
                        "fault": TEXT,
                        "title": TEXT,
                        "about": {"type": "string", "enum": ["machine", "sensor", "link"]},
                        "severity": said(TEXT, "What severity 0 to 1 means"),
                        "duration_s": said(NUMBER, "How long it lasts by itself, plant time"),
                        "expected": said(TEXT, "What is to be seen of it"),
                    }
                )
            ),
            "machines": {
                "type": "object",
                "additionalProperties": record(
                    {
                        "signals": listed(TEXT),
                        "without": {"type": "object", "additionalProperties": TEXT},
                        "reason": said(TEXT, "Why it can have none at all; empty when it can"),
                    }
                ),
            },
            "faults": listed(
                record(
                    {
                        "machine": TEXT,
                        "fault": TEXT,
                        "title": TEXT,
                        "about": optional(TEXT),
                        "signal": said(optional(TEXT), "Of a sensor's fault; null otherwise"),
                        "severity": NUMBER,
                        "severity_words": TEXT,
                        "from": MOMENT,
                        "until": MOMENT,
                        "under_way": FLAG,
                        "seen_as": said(optional(TEXT), "What was first to be seen of it by measurement"),
                        "seen_s": said(optional(NUMBER), "Real seconds until then"),
                        "seen_plant_s": said(optional(NUMBER), "Plant time until then"),
                        "called_plant_s": said(optional(NUMBER), "Plant time until a call was raised"),
                        "called_rule": said(optional(TEXT), "The rule that raised it"),
                        "lost_s": said(optional(NUMBER), "Running time lost so far, in truth"),
                        "lost_parts": said(optional(NUMBER), "Good parts lost so far, in truth"),
                        "lost_against": said(optional(TEXT), "`normal pace` or `twin`"),
                        "lost_of_s": said(optional(NUMBER), "Planned time of the fault so far"),
                        "utilization_error_points": said(
                            optional(NUMBER), "Measured less true utilization of its time, in points"
                        ),
                        "utilization_error_low_points": optional(NUMBER),
                        "utilization_error_high_points": optional(NUMBER),
                        "bounds_hold": said(optional(FLAG), "Whether the truth lies within the bounds"),
                        "false_calls": said(optional(NUMBER), "Calls for a machine that truly ran"),
                        "why": {"type": "object", "additionalProperties": TEXT},
                    }
                )
            ),
        }
    ),
}
