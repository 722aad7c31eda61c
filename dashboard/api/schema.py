"""The words in which schemas are written, in JSON Schema 2020-12: objects hold what is listed and no more."""

from collections.abc import Mapping
from typing import Any

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
UNITS: dict[str, Schema] = {
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


HEAD: dict[str, Schema] = {
    "run": said(TEXT, "The run; empty for real machines without a simulated plant"),
    "plant": fixed("monitored"),
    "source": {"type": "string", "enum": ["measured", "truth"]},
    "from": MOMENT,
    "to": said(MOMENT, "As asked, but not after the run's now"),
}
"""What every answer about a window begins with."""
