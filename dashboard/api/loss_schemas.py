"""Schemas of losses, of when they come and how they compare, and of stops."""

from dashboard.api.schema import (
    COUNT,
    DATE,
    FLAG,
    HEAD,
    MOMENT,
    NUMBER,
    STATE,
    TEXT,
    Schema,
    listed,
    optional,
    record,
    said,
)
from dashboard.losses.heat import MEASURES

_WINDOW = {**HEAD, "machine": optional(TEXT), "line": optional(TEXT)}
_SHARE: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1 + 1e-9}
_POINTS = said(optional(NUMBER), "Null before planned time, and where nothing was planned")
_BAR: dict[str, Schema] = {
    "word": TEXT,
    "lost_s": NUMBER,
    "stops": COUNT,
    "share": said(_SHARE, "Its part of the whole; null of nothing"),
    "cumulative": said(_SHARE, "Its part and that of all before it"),
}

_SPLIT: dict[str, Schema] = {
    "unnoticed_s": said(NUMBER, "From its beginning to the call"),
    "unanswered_s": said(NUMBER, "From the call until somebody acknowledged it"),
    "way_s": said(NUMBER, "From there until somebody was at the machine"),
    "repair_s": said(NUMBER, "From there until it was able to run again"),
    "restart_s": said(NUMBER, "From there until it ran, or until now"),
    "acknowledged": said(FLAG, "Whether anybody said so"),
    "at_machine": FLAG,
    "restored": FLAG,
}
LOSS_SCHEMAS: dict[str, Schema] = {
    "Losses": record(
        {
            **_WINDOW,
            "waterfall": record(
                {
                    "calendar_s": NUMBER,
                    "good_s": NUMBER,
                    "unaccounted_s": said(NUMBER, "Calendar time less all steps and good parts: 0"),
                    "parts_in_silence": said(COUNT, "Parts counted across unknown time: in no step"),
                    "ideal_cycle_s": optional(NUMBER),
                    "steps": listed(
                        record(
                            {
                                "key": TEXT,
                                "word": TEXT,
                                "level": said(FLAG, "True for what is left, false for what is taken away"),
                                "seconds": NUMBER,
                                "hours": NUMBER,
                                "left_s": NUMBER,
                                "parts": said(
                                    optional(NUMBER), "Its time in parts; null without one ideal cycle"
                                ),
                                "charged_to": optional(TEXT),
                                "flag": said(TEXT, "What is wrong with it; empty when nothing is"),
                            }
                        )
                    ),
                }
            ),
            "pareto": record(
                {
                    "by": {"type": "string", "enum": ["time", "count"]},
                    "lost_s": NUMBER,
                    "stops": COUNT,
                    "losses": listed(
                        record(
                            {
                                "loss": TEXT,
                                **_BAR,
                                "causes": listed(record({"cause": TEXT, **_BAR})),
                            }
                        )
                    ),
                }
            ),
        }
    ),
    "Stops": record(
        {
            **_WINDOW,
            "total": said(COUNT, "Stops that lie in the window, or reach into it"),
            "begun_before": said(COUNT, "Those of them that began before the window"),
            "listed": said(COUNT, "Those of them that are listed, were the limit higher"),
            "shown": COUNT,
            "total_s": NUMBER,
            "groups": listed(
                record(
                    {
                        "words": said(TEXT, "The reason or cause that these micro-stops share"),
                        "machines": listed(TEXT),
                        "states": listed(STATE),
                        "stops": COUNT,
                        "seconds": NUMBER,
                        "longest_s": NUMBER,
                    }
                )
            ),
            "stops": listed(
                record(
                    {
                        "machine": TEXT,
                        "start": MOMENT,
                        "end": MOMENT,
                        "seconds": NUMBER,
                        "at": said(MOMENT, "The moment to name when a reason is given for it"),
                        "over": FLAG,
                        "loss": TEXT,
                        "state": STATE,
                        "states": listed(STATE),
                        "cause": TEXT,
                        "reason": said(optional(TEXT), "Null where neither a person nor a rule gave one"),
                        "note": TEXT,
                        "given_by": {"type": "string", "enum": ["person", "rule", "none"]},
                        "micro": FLAG,
                        "split": said(
                            {**record(_SPLIT), "type": ["object", "null"]},
                            "The whole stop, cut where people came in; null where nobody was called",
                        ),
                    },
                    sometimes=("split",),
                )
            ),
        }
    ),
    "ComparedLosses": record(
        {
            **_WINDOW,
            "against": record(
                {"from": MOMENT, "to": MOMENT, "machine": optional(TEXT), "line": optional(TEXT)}
            ),
            "unaccounted_s": said(NUMBER, "First difference less those of steps and good parts: 0"),
            "steps": listed(
                record(
                    {
                        "key": TEXT,
                        "word": TEXT,
                        "level": said(FLAG, "True for what is left, false for what is taken away"),
                        "seconds": NUMBER,
                        "against_s": NUMBER,
                        "difference_s": NUMBER,
                        "of_planned": said(optional(NUMBER), "Its part of its own planned time"),
                        "against_of_planned": optional(NUMBER),
                        "points": said(_POINTS, "Its part less the other one, times 100"),
                    }
                )
            ),
        }
    ),
    "Heat": record(
        {
            **_WINDOW,
            "measure": {"type": "string", "enum": list(MEASURES)},
            "word": TEXT,
            "of": {"type": "string", "enum": ["planned", "observed"]},
            "most": said(NUMBER, "The largest share of any cell"),
            "hours": said(listed(COUNT), "Local hours, in the order of a production day"),
            "days": listed(
                record(
                    {
                        "date": DATE,
                        "cells": listed(
                            record(
                                {
                                    "hour": COUNT,
                                    "start": MOMENT,
                                    "end": MOMENT,
                                    "seconds": said(NUMBER, "Lost, or running, or ideal of good parts"),
                                    "of_s": said(NUMBER, "The time that it is a part of"),
                                    "share": optional(NUMBER),
                                }
                            )
                        ),
                    }
                )
            ),
        }
    ),
}
