"""Somebody who tries everything: every topic at every depth, every endpoint by every method."""

import re
from dataclasses import dataclass

from flask import Flask

from dashboard.live.command_routes import _ASKS, _COMMANDS
from tests.broker.running import RunningBroker

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HELD_OPEN = "/live/stream"
READ = frozenset(
    {
        "/", "/<path:path>", "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
        "/_dash-dependencies", "/_dash-layout", "/_favicon.ico", "/_reload-hash", "/api/",
        "/api/<path:rest>", "/api/assumptions", "/api/calls", "/api/conditions", "/api/cycles",
        "/api/faultlab", "/api/faults", "/api/gain", "/api/gain/lanes", "/api/health", "/api/heat",
        "/api/holes", "/api/industry", "/api/intervals", "/api/kpis", "/api/kpis/explain", "/api/losses",
        "/api/losses/compare", "/api/machines", "/api/messages", "/api/openapi.json", "/api/pace",
        "/api/proof", "/api/readings", "/api/reasons", "/api/refused", "/api/runs", "/api/session",
        "/api/stops", "/assets/<path:filename>", "/health", "/live/poll", "/live/state", HELD_OPEN,
        "/metrics", "/report", "/static/<path:filename>", "/tour.json",
    }
)  # fmt: skip
"""What whoever reaches the page may read. A route that is not here has no rule yet, and fails the test."""
OTHERWISE = {
    ("/_dash-update-component", "POST"): "draws, and changes nothing",
    ("/api/session", "POST"): "says the password itself",
    ("/api/session", "DELETE"): "ends a session of one's own",
    ("/api/commands", "POST"): "asks for the password unless it only asks",
}
"""What is no reading, and by what rule it is taken."""
COMMANDS = sorted(set(_COMMANDS) - _ASKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request."""

    rule: str
    """The route it is for."""
    method: str
    """How it asks."""
    path: str
    """The address."""


def attempts(server: Flask) -> list[Attempt]:
    """Every route of an application by every method, whether that has it or not."""
    return [
        Attempt(rule=rule.rule, method=method, path=re.sub(r"<[^>]*>", "x", rule.rule))
        for rule in server.url_map.iter_rules()
        for method in METHODS
    ]


def without_rule(server: Flask) -> set[tuple[str, str]]:
    """What an application takes, and no rule here foresees."""
    return {
        (rule.rule, method)
        for rule in server.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not (method == "GET" and rule.rule in READ) and (rule.rule, method) not in OTHERWISE
    }


def denied(broker: RunningBroker, client_id: str) -> set[str]:
    """The topics on which the broker's log says that a client was denied to publish."""
    log = broker.log.read_text(encoding="utf-8")
    return set(re.findall(rf"Denied PUBLISH from {client_id} \(.*?'([^']*)'", log))
