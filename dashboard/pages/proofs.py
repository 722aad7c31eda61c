"""`/api/proof`: what was measured of every machine beside what really happened, in any window.

The page draws this answer, and other programs may ask for it: times are RFC 3339 in UTC, durations
seconds, shares from 0 to 1, undefined is null.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from dashboard.history.proving import Proving, proving
from dashboard.history.reader import Reader
from dashboard.history.rows import RunRow
from dashboard.history.version import why_unreadable
from dashboard.kpi.basis import Basis
from dashboard.proof.differences import Difference
from dashboard.proof.summary import summary
from dashboard.proof.verdicts import MEANING, Verdict
from protocol.moments import EARLIEST_MS, LATEST_MS, from_text, to_text

HOUR_MS = 3_600_000
WINDOWS = {"shift": "this shift", "last": "last shift", "8h": "last 8 h", "24h": "last 24 h"}
"""Windows by name, and what a page calls them."""
MAX_DIFFERENCES = 2_000
"""Stretches that differ are listed up to this many of one machine; their sums are always whole."""


class ProofError(ValueError):
    """Raised when a question cannot be answered: it names the parameter, the value and what is allowed."""

    def __init__(self, status: int, parameter: str, value: str | None, allowed: str) -> None:
        said = f"{parameter} {value[:100]!r}" if value is not None else f"{parameter} is missing"
        super().__init__(f"{said}: allowed is {allowed}")
        self.status = status
        self.body = {"error": str(self), "parameter": parameter, "value": value, "allowed": allowed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked; each as it stands in the address."""

    run: str | None = None
    """A run's id; the newest if not given."""
    machine: str | None = None
    """A machine's name; all machines if not given."""
    window: str | None = None
    """One of `WINDOWS`."""
    begin: str | None = None
    """From when, instead of a window."""
    end: str | None = None
    """Until when; the run's now if not given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """Answers from the history.

    Args:
        reader: The history.
        basis: By what numbers are worked out.
    """

    reader: Reader
    basis: Basis

    def answer(self, question: Question) -> dict[str, Any]:
        """All machines of a run in a window, or one with every stretch that differs.

        Raises:
            ProofError: Something asked for is not there, or is not a window.
        """
        run = self._run(question.run)
        from_ms, to_ms = self._window(run, question)
        machines = [
            machine
            for machine in self.reader.machines(run.run, retired=True)
            if machine.since_ms < to_ms and (machine.retired_ms is None or machine.retired_ms > from_ms)
        ]
        if question.machine is not None:
            machines = [machine for machine in machines if machine.name == question.machine]
            if not machines:
                raise ProofError(404, "machine", question.machine, "a machine that was there in the window")
        every = [proving(self.reader, self.basis, machine, from_ms, to_ms) for machine in machines]
        return {
            "run": run.run,
            "from": to_text(from_ms),
            "to": to_text(to_ms),
            "summary": summary(one.proof for one in every),
            "unexplained_s": sum(one.proof.unexplained_ms for one in every) / 1_000,
            "reasons": {verdict.value: MEANING[verdict] for verdict in Verdict},
            "machines": [
                {**_machine(one), **(_stretches(one) if question.machine is not None else {})}
                for one in every
            ],
        }

    def _run(self, wanted: str | None) -> RunRow:
        run = self.reader.run(wanted)
        if run is None:
            empty = "" if self.reader.runs() else ", which is still empty"
            raise ProofError(404, "run", wanted, f"one of /api/runs{empty}")
        return run

    def _window(self, run: RunRow, question: Question) -> tuple[int, int]:
        now_ms = run.now_ms
        if question.begin is None and question.end is None:
            from_ms, to_ms = self._named(question.window or "shift", now_ms)
            # Nothing was told of the time before the run: there is nothing to compare.
            from_ms = max(from_ms, run.epoch_ms)
        else:
            to_ms = now_ms if question.end is None else min(_moment("to", question.end), now_ms)
            from_ms = run.epoch_ms if question.begin is None else _moment("from", question.begin)
        if from_ms >= to_ms:
            if question.begin is None:
                from_ms = to_ms
            else:
                raise ProofError(
                    400, "from", question.begin, f"a moment before to, which is {to_text(to_ms)}"
                )
        return from_ms, to_ms

    def _named(self, window: str, now_ms: int) -> tuple[int, int]:
        if window == "shift":
            shift = self.basis.calendar.site.latest_shift(now_ms)
            return (shift.from_ms, min(shift.to_ms, now_ms)) if shift else (now_ms, now_ms)
        if window == "last":
            site = self.basis.calendar.site
            newest = site.latest_shift(now_ms)
            last = newest and site.before(newest)
            return (last.from_ms, last.to_ms) if last else (now_ms, now_ms)
        if window in {"8h", "24h"}:
            return now_ms - int(window.removesuffix("h")) * HOUR_MS, now_ms
        raise ProofError(400, "window", window, " or ".join(WINDOWS))


def proof_routes(proofs: Proofs) -> Blueprint:
    """`/api/proof?window|from&to&machine&run`, answering in JSON whatever happens."""
    routes = Blueprint("proof", __name__, url_prefix="/api")

    @routes.get("/proof")
    def proof() -> Response:
        asked = request.args.get
        question = Question(
            run=asked("run"),
            machine=asked("machine"),
            window=asked("window"),
            begin=asked("from"),
            end=asked("to"),
        )
        answer = jsonify(proofs.answer(question))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @routes.errorhandler(ProofError)
    def refuse(error: ProofError) -> tuple[Response, int]:
        return jsonify(error.body), error.status

    @routes.errorhandler(SQLAlchemyError)
    def unreadable(error: SQLAlchemyError) -> tuple[Response, int]:
        return jsonify({"error": f"the history cannot be read: {why_unreadable(error)}"}), 503

    return routes


def _machine(one: Proving) -> dict[str, Any]:
    machine, proof = one.machine, one.proof
    return {
        "machine": machine.name,
        "path": machine.path,
        "how": machine.how,
        "simulated": machine.simulated,
        "bench": _bench(one),
        "told": proof.told,
        "exact": proof.exact,
        "kpis": [_difference(difference) for difference in proof.differences],
        "reasons": {
            verdict.value: {
                "s": sums.ms / 1_000,
                "running_s": sums.running_ms / 1_000,
                "up_s": sums.up_ms / 1_000,
            }
            for verdict, sums in proof.balance.items()
        },
    }


def _bench(one: Proving) -> dict[str, Any] | None:
    """What a machine of the calibration bench must come to; None for every other."""
    if not getattr(one.machine.birth, "answer", None):
        return None
    return {
        "from": to_text(one.answers_from_ms),
        "to": to_text(one.answers_to_ms),
        "answers": [
            {
                "kpi": answer.kpi,
                "known": answer.known,
                "measured": answer.measured,
                "true": answer.true,
                "equal": answer.equal,
                "contained": answer.contained,
            }
            for answer in one.answers
        ],
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "kpi": one.kpi,
        "measured": one.measured,
        "true": one.true,
        "difference": one.difference,
        "low": one.low,
        "high": one.high,
        "contained": one.contained,
    }


def _stretches(one: Proving) -> dict[str, Any]:
    """Both timelines of a machine, and every stretch in which they differ."""
    found = list(one.verdicts)
    differing = [piece for piece in found if piece[4] not in {Verdict.SAME, Verdict.NO_TRUTH}]
    return {
        "measured": _strip((start, measured.value) for start, _, measured, _, _ in found),
        "true": _strip((start, true.value) for start, _, _, true, _ in found),
        "until": to_text(one.verdicts.end_ms),
        "differences": {
            "total": len(differing),
            "shown": [
                {
                    "start": to_text(start),
                    "end": to_text(end),
                    "measured": measured.value,
                    "true": true.value,
                    "reason": verdict.value,
                }
                for start, end, measured, true, verdict in differing[:MAX_DIFFERENCES]
            ],
        },
    }


def _strip(pieces: Iterable[tuple[int, str]]) -> list[dict[str, str]]:
    told: list[dict[str, str]] = []
    for start, state in pieces:
        if not told or told[-1]["state"] != state:
            told.append({"start": to_text(start), "state": state})
    return told


def _moment(parameter: str, text: str) -> int:
    allowed = "RFC 3339 with a zone, 2026-01-31T06:00:00.000Z, or milliseconds since 1970"
    try:
        # A plus sign that was not written as %2B arrives as a blank.
        at_ms = int(text) if text.isdigit() and text.isascii() else from_text(text.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise ProofError(400, parameter, text, allowed) from error
    if not EARLIEST_MS <= at_ms <= LATEST_MS:
        raise ProofError(400, parameter, text, f"{allowed}, between 2000 and 2100")
    return at_ms
