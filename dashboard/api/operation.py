"""The words in which paths of the API are described, and the parameters that many of them take."""

from typing import Any

from dashboard.api.schema import TEXT, Schema, ref

Operation = dict[str, Any]


def parameter(name: str, words: str, schema: Schema, *, required: bool = False) -> Operation:
    """A parameter of the query."""
    return {"name": name, "in": "query", "description": words, "required": required, "schema": schema}


def choice(*values: str, default: str | None = None) -> Schema:
    """The schema of one word of a few."""
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
MOMENT_WORDS = "RFC 3339 with a zone, or milliseconds since 1970"
WINDOW = [
    parameter("from", f"Beginning of the window: {MOMENT_WORDS}; without it that of the running shift", TEXT),
    parameter("to", f"End of the window: {MOMENT_WORDS}; without it, and at the latest, the run's now", TEXT),
]
MACHINE = parameter("machine", "Name of a machine", TEXT, required=True)
ONE_OR_MANY = [
    parameter("machine", "Name of a machine; without it and `line`, the plant", TEXT),
    parameter("line", "Location of a line, as `path` in /api/machines; lines inside it belong to it", TEXT),
]
GAIN_WINDOW = [
    parameter("from", f"Beginning of the window: {MOMENT_WORDS}; without it that of the segment", TEXT),
    parameter("to", f"End of the window: {MOMENT_WORDS}; without it that of the segment", TEXT),
    parameter(
        "segment",
        "The span in which assumptions are the same: its number, `newest`, or `run` for all of them",
        {**TEXT, "default": "newest"},
    ),
]
FORMAT = parameter("format", "How the answer is written", choice("json", "csv", default="json"))
COMMON = [RUN, PLANT]


def answered(words: str, content: dict[str, Schema]) -> Operation:
    """What an answer holds, by its kind."""
    return {
        "description": words,
        "content": {kind: {"schema": schema} for kind, schema in content.items()},
    }


def got(
    name: str,
    words: str,
    parameters: list[Operation],
    content: dict[str, Schema],
    *,
    reads_history: bool = True,
) -> Operation:
    """What may be asked at a path, and how it is answered.

    Args:
        name: The operation's id.
        words: What it answers, in words.
        parameters: What may be asked.
        content: The schema of each kind of answer.
        reads_history: Whether it needs the history.
    """
    error = {"application/json": ref("Error")}
    answers = {
        "200": answered("The answer", content),
        "400": answered("A parameter is unknown, doubled or wrong", error),
    }
    if any(one is RUN for one in parameters):
        answers["404"] = answered("There is no such run, plant, machine, line or signal", error)
    if reads_history:
        answers["503"] = answered("The history cannot be read", {"application/json": ref("Unreadable")})
    return {
        "get": {
            "operationId": name,
            "summary": words,
            "parameters": parameters,
            "responses": answers,
        }
    }


def of_json(name: str) -> dict[str, Schema]:
    """JSON of a schema, by its name."""
    return {"application/json": ref(name)}
