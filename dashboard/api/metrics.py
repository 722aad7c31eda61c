"""The newest of everything for Prometheus, at `/metrics`.

Times by state and parts are gauges of the running shift and no counters: a late batch may take time from one
state and give it to another, and a counter that falls would be read as one that began again.
Labels are machine, line and state alone: there are as many series as the plant has machines, and not more.
"""

from collections.abc import Iterator
from typing import Any

from flask import Response, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from dashboard.api.health import chain_of, works
from dashboard.api.question import Question
from dashboard.api.sources import Sources
from dashboard.calls.rules import OF_NAME
from dashboard.conclusions import Board, Numbers, OpenCalls, Work
from protocol.states import State
from protocol.version import VERSION

MACHINE = ("machine", "line")
_SHARES = {
    "utilization": "Running over observed time in the running shift",
    "utilization_low": "The same if everything unknown had not been running",
    "utilization_high": "The same if everything unknown had been running",
    "uptime": "Running and idle over observed time in the running shift",
    "uptime_low": "The same if everything unknown or merely stopped had been down",
    "uptime_high": "The same if everything unknown or merely stopped had been up",
    "coverage": "Observed over planned time in the running shift",
    "performance": "Ideal cycle times parts over running time in the running shift",
    "quality": "Good parts over parts in the running shift",
    "oee": "Overall equipment effectiveness in the running shift",
}
"""Fractions of the shift, each with its help."""
_COUNTS = {
    "parts": "Parts counted in the running shift",
    "rejects": "Parts rejected in the running shift",
    "stops": "Stops that began in the running shift",
    "micro_stops": "Micro-stops that began in the running shift",
    "failures": "Breakdowns that began in the running shift",
}
_TIMES = {
    State.RUNNING: "running_ms",
    State.IDLE: "idle_ms",
    State.STOPPED: "stopped_ms",
    State.DOWN: "down_ms",
    State.SETUP: "setup_ms",
    State.UNKNOWN: "unknown_ms",
}


class Floor(Collector):
    """Collects when it is asked; nothing is kept between two scrapes.

    Args:
        sources: Where the newest stands.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterator[Metric]:
        """Every metric, in order."""
        yield InfoMetricFamily("shopfloor_build", "Version of the product", {"version": VERSION})
        chain = chain_of(self._sources)
        up = GaugeMetricFamily(
            "shopfloor_part_up", "1 where a part of the chain works, 0 where not", labels=("part",)
        )
        for link in chain.links:
            if (ok := works(link)) is not None:
                up.add_metric([link.link], float(ok))
        yield up
        if chain.lag_ms is not None:
            yield GaugeMetricFamily(
                "shopfloor_watermark_lag_seconds",
                "Plant time that is worked out and not yet in the history",
                chain.lag_ms / 1_000,
            )
        if chain.age_s is not None:
            yield GaugeMetricFamily(
                "shopfloor_office_age_seconds", "Time since the office's newest word", chain.age_s
            )
        if chain.board is not None:
            yield from _plant(chain.board)
        if self._sources.channel.work is not None:
            yield from _work(self._sources.channel.work)
        machines = self._sources.channel.machines()
        if self._sources.channel.calls is not None:
            yield from _calls(self._sources.channel.calls, machines)
        yield from _machines(machines)


def metrics(question: Question) -> Response:
    """Everything in the form that the scraper asks for."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Floor(question.sources))
    encoder, kind = choose_encoder(request.headers.get("Accept", ""))
    return Response(encoder(registry), content_type=kind, headers={"Cache-Control": "no-store"})


def _plant(board: Board) -> Iterator[Metric]:
    yield GaugeMetricFamily("shopfloor_plant_time_seconds", "Plant time, since 1970", board.now_ms / 1_000)
    yield GaugeMetricFamily(
        "shopfloor_plant_speed_ratio", "Plant seconds in a real second, as achieved", board.achieved
    )
    yield GaugeMetricFamily("shopfloor_machines", "Number of machines", board.machines)
    yield CounterMetricFamily(
        "shopfloor_messages_refused", "Messages that could not be used, since the office began", board.refused
    )
    yield CounterMetricFamily(
        "shopfloor_messages_missing", "Messages missing by their sequence numbers", board.gaps
    )
    yield CounterMetricFamily(
        "shopfloor_messages_repeated", "Messages that came again and changed nothing", board.repeats
    )


