"""Schemas of what may be asked of office and plant, and of what comes of it."""

from dashboard.api.schema import COUNT, FLAG, NUMBER, TEXT, Schema, fixed, listed, record, said

_TOML = said(TEXT, "The TOML of a machine's file, up to 12,000 characters")
ASSUMED: Schema = {
    "type": ["boolean", "number", "string", "array"],
    "items": TEXT,
    "description": "On or off, a number, or the names of persons; `all` for everybody",
}
_ID = {"id": said(TEXT, "One's own, which makes it safe to ask again after no answer came")}


_KIND = record(
    {
        "title": TEXT,
        "makes_parts": said(FLAG, "Whether it makes parts; no where it is not said"),
        "settings": said(
            listed(record({"key": TEXT, "title": TEXT, "unit": TEXT, "value": NUMBER}, sometimes=("unit",))),
            "What is most often set, and what it is otherwise",
        ),
        "signals": {
            "type": "object",
            "additionalProperties": record(
                {
                    "title": TEXT,
                    "unit": TEXT,
                    "retrofit": said(FLAG, "Whether a retrofit kit measures it, too"),
                },
                sometimes=("retrofit",),
            ),
        },
    },
    sometimes=("makes_parts", "settings", "signals"),
)
_STANDING = record(
    {
        "by": said(
            {"type": "string", "enum": ["file", "file and command", "command", "bench"]},
            "By whose word it stands; its file's where it is not said",
        ),
        "paused": said(FLAG, "Whether a command holds it; no where it is not said"),
    },
    sometimes=("by", "paused"),
)


def _command(what: str, needed: dict[str, Schema], more: dict[str, Schema] | None = None) -> Schema:
    # What is null counts as not there: a page sends each field of a form.
    more = {key: {"anyOf": [one, {"type": "null"}]} for key, one in {**(more or {}), **_ID}.items()}
    return record({"what": fixed(what), **needed, **more}, sometimes=tuple(more))


COMMAND_SCHEMAS: dict[str, Schema] = {
    "Command": {
        "oneOf": [
            _command(
                "reason",
                {"run": TEXT, "machine": TEXT, "at": said(TEXT, "A moment in the stop"), "reason": TEXT},
                {"note": TEXT},
            ),
            _command("acknowledge", {"call": said(TEXT, "`id` in /api/calls")}, {"by": said(TEXT, "Who")}),
            _command("forget", {"machine": TEXT}),
            _command("relearn", {"machine": TEXT, "since": said(TEXT, "RFC 3339 with a zone")}),
            _command("start-over", {}, {"seed": COUNT}),
            _command("bench", {"on": FLAG}),
            _command(
                "fault",
                {"machine": TEXT, "fault": said(TEXT, "A name in the catalogue of /api/faultlab")},
                {
                    "signal": said(TEXT, "Of a sensor's fault: which sensor"),
                    "severity": said(NUMBER, "From 0 (hardly) to 1 (as bad as it gets); without it a half"),
                    "duration_s": said(NUMBER, "Plant seconds; without it as long as the catalogue says"),
                },
            ),
            _command("clear", {}, {"machine": TEXT, "fault": TEXT, "signal": TEXT}),
            _command("assume", {"values": {"type": "object", "additionalProperties": ASSUMED}}),
            *(_command(what, {"machine": TEXT, "text": _TOML}) for what in ("add", "change")),
            _command("clone", {"machine": TEXT, "name": said(TEXT, "Of the copy")}),
            *(_command(what, {"machine": TEXT}) for what in ("remove", "save")),
            *(_command(what, {}, {"machine": said(TEXT, "It alone")}) for what in ("pause", "resume")),
            _command("speed", {"speed": {"oneOf": [NUMBER, {"type": "string", "const": "max"}]}}),
            _command("step", {"seconds": NUMBER}),
            *(_command(what, {}) for what in ("jump", "kinds", "machines")),
            _command(
                "check",
                {"machine": TEXT, "text": _TOML},
                {"name": said(TEXT, "The machine it would take the place of")},
            ),
        ]
    },
    "Done": record(
        {
            "ok": said(FLAG, "True of what was done; of a question its answer"),
            "message": TEXT,
            "text": said(TEXT, "Of `save`: the machine's file"),
            "kinds": said({"type": "object", "additionalProperties": _KIND}, "Of `kinds`, by name"),
            "machines": said({"type": "object", "additionalProperties": _STANDING}, "Of `machines`, by name"),
        },
        sometimes=("text", "kinds", "machines"),
    ),
    "BadCommand": record({"error": TEXT, "key": TEXT, "value": {}, "allowed": TEXT}),
}
"""Schemas by name."""
