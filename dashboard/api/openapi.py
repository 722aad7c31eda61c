"""The OpenAPI document of the API: what may be asked, and how it is answered.

It is the one place where paths and parameters stand: requests are checked against it, `/api/openapi.json`
hands it out, and the tests hold every answer against its schemas.
"""

from functools import cache
from typing import Any

from dashboard.api.detail_paths import DETAIL_PATHS
from dashboard.api.loss_paths import LOSS_PATHS
from dashboard.api.operation import (
    COMMON,
    CSV,
    FORMAT,
    GAIN_WINDOW,
    MACHINE,
    MOMENTS,
    ONE_OR_MANY,
    RUN,
    SOURCE,
    WINDOW,
    Operation,
)
from dashboard.api.operation import answer as _answer
from dashboard.api.operation import choice as _choice
from dashboard.api.operation import get as _get
from dashboard.api.operation import json as _json
from dashboard.api.operation import parameter as _parameter
from dashboard.api.schema import COUNT, TEXT, ref
from dashboard.api.schemas import SCHEMAS
from dashboard.api.session_paths import SESSION
from dashboard.kpi.definitions import DEFINITIONS
from protocol.version import VERSION

_COMMAND_ERRORS = {
    "401": "The page listens beyond this machine, and the operator's password is missing",
    "403": "The request came from another page's origin, or no password has been set",
    "409": "It was refused",
    "413": "It is too long",
    "415": "It is not JSON",
    "429": "Too many wrong passwords of late; Retry-After says how long to wait",
    "503": "This page may not command",
    "504": "Nobody answered; it may still be done",
}
COMMANDS: Operation = {
    "post": {
        "operationId": "commands",
        "summary": "What a person asks of office and plant: give a stop its reason, forget a machine, "
        "learn one anew, start over, switch the calibration bench, change what is assumed; put up, change, "
        "hold and take away machines, turn plant time; and what only asks: check, kinds, machines, save",
        "parameters": [],
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref("Command")}}},
        "responses": {
            "200": _answer(
                "It was done; or, of what only asks, the answer", {"application/json": ref("Done")}
            ),
            "400": _answer(
                "A key is unknown, missing or wrong, or there is no such parameter",
                {"application/json": {"anyOf": [ref("BadCommand"), ref("Error")]}},
            ),
            **{
                status: _answer(words, {"application/json": ref("Unreadable")})
                for status, words in _COMMAND_ERRORS.items()
            },
        },
    }
}
PATHS: dict[str, Operation] = {
    "/api/commands": COMMANDS,
    "/api/session": SESSION,
    "/api/runs": _get("runs", "All runs, newest first", [], _json("Runs")),
    "/api/machines": _get(
        "machines",
        "The machines of a run, with their newest state",
        [
            *COMMON,
            _parameter(
                "retired", "Those that are there, or those that have gone", _choice("no", "yes", default="no")
            ),
        ],
        _json("Machines"),
    ),
    "/api/refused": _get("refused", "The newest messages that could not be used", [], _json("Refused")),
    "/api/kpis": _get(
        "kpis",
        "The numbers of a machine, a line or the plant; time and counts are summed first, then divided",
        [
            *WINDOW,
            *ONE_OR_MANY,
            _parameter(
                "by",
                "One row for each of these. Hours, shifts and production days are those of the calendar, "
                "clipped to the window; time outside every shift is in no row of `shift`",
                _choice("machine", "line", "plant", "hour", "shift", "day"),
            ),
            SOURCE,
            FORMAT,
            *COMMON,
        ],
        {**_json("Kpis"), **CSV},
    ),
    "/api/kpis/explain": _get(
        "explain",
        "One number, opened: numerator and denominator in time, the pieces of time behind it, what is not "
        "accounted for, and the definitions that it is easily taken for",
        [
            _parameter("kpi", "The number's key", _choice(*DEFINITIONS), required=True),
            *WINDOW,
            *ONE_OR_MANY,
            _parameter(
                "pieces",
                "How many pieces of time are given at most",
                {**COUNT, "maximum": 5_000, "default": 100},
            ),
            SOURCE,
            *COMMON,
        ],
        _json("Explanation"),
    ),
    "/api/intervals": _get(
        "intervals",
        "What a machine was doing: intervals that tile the window",
        [*WINDOW, MACHINE, SOURCE, FORMAT, *COMMON],
        {**_json("Intervals"), **CSV},
    ),
    **LOSS_PATHS,
    **DETAIL_PATHS,
    "/api/calls": _get(
        "calls",
        "The calls for people that lie in a window or reach into it: what each was about, what came of it, "
        "and how long each part took",
        [
            *WINDOW,
            *ONE_OR_MANY,
            _parameter(
                "open",
                "Only those that are open, or only those that are not; without it all of them",
                _choice("true", "false"),
            ),
            FORMAT,
            *COMMON,
        ],
        {**_json("Calls"), **CSV},
    ),
    "/api/faults": _get(
        "faults",
        "The faults that somebody asked the simulator for, as its truth tells of them: which machine had "
        "which, from when to when",
        [*WINDOW, *ONE_OR_MANY, FORMAT, *COMMON],
        {**_json("Faults"), **CSV},
    ),
    "/api/faultlab": _get(
        "faultlab",
        "What can be broken in the simulated plant, and of the run that is on the newest faults: when each "
        "was seen, when somebody was called, what it cost and how far it led the numbers astray",
        [
            _parameter(
                "limit",
                "So many faults at most, the newest",
                {**COUNT, "minimum": 1, "maximum": 100, "default": 20},
            ),
            FORMAT,
        ],
        {**_json("FaultLab"), **CSV},
    ),
    "/api/holes": _get(
        "holes",
        "The stretches of a run in which the plant lived on without an office: when, which calls were "
        "missed, and how many stops began",
        COMMON,
        _json("Holes"),
    ),
    "/api/industry": _get(
        "industry",
        "What of Industry 4.0 is at work here, in numbers: readings, messages, calls, history, forecasts",
        [],
        _json("Industry"),
    ),
    "/api/gain/lanes": _get(
        "lanes",
        "Both plants' timelines for a picture: a letter for the state of each cell of time, of the last day "
        "of the window, and the good parts of each line up to each of some moments",
        [
            *GAIN_WINDOW,
            _parameter(
                "cells",
                "Into how many cells the time is cut",
                {**COUNT, "minimum": 10, "maximum": 2_000, "default": 480},
            ),
            RUN,
        ],
        _json("Lanes"),
    ),
    "/api/gain": _get(
        "gain",
        "What monitoring gained: good parts and time of a run less those of its twin, in which nobody hears "
        "the calls. Time counts where both are observed",
        [
            *GAIN_WINDOW,
            _parameter(
                "margin",
                "What a good part earns, for every line or for each: `12.50`, `machining:12.50,packing:0.40`",
                TEXT,
            ),
            _parameter(
                "limit",
                "How many stops are given at most that have a pair, and how many that have none",
                {**COUNT, "maximum": 10_000, "default": 40},
            ),
            _parameter(
                "by", "Which table, as CSV", _choice("line", "phase", "machine", "pair", default="line")
            ),
            FORMAT,
            RUN,
        ],
        {**_json("Gain"), **CSV},
    ),
    "/api/assumptions": _get(
        "assumptions",
        "What is assumed of the plant at the end of a run, each with its bounds, source and grade, and the "
        "segments of the run in which it was so or otherwise; none of a run whose plant says nothing",
        COMMON,
        _json("Assumptions"),
    ),
    "/api/conditions": _get(
        "conditions",
        "Where signals with a normal range are going, of at most 100 machines: the level of each while its "
        "machine ran, and when it is foreseen to reach a limit, as of the newest full ten minutes",
        [*ONE_OR_MANY, *COMMON],
        _json("Conditions"),
    ),
    "/api/proof": _get(
        "proof",
        "What was measured beside what really happened, with the reason for each difference; for one machine "
        "both timelines too",
        [
            *WINDOW,
            _parameter(
                "window",
                "Instead of from and to, a window by its name",
                _choice("shift", "last", "8h", "24h"),
            ),
            _parameter("machine", "Name of a machine; without it all of them", TEXT),
            RUN,
        ],
        _json("Proof"),
    ),
    "/api/readings": _get(
        "readings",
        "A signal of a machine, reduced so that the highest and the lowest of every stretch stay",
        [
            *WINDOW,
            MACHINE,
            _parameter("signal", "Name of a signal, `power_kw`", TEXT, required=True),
            _parameter(
                "points",
                "How many readings are given at most",
                {**COUNT, "minimum": 10, "maximum": 20_000, "default": 1_000},
            ),
            *COMMON,
        ],
        _json("Readings"),
    ),
    "/api/health": _get(
        "health", "How each part is that a reading passes", [], _json("Health"), reads_history=False
    ),
    "/api/openapi.json": _get(
        "openapi",
        "This document",
        [],
        {"application/json": {"type": "object"}},
        reads_history=False,
    ),
    "/report": _get(
        "report",
        "The report of a shift, or of from and to, as one HTML file that holds everything; without "
        "either the newest shift that is over",
        [
            _parameter("shift", "A production day and a shift's name, 2026-11-23/early", TEXT),
            _parameter("from", f"Beginning: {MOMENTS}; without it the beginning of the run", TEXT),
            _parameter("to", f"End: {MOMENTS}; without it, and at the latest, the run's now", TEXT),
            _parameter("line", "Location of a line; without it the plant", TEXT),
            *COMMON,
        ],
        {"text/html": TEXT},
    ),
    "/metrics": _get(
        "metrics",
        "The newest of everything for Prometheus",
        [],
        {"text/plain": TEXT, "application/openmetrics-text": TEXT},
        reads_history=False,
    ),
}
"""Every path with what may be asked there."""


@cache
def document() -> dict[str, Any]:
    """The whole document, OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Shop floor",
            "version": VERSION,
            "summary": "Uptime, utilization and losses of every machine",
            "description": __doc__,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": PATHS,
        "components": {"schemas": SCHEMAS},
    }


def parameters_of(path: str) -> frozenset[str]:
    """The names of the parameters that a path takes, however it is asked."""
    return frozenset(
        parameter["name"] for method in PATHS[path].values() for parameter in method.get("parameters", ())
    )
