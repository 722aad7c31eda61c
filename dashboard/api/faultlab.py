"""The fault lab: what can be broken in the simulated plant, what was, and what came of it."""

from typing import Any

from flask import Response

from dashboard.api.question import Question
from dashboard.api.spreadsheet import csv_answer
from dashboard.faultlab.score import About
from dashboard.faultlab.watch import Seen, key_of
from dashboard.history.scored import Score, ScoreBook
from protocol.faults import MAX_SPELLS, FaultEntry, Faults, FaultSpell
from protocol.moments import to_ms, to_text

SHOWN = 20
"""So many faults are scored where nobody asks for more: each costs a look at the history."""
OF_SPELL = (
    "machine", "fault", "signal", "severity", "from", "until", "under_way",
    "seen_as", "seen_s", "seen_plant_s",
)  # fmt: skip
OF_SCORE = (
    "called_plant_s", "called_rule", "lost_s", "lost_parts", "lost_against", "lost_of_s",
    "utilization_error_points", "utilization_error_low_points", "utilization_error_high_points",
    "bounds_hold", "false_calls",
)  # fmt: skip
COLUMNS = (*OF_SPELL, *OF_SCORE)
NO_HISTORY = "the history knows nothing of this machine yet"


def faultlab(question: Question) -> dict[str, Any] | Response:
    """What there is, and the newest faults of the run that is on with their scores."""
    channel = question.sources.channel
    channel.start()
    told = channel.faults
    limit = question.number("limit", default=SHOWN, least=1, most=MAX_SPELLS)
    rows = [] if told is None else _rows(question, told, limit)
    if question.choice("format", ("json", "csv"), "json") == "csv":
        return csv_answer("fault-lab", COLUMNS, rows)
    return {
        "run": None if told is None else told.run or None,
        "begun": 0 if told is None else len(told.spells),
        "catalogue": [] if told is None else [_entry(one) for one in told.catalogue],
        "machines": {}
        if told is None
        else {
            name: {"signals": list(one.signals), "without": one.without, "reason": one.reason}
            for name, one in told.machines.items()
        },
        "faults": rows,
    }


def _rows(question: Question, told: Faults, limit: int) -> list[dict[str, Any]]:
    sources = question.sources
    spells = list(reversed(told.spells))[:limit]
    entries = {one.fault: one for one in told.catalogue}
    run = sources.reader.run(told.run) if spells else None
    about: dict[str, About] = {name: one.about for name, one in entries.items()}
    scores: list[Score | None] = [None] * len(spells)
    if run is not None:
        scores = ScoreBook(sources.reader, sources.basis, sources.truths, run).scores(spells, about)
    now_ms = 0 if run is None else run.now_ms
    return [
        _row(spell, entries.get(spell.fault), sources.channel.seen(key_of(spell)), score, now_ms)
        for spell, score in zip(spells, scores, strict=True)
    ]


def _entry(one: FaultEntry) -> dict[str, Any]:
    return {
        "fault": one.fault,
        "title": one.title,
        "about": one.about,
        "severity": one.severity,
        "duration_s": one.duration_s,
        "expected": one.expected,
    }


def _row(
    spell: FaultSpell, entry: FaultEntry | None, seen: Seen, score: Score | None, now_ms: int
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "machine": spell.machine,
        "fault": spell.fault,
        "title": spell.fault if entry is None else entry.title,
        "about": None if entry is None else entry.about,
        "signal": spell.signal or None,
        "severity": spell.severity,
        "severity_words": spell.words,
        "from": to_text(to_ms(spell.begun)),
        "until": to_text(to_ms(spell.until)),
        "under_way": to_ms(spell.until) > now_ms,
        "seen_as": seen.words or None,
        "seen_s": None if seen.real_s is None else round(seen.real_s, 1),
        "seen_plant_s": _seconds(seen.plant_ms),
    }
    why = {"seen": seen.reason}
    if score is None:
        row |= dict.fromkeys(OF_SCORE)
        why |= dict.fromkeys(("called", "lost", "lost_parts", "error", "false_calls"), NO_HISTORY)
    else:
        called, lost, error = score.called, score.lost, score.error
        row |= {
            "called_plant_s": _seconds(called.after_ms),
            "called_rule": called.rule or None,
            "lost_s": _seconds(lost.running_ms),
            "lost_parts": None if lost.parts is None else round(lost.parts, 1),
            "lost_against": lost.against,
            "lost_of_s": lost.of_ms / 1_000,
            "utilization_error_points": _points(error.points),
            "utilization_error_low_points": _points(error.low),
            "utilization_error_high_points": _points(error.high),
            "bounds_hold": error.holds,
            "false_calls": called.false,
        }
        why |= {
            "called": called.reason,
            "lost": lost.reason,
            "lost_parts": lost.parts_reason,
            "error": error.reason,
            "false_calls": called.false_reason,
        }
    return {**row, "why": {name: words for name, words in why.items() if words}}


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else round(ms / 1_000, 3)


def _points(points: float | None) -> float | None:
    return None if points is None else round(points, 3)
