"""The numbers for other programs: `/api/machines`, `kpis`, `intervals`, `refused` and `runs`.

Times in answers are ISO 8601 in UTC with milliseconds, durations are seconds exact to the millisecond.
The numbers come from the function that the pages use.
"""

from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from dashboard.conclusions import Numbers
from dashboard.history.numbers import numbers_of
from dashboard.history.reader import MachineRow, Reader, RunRow, Source
from dashboard.kpi.basis import Basis
from dashboard.live.channel import Channel
from protocol.moments import EARLIEST_MS, LATEST_MS, from_text, to_text

SOURCES = ("measured", "truth")
REFUSALS = 50


class ApiError(Exception):
    """Raised when a request cannot be answered; its JSON names parameter, value and what is allowed."""

    def __init__(self, status: int, parameter: str, value: str | None, allowed: str) -> None:
        super().__init__(parameter)
        self.status = status
        said = f"{parameter} {value[:100]!r}" if value is not None else f"{parameter} is missing"
        self.body = {
            "error": f"{said}: allowed is {allowed}",
            "parameter": parameter,
            "value": value,
            "allowed": allowed,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """Answers from the history, and of the newest state from the live channel.

    Args:
        reader: The history.
        calendar: When production was planned.
        channel: The newest of every machine.
    """

    reader: Reader
    basis: Basis
    channel: Channel

    def runs(self) -> list[dict[str, Any]]:
        """All runs, newest first."""
        return [
            {"run": run.run, "epoch": to_text(run.epoch_ms), "now": to_text(run.now_ms)}
            for run in self.reader.runs()
        ]

    def machines(self) -> list[dict[str, Any]]:
        """The machines of a run with their newest state."""
        run = self._run()
        if run is None:
            return []
        return [self._machine(run, machine) for machine in self.reader.machines(run.run)]

    def _machine(self, run: RunRow, machine: MachineRow) -> dict[str, Any]:
        newest = self.channel.newest(machine.name, run.run)
        if newest is not None:
            state, cause, since_ms, until_ms = newest
        else:
            # One interval back from the end: what the run's newest moment was.
            from_ms = min(machine.since_ms, run.now_ms - 1)
            intervals = list(self.reader.intervals(run.run, machine.name, from_ms, run.now_ms))
            since_ms, _, last, cause = intervals[-1]
            state, until_ms = last.value, machine.known_until_ms
        return {
            "name": machine.name,
            "path": machine.path,
            "kind": machine.kind,
            "state": state,
            "since": to_text(since_ms),
            "simulated": machine.simulated,
            "cause": cause,
            "how": machine.how,
            "known_until": to_text(until_ms),
            "run": run.run,
        }

    def kpis(self) -> dict[str, Any]:
        """The numbers of one machine, or of the plant from summed time and of each machine."""
        run, source = self._some_run(), _source()
        from_ms, to_ms = self._window(run)
        answer: dict[str, Any] = {
            "run": run.run,
            "source": source,
            "from": to_text(from_ms),
            "to": to_text(to_ms),
        }
        if "machine" in request.args:
            machine = self._named(run)
            numbers = numbers_of(self.reader, self.basis, [machine], from_ms, to_ms, source=source)
            return {**answer, "machine": machine.name, **_in_seconds(numbers)}
        machines = [
            machine
            for machine in self.reader.machines(run.run, retired=True)
            if machine.since_ms < to_ms and (machine.retired_ms is None or machine.retired_ms > from_ms)
        ]
        plant = numbers_of(self.reader, self.basis, machines, from_ms, to_ms, source=source)
        each = {
            machine.name: _in_seconds(
                numbers_of(self.reader, self.basis, [machine], from_ms, to_ms, source=source)
            )
            for machine in machines
        }
        return {**answer, "machine": None, **_in_seconds(plant), "machines": each}

    def intervals(self) -> dict[str, Any]:
        """What a machine was doing, tiled over the window."""
        run, source = self._some_run(), _source()
        machine = self._named(run)
        from_ms, to_ms = self._window(run)
        intervals = self.reader.intervals(run.run, machine.name, from_ms, to_ms, source=source)
        return {
            "run": run.run,
            "source": source,
            "machine": machine.name,
            "from": to_text(from_ms),
            "to": to_text(to_ms),
            "intervals": [
                {"start": to_text(start), "end": to_text(end), "state": state.value, "cause": cause}
                for start, end, state, cause in intervals
            ],
        }

    def refused(self) -> list[dict[str, Any]]:
        """The newest messages that could not be used."""
        if not self.reader.runs():
            return []
        return [
            {"at": to_text(one.wall_ms), "topic": one.topic, "reason": one.reason, "head": one.head}
            for one in self.reader.refusals(REFUSALS)
        ]

    def _run(self) -> RunRow | None:
        runs = self.reader.runs()
        wanted = request.args.get("run")
        if wanted is None:
            return runs[0] if runs else None
        for run in runs:
            if run.run == wanted:
                return run
        raise ApiError(404, "run", wanted, "one of /api/runs")

    def _some_run(self) -> RunRow:
        run = self._run()
        if run is None:
            raise ApiError(404, "run", None, "one of /api/runs, which is still empty")
        return run

    def _named(self, run: RunRow) -> MachineRow:
        name = request.args.get("machine")
        if not name:
            raise ApiError(400, "machine", name, "the name of a machine, as in /api/machines")
        for machine in self.reader.machines(run.run, retired=True):
            if machine.name == name:
                return machine
        raise ApiError(404, "machine", name, "the name of a machine, as in /api/machines")

    def _window(self, run: RunRow) -> tuple[int, int]:
        """[from, to) as asked, up to the run's now; without both, the running or last shift so far."""
        shift = self.basis.calendar.site.latest_shift(run.now_ms)
        asked_from, asked_to = _moment("from"), _moment("to")
        to_ms = run.now_ms if asked_to is None else min(asked_to, run.now_ms)
        if asked_from is None and asked_to is None and shift is not None:
            to_ms = min(to_ms, shift.to_ms)
        from_ms = to_ms if shift is None else min(shift.from_ms, to_ms)
        if asked_from is not None:
            from_ms = asked_from
        if from_ms > to_ms or (from_ms == to_ms and asked_from is not None):
            raise ApiError(
                400, "from", request.args.get("from"), f"a moment before to, which is {to_text(to_ms)}"
            )
        return from_ms, to_ms


def api_routes(api: Api) -> Blueprint:
    """The routes of the API, answering in JSON whatever happens."""
    routes = Blueprint("api", __name__, url_prefix="/api")
    for name in ("machines", "kpis", "intervals", "refused", "runs"):
        view = getattr(api, name)
        routes.add_url_rule(f"/{name}", name, lambda view=view: _fresh(jsonify(view())))

    @routes.errorhandler(ApiError)
    def refuse(error: ApiError) -> tuple[Response, int]:
        return jsonify(error.body), error.status

    @routes.errorhandler(SQLAlchemyError)
    def unreadable(error: SQLAlchemyError) -> tuple[Response, int]:
        return jsonify({"error": f"the history cannot be read: {type(error).__name__}"}), 503

    return routes


def _fresh(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _source() -> Source:
    source = request.args.get("source", "measured")
    if source not in SOURCES:
        raise ApiError(400, "source", source, " or ".join(SOURCES))
    return cast(Source, source)


def _moment(parameter: str) -> int | None:
    """A moment as ISO 8601 text with a zone, or as milliseconds since 1970; None when it is not given."""
    text = request.args.get(parameter)
    if text is None:
        return None
    allowed = "ISO 8601 with a zone, 2026-01-31T06:00:00Z, or milliseconds since 1970"
    try:
        # A plus sign that was not written as %2B arrives as a blank.
        at_ms = int(text) if text.isdigit() and text.isascii() else from_text(text.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise ApiError(400, parameter, text, allowed) from error
    if not EARLIEST_MS <= at_ms <= LATEST_MS:
        raise ApiError(400, parameter, text, f"{allowed}, between 2000 and 2100")
    return at_ms


def _in_seconds(numbers: Numbers) -> dict[str, Any]:
    """The numbers with idle as the standards have it: it includes what is merely known to be stopped."""
    return {
        "planned_s": numbers.planned_ms / 1_000,
        "observed_s": numbers.observed_ms / 1_000,
        "running_s": numbers.running_ms / 1_000,
        "idle_s": (numbers.idle_ms + numbers.stopped_ms) / 1_000,
        "stopped_s": numbers.stopped_ms / 1_000,
        "down_s": numbers.down_ms / 1_000,
        "setup_s": numbers.setup_ms / 1_000,
        "unknown_s": numbers.unknown_ms / 1_000,
        "parts": numbers.parts,
        "utilization": numbers.utilization,
        "utilization_low": numbers.utilization_low,
        "utilization_high": numbers.utilization_high,
        "uptime": numbers.uptime,
        "uptime_low": numbers.uptime_low,
        "uptime_high": numbers.uptime_high,
        "coverage": numbers.coverage,
    }
