"""How an operation of the API is described: its parameters, what it answers, and with which status."""

from typing import Any

from dashboard.api.schema import TEXT, Schema, ref

Operation = dict[str, Any]


def parameter(name: str, words: str, schema: Schema, *, required: bool = False) -> Operation:
    """A parameter in the address."""
    return {"name": name, "in": "query", "description": words, "required": required, "schema": schema}


def choice(*values: str, default: str | None = None) -> Schema:
    """A text that is one of a few."""
    return {"type": "string", "enum": list(values)} | ({"default": default} if default else {})


RUN = parameter("run", "One of /api/runs; without it the newest", TEXT)
PLANT = parameter(
    "plant",
    "The plant in which calls are heard, or its twin, which is there only when the office has one",
    choice("monitored", "twin", default="monitored"),
)
SOURCE = parameter(
    "source",
    "What was measured, or what the simulator says really happened",
    choice("measured", "truth", default="measured"),
)
MOMENTS = "RFC 3339 with a zone, or milliseconds since 1970"
WINDOW = [
    parameter("from", f"Beginning of the window: {MOMENTS}; without it that of the running shift", TEXT),
    parameter("to", f"End of the window: {MOMENTS}; without it, and at the latest, the run's now", TEXT),
]
MACHINE = parameter("machine", "Name of a machine", TEXT, required=True)
ONE_OR_MANY = [
    parameter("machine", "Name of a machine; without it and `line`, the plant", TEXT),
    parameter("line", "Location of a line, as `path` in /api/machines; lines inside it belong to it", TEXT),
]
GAIN_WINDOW = [
    parameter("from", f"Beginning of the window: {MOMENTS}; without it that of the segment", TEXT),
    parameter("to", f"End of the window: {MOMENTS}; without it that of the segment", TEXT),
    parameter(
        "segment",
        "The span in which assumptions are the same: its number, `newest`, or `run` for all of them",
        {**TEXT, "default": "newest"},
    ),
]
FORMAT = parameter("format", "How the answer is written", choice("json", "csv", default="json"))
COMMON = [RUN, PLANT]


def answer(words: str, content: dict[str, Schema]) -> Operation:
    """What comes back with a status, by media type."""
    return {
        "description": words,
        "content": {kind: {"schema": schema} for kind, schema in content.items()},
    }


def get(
    name: str,
    words: str,
    parameters: list[Operation],
    content: dict[str, Schema],
    *,
    reads_history: bool = True,
) -> Operation:
    """A path that is read."""
    error = {"application/json": ref("Error")}
    answers = {
        "200": answer("The answer", content),
        "400": answer("A parameter is unknown, doubled or wrong", error),
    }
    if any(parameter is RUN for parameter in parameters):
        answers["404"] = answer("There is no such run, plant, machine, line or signal", error)
    if reads_history:
        answers["503"] = answer("The history cannot be read", {"application/json": ref("Unreadable")})
    return {
        "get": {
            "operationId": name,
            "summary": words,
            "parameters": parameters,
            "responses": answers,
        }
    }


def json(name: str) -> dict[str, Schema]:
    """An answer in JSON that has a schema of that name."""
    return {"application/json": ref(name)}


CSV: dict[str, Schema] = {
    "text/csv": {
        **TEXT,
        "description": "RFC 4180 with a header, times in UTC. Text that begins with = + - or @ has an "
        "apostrophe in front, so that no spreadsheet runs it.",
    }
}
