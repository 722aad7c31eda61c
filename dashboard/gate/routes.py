"""What every request passes, and `/api/session`: how an operator signs in and out.

What only reads is open to whoever reaches the page. Everything else is the operator's, a route that is
added tomorrow too, unless it stands in `OPEN`.
"""

from http import HTTPStatus

from flask import Blueprint, Flask, Response, jsonify, request

from dashboard.gate.body import json_of
from dashboard.gate.door import Door, Refusal
from dashboard.gate.origin import is_from_elsewhere

READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
OPEN = frozenset({"/_dash-update-component", "commands.ask", "session.sign_in", "session.sign_out"})
"""Endpoints that take something without the operator's password, and why that is right: callbacks of Dash
draw and change nothing; commands ask for it themselves, because questions among them need none; and who
signs in says it right then."""
MAX_BODY_BYTES = 1 << 20
"""More is read of no request; commands allow less."""
MAX_SIGN_IN_BYTES = 4_096


def guard(server: Flask, door: Door) -> None:
    """Let every request of an application pass its door."""
    server.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES

    @server.before_request
    def pass_the_door() -> tuple[Response, int] | None:
        if not door.hosts.knows(request.host):
            return refuse(
                door,
                Refusal(
                    status=HTTPStatus.MISDIRECTED_REQUEST,
                    sentence="this page is not known by that name: "
                    "--allow-host, or ALLOWED_HOSTS in the environment, names those that it answers to",
                ),
            )
        if request.method in READING or request.endpoint is None:
            return None
        if is_from_elsewhere(request):
            sentence = "commands are taken from this page's own origin alone"
            return refuse(door, Refusal(status=HTTPStatus.FORBIDDEN, sentence=sentence))
        if request.endpoint in OPEN:
            return None
        refusal = door.refusal(request)
        return None if refusal is None else refuse(door, refusal)

    server.register_blueprint(session_routes(door))


def refuse(door: Door, refusal: Refusal) -> tuple[Response, int]:
    """The answer to a request that may not, which is noted."""
    door.note(request, refusal.sentence)
    answer = jsonify({"error": refusal.sentence})
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        # Not `Basic`: a browser would ask with a window of its own, and send the password with everything.
        answer.headers["WWW-Authenticate"] = 'Session realm="operator"'
    if refusal.wait_s is not None:
        answer.headers["Retry-After"] = str(refusal.wait_s)
    answer.headers["Cache-Control"] = "no-store"
    return answer, refusal.status


def session_routes(door: Door) -> Blueprint:
    """The routes of signing in and out."""
    routes = Blueprint("session", __name__, url_prefix="/api")

    @routes.get("/session")
    def tell() -> Response:
        asked = door.password is not None
        return _fresh({"password": asked, "signed_in": asked and door.is_signed_in(request)})

    @routes.post("/session")
    def sign_in() -> Response | tuple[Response, int]:
        if not request.is_json:
            return jsonify({"error": "a password is JSON: send it as application/json"}), 415
        if request.content_length is None or request.content_length > MAX_SIGN_IN_BYTES:
            return jsonify({"error": f"a password says its length, at most {MAX_SIGN_IN_BYTES:,} bytes"}), 413
        body = json_of(request)
        said = body.get("password") if isinstance(body, dict) and len(body) == 1 else None
        if not isinstance(said, str):
            return jsonify({"error": 'password is missing: allowed is {"password": "…"}'}), 400
        refusal = door.try_password(said, request.remote_addr or "nowhere")
        if refusal is not None:
            return refuse(door, refusal)
        answer = _fresh({"password": door.password is not None, "signed_in": door.password is not None})
        if door.password is not None:
            door.let_in(request, answer)
        return answer

    @routes.delete("/session")
    def sign_out() -> Response:
        answer = _fresh({"password": door.password is not None, "signed_in": False})
        door.see_off(request, answer)
        return answer

    return routes


def _fresh(body: dict[str, bool]) -> Response:
    answer = jsonify(body)
    answer.headers["Cache-Control"] = "no-store"
    return answer
