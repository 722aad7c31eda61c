"""The OpenAPI document says what is there, no more and no less."""

import tomllib
from pathlib import Path

from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from dashboard.api.openapi import document
from dashboard.app import make_app
from protocol.version import VERSION
from tests.api.asking import ask, settings

PROJECT = Path(__file__).parents[2]


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(document()).validate()


def test_it_is_handed_out_as_it_stands(client: FlaskClient) -> None:
    assert ask(client, "/api/openapi.json")["paths"].keys() == document()["paths"].keys()


def test_every_route_is_described_and_everything_described_is_a_route(history: str) -> None:
    app, _ = make_app(settings(history))
    routes = {
        (rule.rule, method.lower())
        for rule in app.server.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith(("/api/", "/metrics", "/report")) and "<" not in rule.rule
        if method in {"GET", "POST", "DELETE"} and rule.rule != "/api/"
    }
    described = {(path, method) for path, methods in document()["paths"].items() for method in methods}

    assert routes == described


def test_every_object_says_that_it_holds_nothing_else() -> None:
    def look(schema: object, where: str) -> None:
        if isinstance(schema, dict):
            if schema.get("type") == "object":
                assert "additionalProperties" in schema, where
            for key, value in schema.items():
                look(value, f"{where}/{key}")
        elif isinstance(schema, list):
            for number, value in enumerate(schema):
                look(value, f"{where}/{number}")

    look(document()["components"], "components")


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))

    assert project["project"]["version"] == VERSION
