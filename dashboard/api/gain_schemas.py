"""Schemas of the gain."""

from dashboard.api.schema import COUNT, FLAG, MOMENT, NUMBER, TEXT, Schema, listed, optional, record, said
from dashboard.gain.phase import PHASES
from dashboard.intervals import STATES

_SECONDS: Schema = {"type": "number", "minimum": 0}
_SHARE: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
_RATIO: Schema = {"type": ["number", "null"], "minimum": 0}
_BOTH = record({"monitored": _SECONDS, "twin": _SECONDS})
_ANY: Schema = {"type": "object", "additionalProperties": True}
_WHOLE: Schema = {"type": "integer"}
_VERDICT: Schema = {"type": "string", "enum": ["more", "fewer", "so far more", "so far fewer", "not sure"]}
_KPIS = record(
    {
        "utilization": _SHARE,
        "uptime": _SHARE,
        "uptime_low": _SHARE,
        "uptime_high": _SHARE,
        "oee": _RATIO,
        "coverage": _SHARE,
        "planned_s": _SECONDS,
        "observed_s": _SECONDS,
        "running_s": _SECONDS,
    }
)
_LOG = record(
    {
        "observed_s": said(_SECONDS, "Machine time observed in both plants, by which all three are divided"),
        "believed": said(_SHARE, "What a log kept by hand would show"),
        "measured": said(_SHARE, "running / observed"),
        "true": said(_SHARE, "The same as the simulator tells it"),
        "stops": COUNT,
        "missed": said(COUNT, "Stops too short to be written down"),
        "stopped_s": _SECONDS,
        "missed_s": _SECONDS,
        "reasoned": said(COUNT, "Stops that are written down with a reason that can be used"),
    }
)
_SEEN = {
    f"{plant}_{key}": optional(schema)
    for plant in ("monitored", "twin")
    for key, schema in (
        ("start", MOMENT),
        ("noticed_s", said(_SECONDS, "From its beginning until somebody knew")),
        ("s", said(_SECONDS, "How long it lasts")),
        ("over", FLAG),
    )
}
_COUNTS = listed(COUNT)
GAIN_SCHEMAS: dict[str, Schema] = {
    "Lanes": record(
        {
            "run": TEXT,
            "from": said(MOMENT, "Beginning of the first cell"),
            "to": MOMENT,
            "letters": said({"type": "object", "additionalProperties": TEXT}, "The state of each letter"),
            "machines": listed(
                record(
                    {
                        "machine": TEXT,
                        "line": TEXT,
                        "monitored": said(TEXT, "One letter a cell; down wherever it was down"),
                        "twin": TEXT,
                    }
                )
            ),
            "curve_from": MOMENT,
            "curves": listed(
                record({"line": TEXT, "at": listed(MOMENT), "monitored": _COUNTS, "twin": _COUNTS})
            ),
        }
    ),
    "Gain": record(
        {
            "run": TEXT,
            "twin": said(TEXT, "The run under which the history has its twin"),
            "from": MOMENT,
            "to": said(MOMENT, "As asked, but not after what is known of both plants"),
            "segment": said(optional(COUNT), "Number of the segment; null for the whole run"),
            "segments": listed(
                record({"number": COUNT, "label": TEXT, "from": MOMENT, "to": MOMENT, "values": _ANY})
            ),
            "words": said(
                record(dict.fromkeys(("headline", "what", "why", "expected", "sure"), TEXT)),
                "The same in sentences",
            ),
            "lines": listed(
                record(
                    {
                        "line": TEXT,
                        "monitored": said(optional(COUNT), "Good parts; null where nothing counts them"),
                        "twin": optional(COUNT),
                        "gained": said(optional(_WHOLE), "monitored - twin"),
                        "share": said(optional(NUMBER), "gained / twin"),
                        "lead_s": said(
                            optional(NUMBER),
                            "How much earlier the monitored plant had made as many good parts as both have "
                            "made by the end; less than 0 where the twin was first, null where one made none",
                        ),
                        "margin": optional(NUMBER),
                        "money": said(optional(NUMBER), "gained x margin; null without a margin"),
                        "counted": said(listed(TEXT), "The machines at its end that count its parts"),
                        "not_counted": said(listed(TEXT), "Those at its end whose parts nothing counts"),
                    }
                )
            ),
            "money": said(optional(NUMBER), "Summed over the lines that have a margin"),
            "time": record(
                {
                    "machines": COUNT,
                    "outside": said(listed(TEXT), "Machines without a twin, which are in no number here"),
                    "common_s": said(_SECONDS, "Machine time that is planned and known in both plants"),
                    "running_s": _BOTH,
                    "gained_s": said(NUMBER, "running of the monitored plant less that of its twin"),
                    "planned_s": _BOTH,
                    "observed_s": _BOTH,
                    "states_s": {
                        "type": "object",
                        "properties": {str(state): _BOTH for state in STATES},
                        "additionalProperties": False,
                    },
                }
            ),
            "phases": said(
                listed(
                    record(
                        {
                            "phase": {"type": "string", "enum": [str(phase) for phase in PHASES]},
                            "meaning": TEXT,
                            "monitored_s": _SECONDS,
                            "twin_s": _SECONDS,
                            "gained_s": said(NUMBER, "twin - monitored"),
                        }
                    )
                ),
                "Every moment without running has one; what they gained adds up to time.gained_s",
            ),
            "answered": said(
                record({"standing_s": _SECONDS, "answered_s": _SECONDS, "share": _SHARE}),
                "Standing time of the monitored plant whose phase people said; the truth told the rest",
            ),
            "kpis": said(
                listed(record({"line": optional(TEXT), "monitored": _KPIS, "twin": _KPIS})),
                "Of the plant (line null) and of each line",
            ),
            "paper": record(
                {
                    "logged_from_s": _SECONDS,
                    "rounded_to_s": _SECONDS,
                    "reason_share": _SHARE,
                    "monitored": _LOG,
                    "twin": _LOG,
                }
            ),
            "machines": listed(
                record(
                    {
                        "machine": TEXT,
                        "line": TEXT,
                        "common_s": _SECONDS,
                        "monitored_s": said(_SECONDS, "Running"),
                        "twin_s": _SECONDS,
                        "gained_s": NUMBER,
                        "good": said(listed(optional(COUNT)), "Monitored, twin; of planned time"),
                        "utilization": said(listed(_SHARE), "Monitored, twin"),
                    }
                )
            ),
            "pairs": record(
                {
                    "paired": said(COUNT, "Stops that are over in both plants"),
                    "gained_s": said(NUMBER, "How much shorter they were in the monitored plant, together"),
                    "noticed_s": said(
                        {**_BOTH, "type": ["object", "null"]},
                        "Mean time until somebody knew, of those not seen at once in both",
                    ),
                    "only_monitored": COUNT,
                    "only_twin": COUNT,
                    "going_on": COUNT,
                    "rows": listed(
                        record(
                            {
                                "machine": TEXT,
                                "cause": TEXT,
                                "number": said(COUNT, "Which of that cause at that machine, from 1"),
                                "what": said(optional(TEXT), "What a person does there"),
                                "gained_s": said(optional(NUMBER), "Null where it has no pair, or goes on"),
                                **_SEEN,
                            }
                        )
                    ),
                }
            ),
            "holes": said(
                listed(
                    record(
                        {
                            "from": MOMENT,
                            "to": MOMENT,
                            "over": said(FLAG, "Whether the office is back"),
                            "lasts_s": _SECONDS,
                            "missed": said(COUNT, "Calls that were sent to nobody"),
                            "gained_s": said(NUMBER, "Machine time gained in it all the same"),
                            "stops": said(
                                COUNT, "Stops that began in it, and that somebody noticed after a while"
                            ),
                            "noticed_s": said(optional(NUMBER), "How long that took on average"),
                            "usual_s": said(optional(NUMBER), "The same of stops begun with an office"),
                            "cost_s": said(optional(NUMBER), "An estimate: (noticed - usual) x stops"),
                        }
                    )
                ),
                "Time without an office, in which nobody was called",
            ),
            "replicas": {
                "anyOf": [
                    record(
                        {
                            "pairs": COUNT,
                            "sure_pairs": said(COUNT, "From so many on it is called sure"),
                            "hours": said(NUMBER, "Plant hours of each"),
                            "confidence": NUMBER,
                            "otherwise": said(listed(TEXT), "What was assumed otherwise for them"),
                            "running": {
                                "anyOf": [
                                    record(
                                        {
                                            "mean_s": said(NUMBER, "Running time of all machines gained"),
                                            "low_s": optional(NUMBER),
                                            "high_s": optional(NUMBER),
                                            "verdict": _VERDICT,
                                        }
                                    ),
                                    {"type": "null"},
                                ]
                            },
                            "lines": listed(
                                record(
                                    {
                                        "line": TEXT,
                                        "mean": said(NUMBER, "Good parts gained on average"),
                                        "low": optional(NUMBER),
                                        "high": optional(NUMBER),
                                        "share": said(optional(NUMBER), "The mean of what the twin makes"),
                                        "verdict": _VERDICT,
                                    }
                                )
                            ),
                        }
                    ),
                    {"type": "null"},
                ],
                "description": "What pairs of a plant and its twin, each from a seed of its own, say so far",
            },
        }
    ),
}
"""Every schema of the gain by its name."""