def _work(work: Work) -> Iterator[Metric]:
    yield CounterMetricFamily("shopfloor_messages_taken", "MQTT messages taken in of the run", work.messages)
    yield CounterMetricFamily("shopfloor_readings_taken", "Readings taken in of the run", work.readings)
    yield CounterMetricFamily("shopfloor_values_taken", "Single values in these readings", work.measured)
    posting = work.posting
    if posting is None:
        return
    yield GaugeMetricFamily(
        "shopfloor_webhook_up", "1 where events of calls reach the webhook, 0 where not",
        float(not posting.failing),
    )  # fmt: skip
    yield GaugeMetricFamily("shopfloor_webhook_waiting", "Events of calls on their way", posting.waiting)
    for name, words, count in (
        ("delivered", "Events of calls that have arrived, since the office began", posting.delivered),
        ("failures", "Posts that have not arrived, since the office began", posting.failures),
        ("refused", "Events that the receiver will not take, since the office began", posting.refused),
        ("given_up", "Events given up because too many waited, since the office began", posting.given_up),
    ):
        yield CounterMetricFamily(f"shopfloor_webhook_{name}", words, count)


def _calls(calls: OpenCalls, machines: list[tuple[dict[str, Any], Numbers | None]]) -> Iterator[Metric]:
    yield CounterMetricFamily("shopfloor_calls_raised", "Calls raised in the run", calls.raised)
    opened = GaugeMetricFamily("shopfloor_calls_open", "Calls that are open, by rule", labels=("rule",))
    for rule in OF_NAME:
        opened.add_metric([rule], sum(one.rule == rule for one in calls.calls))
    yield opened
    named = {one.machine for one in calls.calls}
    unheard = {one.machine for one in calls.calls if one.acknowledged_ms is None}
    called = GaugeMetricFamily(
        "shopfloor_machine_called", "1 where somebody is called to a machine, 0 where not", labels=MACHINE
    )
    waits = GaugeMetricFamily(
        "shopfloor_machine_call_unheard", "1 where nobody has acknowledged that", labels=MACHINE
    )
    for values, _ in machines:
        labels = [values["name"], values["path"]]
        called.add_metric(labels, float(values["name"] in named))
        waits.add_metric(labels, float(values["name"] in unheard))
    yield from (called, waits)


def _machines(machines: list[tuple[dict[str, Any], Numbers | None]]) -> Iterator[Metric]:
    info = InfoMetricFamily(
        "shopfloor_machine", "Sort of machine, and how its state is known", labels=(*MACHINE,)
    )
    state = GaugeMetricFamily(
        "shopfloor_machine_state", "1 for the state that a machine is in", labels=(*MACHINE, "state")
    )
    since = GaugeMetricFamily(
        "shopfloor_machine_state_since_seconds", "Plant time at which the state began, since 1970",
        labels=MACHINE,
    )  # fmt: skip
    known = GaugeMetricFamily(
        "shopfloor_machine_known_until_seconds", "Plant time up to which there is evidence, since 1970",
        labels=MACHINE,
    )  # fmt: skip
    planned = GaugeMetricFamily(
        "shopfloor_shift_planned_seconds", "Planned time of the running shift so far", labels=MACHINE
    )
    spent = GaugeMetricFamily(
        "shopfloor_shift_state_seconds",
        "Planned time of the running shift by state",
        labels=(*MACHINE, "state"),
    )
    shares = {
        name: GaugeMetricFamily(f"shopfloor_shift_{name}_ratio", words, labels=MACHINE)
        for name, words in _SHARES.items()
    }
    counts = {
        name: GaugeMetricFamily(f"shopfloor_shift_{name}", words, labels=MACHINE)
        for name, words in _COUNTS.items()
    }
    for values, shift in machines:
        labels = [values["name"], values["path"]]
        info.add_metric(labels, {"kind": values["kind"], "how": values["how"]})
        for one in State:
            state.add_metric([*labels, one.value], float(values["state"] == one.value))
        since.add_metric(labels, values["since_ms"] / 1_000)
        known.add_metric(labels, values["known_until_ms"] / 1_000)
        if shift is None:
            continue
        planned.add_metric(labels, shift.planned_ms / 1_000)
        for one, name in _TIMES.items():
            spent.add_metric([*labels, one.value], getattr(shift, name) / 1_000)
        for name, family in (*shares.items(), *counts.items()):
            value = getattr(shift, name)
            # What is undefined has no sample: 0 would be a number.
            if value is not None:
                family.add_metric(labels, value)
    yield from (info, state, since, known, planned, spent, *shares.values(), *counts.values())
