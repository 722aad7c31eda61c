"""How each part is that a reading passes: broker, simulator, ingest, history."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from dashboard.api.question import Question
from dashboard.api.sources import Sources
from dashboard.conclusions import Board, Work
from dashboard.history.reader import RunRow
from protocol.moments import to_text

SILENT_S = 5.0
"""The office speaks every second; a page greys what is older than this too."""
BEHIND_S = 120.0
"""Real seconds by which the history may be behind what is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the chain."""

    part: str
    """`broker`, `simulator`, `ingest` or `history`."""
    ok: bool | None
    """Whether it works; None where it cannot be told, or where there is no such part."""
    reason: str
    """A sentence, `""` where all is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The whole chain, as it is seen from here."""

    parts: list[Part]
    """Each part, in the order in which a reading passes them."""
    board: Board | None
    """The office's newest word, None while it has not been heard."""
    age_s: float | None
    """Seconds since then."""
    lag_ms: int | None
    """Plant time that is worked out and not yet in the history, in milliseconds."""

    @property
    def reason(self) -> str:
        """What is not well, in one sentence; `""` when all is."""
        return "; ".join(part.reason for part in self.parts if part.ok is False)


def chain_of(sources: Sources) -> Chain:
    """How each part is just now."""
    board, age_s = sources.channel.board, sources.channel.age_s()
    try:
        runs = sources.reader.runs()
        history = Part(part="history", ok=True, reason="")
    except SQLAlchemyError as error:
        runs = []
        reason = f"the history cannot be read: {type(error).__name__}"
        history = Part(part="history", ok=False, reason=reason)
    lag_ms = _lag_ms(board, runs)
    # A plant whose clock stands still has no rate at which it could be caught up with.
    behind_s = lag_ms / 1_000 / board.achieved if board and lag_ms and board.achieved else 0.0
    if history.ok and behind_s > BEHIND_S:
        reason = f"the history is {behind_s:.0f} s behind what is shown"
        history = Part(part="history", ok=False, reason=reason)
    parts = [_broker(sources), _simulator(board, age_s), _ingest(board, age_s), history]
    return Chain(parts=parts, board=board, age_s=age_s, lag_ms=lag_ms)


def health(question: Question) -> dict[str, Any]:
    """The chain, and the office's counts of what did not go as it should."""
    chain = chain_of(question.sources)
    board, calls, away = chain.board, question.sources.channel.calls, question.sources.channel.away
    return {
        "status": "degraded" if chain.reason else "ok",
        "reason": chain.reason,
        "run": board.run if board else None,
        "now": to_text(board.now_ms) if board else None,
        "age_s": None if chain.age_s is None else round(chain.age_s, 3),
        "watermark_lag_s": None if chain.lag_ms is None else chain.lag_ms / 1_000,
        "unattended_since": to_text(away.since_ms) if away is not None and away.what == "away" else None,
        "open_calls": calls.total if calls else None,
        "webhook": _webhook(question.sources.channel.work),
        "gaps": board.gaps if board else None,
        "repeats": board.repeats if board else None,
        "refused": board.refused if board else None,
        "clocks_ahead": [
            {"machine": machine, "ahead_s": ahead_s} for machine, ahead_s in sorted(board.ahead_s.items())
        ]
        if board
        else [],
        "chain": [{"part": part.part, "ok": part.ok, "reason": part.reason} for part in chain.parts],
    }


def _webhook(work: Work | None) -> dict[str, Any] | None:
    """How the delivery of calls goes; None without one."""
    if work is None or work.posting is None:
        return None
    posting, since_ms = work.posting, work.posting.failing_since_wall_ms
    return {
        "receiver": posting.receiver,
        "delivered": posting.delivered,
        "waiting": posting.waiting,
        "refused": posting.refused,
        "given_up": posting.given_up,
        "failures": posting.failures,
        "failing": posting.failing or None,
        "failing_since": None if since_ms is None else to_text(since_ms),
    }


def _lag_ms(board: Board | None, runs: list[RunRow]) -> int | None:
    if board is None:
        return None
    kept = next((run for run in runs if run.run == board.run), None)
    return None if kept is None else max(0, board.now_ms - kept.now_ms)


def _broker(sources: Sources) -> Part:
    if sources.channel.connected:
        return Part(part="broker", ok=True, reason="")
    return Part(part="broker", ok=False, reason="this page process has no connection to the broker")


def _simulator(board: Board | None, age_s: float | None) -> Part:
    if board is None or age_s is None or age_s > SILENT_S:
        return Part(part="simulator", ok=None, reason="")
    if not board.run:
        return Part(part="simulator", ok=None, reason="")
    if board.achieved == 0.0:
        return Part(part="simulator", ok=False, reason="the plant's clock stands still")
    return Part(part="simulator", ok=True, reason="")


def _ingest(board: Board | None, age_s: float | None) -> Part:
    if board is None or age_s is None:
        return Part(part="ingest", ok=False, reason="the office has not been heard yet")
    if age_s > SILENT_S:
        return Part(part="ingest", ok=False, reason=f"the office was last heard {age_s:.0f} s ago")
    return Part(part="ingest", ok=True, reason="")
