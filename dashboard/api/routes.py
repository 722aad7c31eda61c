"""The addresses of the API, which answer in JSON whatever happens."""

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from dashboard.api import fleet, losses, making
from dashboard.api.assumptions import assumptions
from dashboard.api.calls import calls
from dashboard.api.conditions import conditions
from dashboard.api.explain import explain
from dashboard.api.faultlab import faultlab
from dashboard.api.faults import faults
from dashboard.api.gain import gain
from dashboard.api.gain_lanes import lanes
from dashboard.api.health import health
from dashboard.api.holes import holes
from dashboard.api.industry import industry
from dashboard.api.intervals import intervals
from dashboard.api.kpis import kpis
from dashboard.api.messages import messages
from dashboard.api.metrics import metrics
from dashboard.api.openapi import PATHS, document
from dashboard.api.question import ApiError, Question, check_parameters
from dashboard.api.readings import readings
from dashboard.api.shift_report import report
from dashboard.api.sources import Sources
from dashboard.history.version import why_unreadable

Answer = Callable[[Question], Any]

FRESH = {"Cache-Control": "no-store"}
ANSWERS: dict[str, Answer] = {
    "/api/runs": fleet.runs,
    "/api/machines": fleet.machines,
    "/api/refused": fleet.refused,
    "/api/kpis": kpis,
    "/api/kpis/explain": explain,
    "/api/intervals": intervals,
    "/api/losses": losses.losses,
    "/api/losses/compare": losses.compare,
    "/api/heat": losses.heat_map,
    "/api/stops": losses.stops,
    "/api/reasons": losses.reasons,
    "/api/calls": calls,
    "/api/faults": faults,
    "/api/faultlab": faultlab,
    "/api/holes": holes,
    "/api/gain": gain,
    "/api/gain/lanes": lanes,
    "/api/assumptions": assumptions,
    "/api/conditions": conditions,
    "/api/readings": readings,
    "/api/messages": messages,
    "/api/pace": making.pace,
    "/api/cycles": making.cycles,
    "/api/industry": industry,
    "/api/health": health,
    "/metrics": metrics,
    "/report": report,
    "/api/openapi.json": lambda _question: document(),
}
"""What answers at each path: an object for JSON, or a whole response."""


def api_routes(sources: Sources) -> Blueprint:
    """The routes of the API."""
    routes = Blueprint("api", __name__)
    for path, answer in ANSWERS.items():
        routes.add_url_rule(path, PATHS[path]["get"]["operationId"], _view(sources, answer))

    @routes.route("/api/", defaults={"rest": ""})
    @routes.route("/api/<path:rest>")
    def nothing_here(rest: str) -> Response:
        raise ApiError(404, "path", f"/api/{rest}", ", ".join(path for path in PATHS if "get" in PATHS[path]))

    @routes.before_app_request
    def check() -> Response | None:
        # Of every path that is described, whoever answers there.
        described = PATHS.get(request.path)
        if described is None:
            return None
        methods = (
            {one.upper() for one in described} | {"OPTIONS"} | ({"HEAD"} if "get" in described else set())
        )
        allowed = {"Allow": ", ".join(sorted(methods))}
        if request.method == "OPTIONS":
            return Response(status=200, headers=allowed)
        if request.method not in methods:
            said = f"{request.method} {request.path}: allowed is {allowed['Allow']}"
            return Response(msgspec.json.encode({"error": said}), 405, allowed, mimetype="application/json")
        check_parameters(request.path, request.args)
        return None

    @routes.app_errorhandler(ApiError)
    def refuse(error: ApiError) -> Response:
        return _json(error.body, error.status)

    @routes.errorhandler(SQLAlchemyError)
    def unreadable(error: SQLAlchemyError) -> Response:
        return _json({"error": f"the history cannot be read: {why_unreadable(error)}"}, 503)

    return routes


def _view(sources: Sources, answer: Answer) -> Callable[[], Response]:
    def view() -> Response:
        found = answer(Question(sources, request.args))
        return found if isinstance(found, Response) else _json(found)

    return view


def _json(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, mimetype="application/json", headers=FRESH)
