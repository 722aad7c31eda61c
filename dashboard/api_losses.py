"""`/api/losses`, `/api/stops` and `/api/reasons`: where the time went, what stopped, and why people say."""

from typing import Any, cast

from flask import Blueprint, Response, jsonify, request

from dashboard.api import Api, ApiError, _fresh, _source
from dashboard.history.lost import LossBook
from dashboard.history.reader import MachineRow, RunRow
from dashboard.losses.answers import pareto_answer, reasons_answer, stops_answer, waterfall_answer
from dashboard.losses.pareto import By
from protocol.moments import to_text

BY = ("time", "count")
LIMIT, MOST = 100, 10_000


def loss_routes(api: Api, book: LossBook) -> Blueprint:
    """The routes of the losses."""
    routes = Blueprint("losses", __name__, url_prefix="/api")

    def head(run: RunRow, from_ms: int, to_ms: int) -> dict[str, Any]:
        return {"run": run.run, "source": _source(), "from": to_text(from_ms), "to": to_text(to_ms)}

    def chosen(run: RunRow, from_ms: int, to_ms: int) -> list[MachineRow]:
        if "machine" in request.args:
            return [api._named(run)]
        line = request.args.get("line")
        return [
            one
            for one in api.reader.machines(run.run, retired=True)
            if (line is None or one.path == line or one.path.startswith(f"{line}/"))
            and one.since_ms < to_ms
            and (one.retired_ms is None or one.retired_ms > from_ms)
        ]

    @routes.get("/losses")
    def losses() -> Response:
        run = api._some_run()
        from_ms, to_ms = api._window(run)
        by = request.args.get("by", "time")
        if by not in BY:
            raise ApiError(400, "by", by, " or ".join(BY))
        lost = book.lost(chosen(run, from_ms, to_ms), from_ms, to_ms, source=_source())
        answer = {
            **head(run, from_ms, to_ms),
            "waterfall": waterfall_answer(lost.rows, lost.totals),
            "pareto": pareto_answer(lost.pareto(cast(By, by))),
        }
        return _fresh(jsonify(answer))

    @routes.get("/stops")
    def stops() -> Response:
        run = api._some_run()
        from_ms, to_ms = api._window(run)
        limit = request.args.get("limit", str(LIMIT))
        if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= MOST:
            raise ApiError(400, "limit", limit, f"a whole number from 1 to {MOST:,}")
        found = book.stops(chosen(run, from_ms, to_ms), from_ms, to_ms, source=_source())
        return _fresh(jsonify({**head(run, from_ms, to_ms), **stops_answer(found, int(limit))}))

    @routes.get("/reasons")
    def reasons() -> Response:
        return _fresh(jsonify(reasons_answer(book.reasons)))

    @routes.errorhandler(ApiError)
    def refuse(error: ApiError) -> tuple[Response, int]:
        return jsonify(error.body), error.status

    return routes
