"""What a page asks of its callbacks, looked at before Dash does: what no page of ours asks is refused.

Dash answers a body that it does not understand with 500 and a traceback in the log, which whoever reaches
the page could fill.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, jsonify, request

from dashboard.gate.body import json_of

PATH = "/_dash-update-component"
MAX_BYTES = 1 << 20
PARTS = ("inputs", "state")


def check_callbacks(server: Flask, known: Mapping[str, Any]) -> None:
    """Refuse what asks for none of the callbacks of an application.

    Args:
        server: The application.
        known: Its callbacks by what they put out; filled at the first request.
    """

    @server.before_request
    def check() -> tuple[Response, int] | None:
        if request.path != PATH or request.method != "POST":
            return None
        if request.content_length is None or request.content_length > MAX_BYTES:
            return jsonify({"error": f"a callback says its length, at most {MAX_BYTES:,} bytes"}), 413
        wrong = _wrong(json_of(request), known)
        return (jsonify({"error": wrong}), 400) if wrong else None


def _wrong(body: Any, known: Mapping[str, Any]) -> str:
    """What is wrong with a call, and what is allowed; empty for nothing."""
    if not isinstance(body, dict):
        return "body: allowed is a JSON object, as a page of this version sends it"
    output = body.get("output")
    if not isinstance(output, str) or output not in known:
        return f"output {str(output)[:80]!r}: allowed is what a page of this version asks for: reload it"
    outputs, changed = body.get("outputs"), body.get("changedPropIds", [])
    ids = _ids(outputs if isinstance(outputs, list) else [outputs])
    if [".".join(one) for one in ids or ()] != output.strip(".").split("..."):
        return f"output {output[:80]!r}: key 'outputs': allowed are the same, each with id and property"
    if not isinstance(changed, list) or not all(isinstance(one, str) for one in changed):
        return f"output {output[:80]!r}: key 'changedPropIds': allowed is a list of texts"
    for part in PARTS:
        wanted = [(one["id"], one["property"]) for one in known[output][part]]
        if _ids(body.get(part, [])) != wanted:
            words = ", ".join(".".join(one) for one in wanted) or "none"
            return f"output {output[:80]!r}: key {part!r}: allowed is {words}"
    return ""


def _ids(said: Any) -> list[tuple[str, str]] | None:
    """The id and the property of each part; None where it is no list of such."""
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        return None
    ids = [(one.get("id"), one.get("property")) for one in said]
    return ids if all(isinstance(part, str) for one in ids for part in one) else None
