"""What the answers about the office itself look like: time without it, its webhook, all that it does."""

from dashboard.api.schema import (
    COUNT,
    MOMENT,
    NUMBER,
    TEXT,
    UNITS,
    Schema,
    fixed,
    listed,
    optional,
    record,
    said,
)
from dashboard.calls.rules import OF_NAME

WEBHOOK: Schema = {
    **record(
        {
            "receiver": said(TEXT, "Scheme, host and port of who gets the events of calls"),
            "delivered": said(COUNT, "Events that have arrived, since the office began"),
            "waiting": said(COUNT, "Events on their way"),
            "refused": said(COUNT, "Events that the receiver will not take"),
            "given_up": said(COUNT, "Events given up because too many waited"),
            "failures": said(COUNT, "Posts that have not arrived"),
            "failing": said(optional(TEXT), "Why the last post has not arrived"),
            "failing_since": said(optional(MOMENT), "Since when none arrives, real time"),
        }
    ),
    "type": ["object", "null"],
}

OF_OFFICE: dict[str, Schema] = {
    "Holes": record(
        {
            "run": TEXT,
            "plant": fixed("monitored"),
            "holes": listed(
                record(
                    {
                        "from": said(MOMENT, "Up to here the office had worked out everything when it went"),
                        "to": said(optional(MOMENT), "When it was back; null while it is not"),
                        "seconds": said(NUMBER, "Plant time of it that is in the history"),
                        "stops": said(
                            COUNT, "Stops of simulated machines that began in it, as measured since"
                        ),
                        "coverage": said(
                            optional(UNITS["fraction"]),
                            "Observed over planned time in it: 1 once it is filled",
                        ),
                        "calls_missed": said(
                            listed(
                                record(
                                    {
                                        "id": TEXT,
                                        "machine": TEXT,
                                        "rule": {"type": "string", "enum": list(OF_NAME)},
                                        "cause": TEXT,
                                        "since": MOMENT,
                                        "raised": said(MOMENT, "When it would have been raised"),
                                    }
                                )
                            ),
                            "Calls that were sent to nobody: their stop began, or they were due, in it",
                        ),
                    }
                )
            ),
        }
    ),
    "Industry": record(
        {
            "run": optional(TEXT),
            "now": optional(MOMENT),
            "span_s": said(optional(NUMBER), "Plant time of the run so far, in seconds"),
            "age_s": said(optional(NUMBER), "Seconds since the office's newest word"),
            "sensors": record(
                {
                    "machines": COUNT,
                    "signals": said(COUNT, "Signals of all machines"),
                    "readings": said(
                        optional(COUNT), "Taken in of the run, each of all sensors of a machine at one moment"
                    ),
                    "values": said(optional(COUNT), "Single values in them"),
                    "readings_per_s": said(optional(NUMBER), "In a real second, over the last ten"),
                }
            ),
            "communication": record(
                {
                    "online": said(COUNT, "Machines whose link stands, as they or their wills say"),
                    "messages": said(optional(COUNT), "MQTT messages taken in of the run"),
                    "messages_per_s": said(optional(NUMBER), "In a real second, over the last ten"),
                }
            ),
            "automation": record(
                {
                    "calls": said(optional(COUNT), "Calls of the run that somebody was sent"),
                    "acknowledged": said(optional(COUNT), "Those that somebody answered"),
                    "attended": said(optional(COUNT), "Those for which somebody came to the machine"),
                    "closed": said(optional(COUNT), "Those that are over"),
                    "missed": said(optional(COUNT), "Calls found too late to be sent to anybody"),
                }
            ),
            "history": record(
                {
                    "rows": said(COUNT, "Rows of all tables, as of the last minute or so"),
                    "runs": COUNT,
                    "span_s": said(NUMBER, "Plant time of all runs together, in seconds"),
                    "bytes": said(optional(COUNT), "What the database takes"),
                }
            ),
            "cloud": record(
                {
                    "streams": said(COUNT, "Pages that are open and follow live, of this web process"),
                    "posted": said(optional(COUNT), "Events of calls posted to a webhook; null without one"),
                }
            ),
            "ai": record(
                {
                    "forecasts": said(
                        optional(COUNT), "Calls of the run that forecast a limit being reached"
                    ),
                    "learned": said(optional(COUNT), "Thresholds of states learned from readings"),
                }
            ),
        }
    ),
    "Conditions": record(
        {
            "run": TEXT,
            "plant": fixed("monitored"),
            "at": said(MOMENT, "The moment, on full ten minutes"),
            "machine": optional(TEXT),
            "line": optional(TEXT),
            "conditions": listed(
                record(
                    {
                        "machine": TEXT,
                        "signal": TEXT,
                        "unit": TEXT,
                        "low": said(optional(NUMBER), "Lower end of its normal range, as the birth gives it"),
                        "high": said(optional(NUMBER), "Upper end"),
                        "level": said(
                            optional(NUMBER),
                            "Mean of its newest five minutes of running; null for none in 12 h",
                        ),
                        "minutes": said(
                            COUNT, "Whole minutes of running of the last 12 h that were looked at"
                        ),
                        "baseline": said(optional(NUMBER), "Its level before it began to rise"),
                        "now": said(optional(NUMBER), "Its level now, of the fitted curve"),
                        "words": said(TEXT, "The forecast in words; empty where nothing is foreseen"),
                        "found": said(TEXT, "How it was found, in words"),
                        "limit": said(
                            optional(NUMBER), "The end that it reaches; null where none is foreseen"
                        ),
                        "rises_since": said(optional(MOMENT), "When it began to rise, or to fall"),
                        "reached": said(optional(MOMENT), "When it reaches the limit, if it goes on so"),
                        "reached_from": said(optional(MOMENT), "The earliest moment of the interval"),
                        "reached_until": said(optional(MOMENT), "The latest one; null where it may never"),
                    }
                )
            ),
        }
    ),
}
"""Schemas by their names."""
