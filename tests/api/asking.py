"""A client of the API that holds every answer against the OpenAPI document."""

import time
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from werkzeug.test import TestResponse

from dashboard.api.openapi import document
from dashboard.app import Settings
from dashboard.calendar.places import Calendar
from dashboard.kpi.basis import Basis
from dashboard.losses.reasons import Reasons
from protocol.address import Address


def settings(history: str, calendar: Calendar | None = None) -> Settings:
    """Of an application that no broker feeds: its live channel is never started."""
    return Settings(
        address=Address(host="127.0.0.1", port=1),
        root="shopfloor",
        history=history,
        basis=Basis(calendar=calendar or Calendar.read()),
        reasons=Reasons.read(),
        guest_line="",
    )


def get(client: FlaskClient, path: str, status: int = 200) -> TestResponse:
    """The answer at a path, which is as the document says."""
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    check(path.partition("?")[0], answer)
    return answer


def ask(client: FlaskClient, path: str, status: int = 200) -> Any:
    """The JSON at a path, which is as the document says."""
    answer = get(client, path, status)
    assert answer.mimetype == "application/json"
    return answer.json


def check(path: str, answer: TestResponse) -> None:
    """Hold an answer against the document."""
    described = document()
    if path not in described["paths"]:
        assert answer.status_code == 404
        schema = {"$ref": "#/components/schemas/Error"}
    else:
        content = described["paths"][path]["get"]["responses"][str(answer.status_code)]["content"]
        schema = content[answer.mimetype]["schema"]
    body = answer.json if answer.mimetype == "application/json" else answer.text
    checker = Draft202012Validator(
        {**schema, "components": described["components"]}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    checker.validate(body)


def wait_until(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Wait until a condition holds."""
    until_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until_s, "the condition did not come true"
        time.sleep(0.02)


def samples(text: str) -> list[Sample]:
    """What a scrape says."""
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples]
