"""The dashboard for Grafana asks for what a running page exports, in the form that Grafana 11 imports."""

import json
import re
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from msgspec import structs

from dashboard.conclusions import Keeping, Process, encode
from dashboard.live.channel import Channel
from protocol.topics import office_topic
from tests.api.asking import get, samples, wait_until
from tests.broker.running import PROJECT
from tests.web.plant import HandOffice, a_call

FILE = PROJECT / "docs" / "grafana" / "machine-monitoring.json"
DASHBOARD: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
METRIC = re.compile(r"\bshopfloor_\w+")
MATCHED = re.compile(r"(shopfloor_\w+)\{([^}]*)\}")
GROUPED = re.compile(r"\b(?:by|on) \(([^)]*)\)")
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
SCHEMA = {
    "type": "object",
    "required": [
        "title",
        "uid",
        "schemaVersion",
        "panels",
        "templating",
        "time",
        "annotations",
        "__requires",
    ],
    "properties": {
        "id": {"type": "null"},
        "uid": {"type": "string", "minLength": 8, "maxLength": 40},
        "schemaVersion": {"type": "integer", "minimum": 36, "maximum": 41},
        "refresh": {"type": "string", "pattern": r"^\d+[smh]$"},
        "time": {"type": "object", "required": ["from", "to"]},
        "annotations": {"type": "object", "required": ["list"]},
        "templating": {
            "type": "object",
            "properties": {
                "list": {
                    "type": "array",
                    "items": {
                        "required": ["name", "type", "query"],
                        "properties": {"type": {"enum": ["datasource", "query"]}},
                    },
                }
            },
        },
        "panels": {
            "type": "array",
            "minItems": 1,
            "items": {
                "required": [
                    "id",
                    "type",
                    "title",
                    "description",
                    "datasource",
                    "gridPos",
                    "fieldConfig",
                    "options",
                    "targets",
                ],
                "properties": {
                    "type": {"enum": ["stat", "state-timeline", "bargauge", "timeseries", "table"]},
                    "datasource": {"const": DATASOURCE},
                    "gridPos": {
                        "required": ["h", "w", "x", "y"],
                        "properties": {
                            "w": {"minimum": 1, "maximum": 24},
                            "x": {"minimum": 0, "maximum": 23},
                        },
                    },
                    "fieldConfig": {"required": ["defaults", "overrides"]},
                    "targets": {
                        "minItems": 1,
                        "items": {
                            "required": ["refId", "datasource", "expr"],
                            "properties": {"datasource": {"const": DATASOURCE}},
                        },
                    },
                },
            },
        },
    },
}
"""The classic dashboard model as Grafana 11 writes it (schemaVersion 39), as far as it is used here."""


def questions() -> list[str]:
    """Everything that the dashboard asks Prometheus."""
    asked = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return asked + [
        one["query"]["query"] for one in DASHBOARD["templating"]["list"] if one["type"] == "query"
    ]


def labels_asked(question: str) -> set[tuple[str, str]]:
    """Each metric with each label by which it is chosen, grouped or shown."""
    chosen = {
        (metric, label)
        for metric, matchers in MATCHED.findall(question)
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers)
    }
    grouped = {label.strip() for labels in GROUPED.findall(question) for label in labels.split(",")}
    listed = re.findall(r"label_values\(\w+, (\w+)\)", question)
    return chosen | {(metric, label) for metric in METRIC.findall(question) for label in [*grouped, *listed]}


def test_its_form_is_that_of_grafana_11() -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(DASHBOARD)

    panels = DASHBOARD["panels"]
    needed = {one["id"] for one in DASHBOARD["__requires"] if one["type"] == "panel"}
    named = [one["name"] for one in DASHBOARD["templating"]["list"] if one["type"] == "datasource"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert {panel["type"] for panel in panels} == needed
    assert named == ["datasource"]
    assert all(
        len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) for panel in panels
    )


def test_no_two_panels_lie_upon_each_other() -> None:
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(cells) == len(set(cells))
    assert all(x < 24 for x, _ in cells)


@pytest.mark.broker
def test_every_metric_and_every_label_it_asks_for_is_exported_by_a_running_page(
    listening: tuple[FlaskClient, Channel], office: HandOffice
) -> None:
    client, channel = listening
    keeping = Keeping(
        committed_wall_ms=None, took_ms=None, failing="", failing_since_wall_ms=None,
        size_bytes=None, free_bytes=None,
    )  # fmt: skip
    office.work(process=Process(wall_ms=0, waiting=0, dropped=0, late=0, memory_bytes=None, keeping=keeping))
    office.call(a_call("mill-1", 10))
    mill = office.tile(office.machines[0])
    judged = structs.replace(mill, shift=structs.replace(mill.shift, oee=0.4, rejects=1))
    office._session.publish(office_topic("shopfloor", "machine", "mill-1"), encode(judged), retain=True)
    wait_until(lambda: channel.work is not None and channel.calls is not None)
    wait_until(lambda: any(shift is not None and shift.rejects for _, shift in channel.machines()))
    wait_until(lambda: len(channel.machines()) == len(office.machines))
    exported: dict[str, set[str]] = {}
    for one in samples(get(client, "/metrics").text):
        exported.setdefault(one.name, set()).update(one.labels)

    for question in questions():
        asked = METRIC.findall(question)
        assert asked, question
        assert set(asked) <= exported.keys(), question
        for metric, label in labels_asked(question):
            assert label in exported[metric], f"{metric} has no label {label!r}: {question}"
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            for label in re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")):
                assert any(label in exported[metric] for metric in METRIC.findall(target["expr"])), panel[
                    "title"
                ]
