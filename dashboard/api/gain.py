"""What monitoring gained: a run beside its twin, in JSON, or one of its tables as CSV."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Response

from dashboard.api.gain_rows import (
    TABLES,
    flat,
    holes,
    kpis,
    lines,
    machines,
    pair_counts,
    pairs,
    paper,
    phases,
    pool,
    replica_rows,
    replicas_of,
    segment_row,
    share,
)
from dashboard.api.question import ApiError, Question
from dashboard.api.spreadsheet import csv_answer
from dashboard.gain import sentences
from dashboard.gain.parts import money
from dashboard.gain.segments import Segment
from dashboard.gain.tally import MONITORED
from dashboard.history.segments import segments
from dashboard.history.twins import TwinPlants, twin_plants
from protocol.moments import to_text
from protocol.twin import is_twin

NEWEST, WHOLE = "newest", "run"
"""Words for the segment that is on, and for all of them together."""
MARGINS = "an amount, 12.50, or one for each line, machining:12.50,packing:0.40"
MOST_MARGIN = Decimal(10) ** 9


def gain(question: Question) -> dict[str, Any] | Response:
    """The gain of a window: parts of each line, the split by phase, pairs of stops, and how sure it is."""
    plants = plants_of(question)
    chosen, known = _segment(question, plants)
    from_ms, to_ms = _window(question, plants, chosen)
    margins = _margins(question, plants)
    found = question.sources.gain.gain(plants, from_ms, to_ms, (chosen or known[-1]).habits)
    limit = question.number("limit", default=40, least=0, most=10_000)
    made = {
        "line": lines(found, margins),
        "phase": phases(found),
        "machine": machines(found, question.sources.basis, from_ms, to_ms),
        "pair": pairs(found.pairs, limit),
    }
    if question.choice("format", ("json", "csv"), "json") == "csv":
        by = question.choice("by", tuple(TABLES), "line") or "line"
        return csv_answer(f"gain-{by}-{to_text(from_ms)}", TABLES[by], map(flat, made[by]))
    split = found.split
    worth = money(found.lines, margins)
    replicas = replicas_of(question.sources.channel.study, chosen or known[-1])
    return {
        "run": plants.run.run,
        "twin": plants.twin.run,
        "from": to_text(from_ms),
        "to": to_text(to_ms),
        "segment": None if chosen is None else chosen.number,
        "segments": [segment_row(one) for one in known],
        "words": {
            "headline": sentences.headline(split, found.lines, to_ms - from_ms),
            "what": sentences.what(found.lines, to_ms - from_ms),
            "why": sentences.why(split),
            "expected": sentences.expected(replicas),
            "sure": sentences.how_sure(replicas),
        },
        "lines": made["line"],
        "money": None if worth is None else float(worth),
        "time": {
            "machines": len(plants.machines),
            "outside": list(plants.outside),
            "common_s": split.common_ms / 1_000,
            "running_s": pool(split.running_ms),
            "gained_s": split.gained_ms / 1_000,
            "planned_s": pool(split.planned_ms),
            "observed_s": pool(split.observed_ms),
            "states_s": {
                str(state): pool((split.states_ms[0][state], split.states_ms[1][state]))
                for state in split.states_ms[0]
                if split.states_ms[0][state] or split.states_ms[1][state]
            },
        },
        "phases": made["phase"],
        "answered": {
            "standing_s": split.standing_ms[MONITORED] / 1_000,
            "answered_s": split.answered_ms / 1_000,
            "share": share(split.answered_ms, split.standing_ms[MONITORED]),
        },
        "kpis": kpis(found, question.sources.basis, from_ms, to_ms),
        "paper": paper(found, (chosen or known[-1]).habits),
        "machines": made["machine"],
        "pairs": {**pair_counts(found.pairs), "rows": made["pair"]},
        "holes": holes(found.holes),
        "replicas": replica_rows(replicas),
    }


def plants_of(question: Question) -> TwinPlants:
    """Both plants of the run asked for, else of the newest that is no twin."""
    reader, wanted = question.sources.reader, question.text("run")
    run = None if wanted is not None and is_twin(wanted) else reader.run(wanted)
    if run is None:
        raise ApiError(404, "run", wanted, "one of /api/runs, which has a twin")
    plants = twin_plants(reader, run)
    if plants is None:
        said = f"run {run.run!r} has no twin to compare with"
        raise ApiError(404, "run", run.run, "a run with a twin", said)
    return plants


def window_of(question: Question, plants: TwinPlants) -> tuple[int, int]:
    """The window asked for, or that of the segment asked for."""
    return _window(question, plants, _segment(question, plants)[0])


def _segment(question: Question, plants: TwinPlants) -> tuple[Segment | None, list[Segment]]:
    """The segment asked for, None for the whole run; and all of them."""
    known = segments(question.sources.reader, plants.run, plants.now_ms)
    wanted = question.text("segment")
    if wanted in {None, NEWEST}:
        return known[-1], known
    if wanted == WHOLE:
        return None, known
    for one in known:
        if str(one.number) == wanted:
            return one, known
    raise ApiError(404, "segment", wanted, f"{NEWEST}, {WHOLE}, or a number from 1 to {len(known)}")


def _window(question: Question, plants: TwinPlants, chosen: Segment | None) -> tuple[int, int]:
    """The window asked for, up to where both plants are known; else the segment's."""
    begin, end = (plants.run.epoch_ms, plants.now_ms) if chosen is None else (chosen.from_ms, chosen.to_ms)
    asked_from, asked_to = question.moment("from"), question.moment("to")
    to_ms = min(end if asked_to is None else asked_to, plants.now_ms)
    from_ms = min(begin, to_ms) if asked_from is None else max(asked_from, plants.run.epoch_ms)
    if from_ms > to_ms:
        raise ApiError(400, "from", question.text("from"), f"a moment before to, which is {to_text(to_ms)}")
    return from_ms, to_ms


def _margins(question: Question, plants: TwinPlants) -> dict[str, Decimal]:
    """The margin of a good part by line, under `""` that of every line without one of its own."""
    text = question.text("margin")
    if not text:
        return {}
    known = {one.line for one in plants.machines}
    found: dict[str, Decimal] = {}
    for one in text.split(","):
        line, colon, amount = one.rpartition(":")
        try:
            value = Decimal(amount)
        except InvalidOperation as error:
            raise ApiError(400, "margin", text, MARGINS) from error
        if not value.is_finite() or not 0 <= value <= MOST_MARGIN or (colon and line not in known):
            raise ApiError(400, "margin", text, f"{MARGINS}; lines are {', '.join(sorted(known))}")
        found[line] = value
    return found
