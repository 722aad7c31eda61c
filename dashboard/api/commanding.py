"""How a command is asked for and answered, as the OpenAPI document has it."""

from typing import Any

from dashboard.api.schema import COUNT, FLAG, TEXT, Schema, fixed, record, ref, said

_ID = said(TEXT, "A word of one's own that makes it safe to ask again after no answer came")
_MOMENT: Schema = {"type": "string", "format": "date-time", "description": "RFC 3339 with a zone"}

COMMAND_SCHEMAS: dict[str, Schema] = {
    "Command": {
        "oneOf": [
            record(
                {
                    "what": fixed("reason"),
                    "run": TEXT,
                    "machine": TEXT,
                    "at": said(_MOMENT, "A moment of the stop, `at` in /api/stops"),
                    "reason": said(TEXT, "One of /api/reasons; empty takes back what was said"),
                    "note": TEXT,
                    "id": _ID,
                },
                sometimes=("note", "id"),
            ),
            record({"what": fixed("forget"), "machine": TEXT, "id": _ID}, sometimes=("id",)),
            record(
                {
                    "what": fixed("relearn"),
                    "machine": TEXT,
                    "since": said(_MOMENT, "From here on the new threshold holds"),
                    "id": _ID,
                },
                sometimes=("id",),
            ),
            record({"what": fixed("start-over"), "seed": COUNT, "id": _ID}, sometimes=("seed", "id")),
            record({"what": fixed("bench"), "on": FLAG, "id": _ID}, sometimes=("id",)),
        ]
    },
    "Done": record({"ok": {"type": "boolean", "const": True}, "message": TEXT}),
    "BadCommand": record({"error": TEXT, "key": TEXT, "value": {}, "allowed": TEXT}),
    "NotDone": record({"error": said(TEXT, "A sentence: why it was not done")}),
}


def _answer(words: str, name: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": ref(name)}}}


COMMANDS: dict[str, Any] = {
    "post": {
        "operationId": "command",
        "summary": "Ask something of the office or of the plant; from this page's own origin alone",
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref("Command")}}},
        "responses": {
            "200": _answer("Done", "Done"),
            "400": _answer("A key is unknown, missing or wrong", "BadCommand"),
            "403": _answer("Another site asked", "NotDone"),
            "409": _answer("Refused, with the reason", "NotDone"),
            "413": _answer("Too long", "NotDone"),
            "415": _answer("Not JSON", "NotDone"),
            "503": _answer("This page may not command", "NotDone"),
            "504": _answer("Nobody answered; it may still be done", "NotDone"),
        },
    }
}
"""What may be asked at `/api/commands`."""
