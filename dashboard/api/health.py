"""How each part is that a reading passes: broker, simulator, ingest, history, and the page itself."""

from dataclasses import dataclass, replace
from time import time
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from dashboard.api.question import Question
from dashboard.api.sources import Sources
from dashboard.chain.links import Link, links
from dashboard.chain.sentences import Sentence, lasting, sentences
from dashboard.conclusions import Board, Work
from dashboard.history.answering import NoAnswerError
from dashboard.history.rows import RunRow
from dashboard.history.version import why_unreadable
from protocol.moments import to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The whole chain, as it is seen from here."""

    links: list[Link]
    """Each link, in the order in which a reading passes them."""
    sentences: list[Sentence]
    """What is wrong, the foremost first."""
    board: Board | None
    """The office's newest word, None while it has not been heard."""
    age_s: float | None
    """Seconds since then."""
    lag_ms: int | None
    """Plant time that is worked out and not yet in the history, in milliseconds."""

    @property
    def reason(self) -> str:
        """What is broken, the foremost first; `""` where nothing is."""
        return " ".join(one.what for one in self.sentences if one.weight == "broken")


def chain_of(sources: Sources) -> Chain:
    """How each part is just now."""
    channel, unreadable = sources.channel, ""
    runs: list[RunRow] = []
    try:
        runs = sources.runs.answer()
    except NoAnswerError as error:
        unreadable = str(error)
    except SQLAlchemyError as error:
        unreadable = why_unreadable(error)
    known = replace(channel.known(), unreadable=unreadable, lag_ms=_lag_ms(channel.board, runs))
    found = lasting(sentences(known), channel.watch.found, known.wall_ms)
    return Chain(
        links=links(known, found),
        sentences=found,
        board=known.board,
        age_s=known.board_age_s,
        lag_ms=known.lag_ms,
    )


def works(link: Link) -> bool | None:
    """Whether a link holds; None where it cannot be told, or where there is no such link."""
    return None if link.lamp in {"unknown", "absent"} else link.lamp != "broken"


def health(question: Question) -> dict[str, Any]:
    """The chain, what is wrong with it, and the office's counts of what did not go as it should."""
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
        "wall": to_text(int(time() * 1_000)),
        "sentences": [_told(one) for one in chain.sentences],
        "chain": [_shown(link) for link in chain.links],
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


def _told(sentence: Sentence) -> dict[str, Any]:
    since_ms = sentence.since_wall_ms
    return {
        "link": sentence.link,
        "weight": sentence.weight,
        "what": sentence.what,
        "since": None if since_ms is None else to_text(since_ms),
        "do": {"demo": sentence.remedy.demo, "docker": sentence.remedy.docker},
    }


def _shown(link: Link) -> dict[str, Any]:
    return {
        "part": link.link,
        "ok": works(link),
        "lamp": link.lamp,
        "reason": link.sentence.what if link.sentence is not None else "",
        "measures": [
            {"key": one.key, "words": one.words, "value": one.value, "unit": one.unit, "of": one.of}
            for one in link.measures
        ],
    }
