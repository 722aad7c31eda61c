"""What the answers about the chain look like: its links, what is measured of them, and what is wrong."""

from dashboard.api.schema import MOMENT, NUMBER, TEXT, Schema, listed, optional, record, said
from dashboard.chain.sentences import LINKS

SENTENCE: Schema = record(
    {
        "link": {"type": "string", "enum": list(LINKS)},
        "weight": {
            "type": "string",
            "enum": ["broken", "warning"],
            "description": "broken: what is shown is not whole; warning: it is, and somebody should look",
        },
        "what": said(TEXT, "What is wrong"),
        "since": said(optional(MOMENT), "Since when, real time"),
        "do": said(record({"demo": TEXT, "docker": TEXT}), "What to do first, in the demo and in Compose"),
    }
)
_MEASURE: Schema = record(
    {
        "key": TEXT,
        "words": said(TEXT, "What is measured"),
        "value": {
            "type": ["number", "string", "null"],
            "description": "What it is just now; null where that cannot be told",
        },
        "unit": {
            "type": "string",
            "enum": ["", "s", "ms", "bytes", "/s", "x"],
            "description": "/s: a real second, x: plant seconds in one; empty for a count or a word",
        },
        "of": said(optional(NUMBER), "The most that it may be, in the same unit"),
    }
)
LINK: Schema = record(
    {
        "part": {"type": "string", "enum": list(LINKS[:-1])},
        "ok": said(optional({"type": "boolean"}), "Null where it cannot be told"),
        "lamp": {
            "type": "string",
            "enum": ["well", "warning", "broken", "unknown", "absent"],
            "description": "unknown: a part before it is broken; absent: there is no such part",
        },
        "reason": said(TEXT, "What is wrong with it; empty where nothing is"),
        "measures": listed(_MEASURE),
    }
)
