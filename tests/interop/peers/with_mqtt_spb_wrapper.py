"""Reads and writes with mqtt-spb-wrapper: questions on standard input, answers on standard output."""

import json
import sys
from contextlib import redirect_stdout
from typing import Any

from mqtt_spb_wrapper.spb_protobuf import Payload, addMetric, getMetricValue
from mqtt_spb_wrapper.spb_protobuf.sparkplug_b import addNullMetric

HIGHEST = 19
"""Its types end here: it knows no arrays."""
DATASET = 16


def read(question: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics of some data, with their birth, or of a birth alone."""
    birth, said = Payload(), Payload()
    birth.ParseFromString(bytes.fromhex(question["birth"]))
    said.ParseFromString(bytes.fromhex(question.get("data") or question["birth"]))
    by_alias = {one.alias: one for one in birth.metrics if one.HasField("alias")}
    found = []
    for one in said.metrics:
        # Of aliases it leaves the names and types to whoever uses it.
        if not one.HasField("name"):
            one.name, one.datatype = by_alias[one.alias].name, by_alias[one.alias].datatype
        if one.datatype > HIGHEST or one.datatype == DATASET:
            raise NotImplementedError(f"type {one.datatype}")
        found.append(
            {
                "name": one.name,
                "alias": one.alias if one.HasField("alias") else None,
                "at_ms": one.timestamp if one.HasField("timestamp") else None,
                "type": one.datatype,
                "value": plain(getMetricValue(one)),
                "historical": one.is_historical,
            }
        )
    return found


def write(question: dict[str, Any]) -> str:
    """A birth with some metrics."""
    payload = Payload()
    payload.timestamp, payload.seq = question["at_ms"], question["seq"]
    for one in question["metrics"]:
        if one["type"] > HIGHEST or one["type"] == DATASET:
            raise NotImplementedError(f"type {one['type']}")
        if one["value"] is None:
            metric = addNullMetric(payload, one["name"], one["alias"], one["type"])
            metric.timestamp = one["at_ms"]
        else:
            metric = addMetric(
                payload, one["name"], one["alias"], one["type"], rich(one["value"]), one["at_ms"]
            )
        if one["historical"]:
            metric.is_historical = True
    return str(payload.SerializeToString().hex())


def plain(value: Any) -> Any:
    """A value as JSON can hold it exactly."""
    if isinstance(value, (bool, str)) or value is None:
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    return {"float": repr(value)} if isinstance(value, float) else {"bytes": bytes(value).hex()}


def rich(value: Any) -> Any:
    """A value from JSON, as this package takes it."""
    if isinstance(value, dict):
        ((kind, text),) = value.items()
        return int(text) if kind == "int" else float(text) if kind == "float" else bytes.fromhex(text)
    return value


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """What comes of a question, or what went wrong."""
    try:
        # It prints what it does not like, where the answers go.
        with redirect_stdout(sys.stderr):
            return {"answer": write(question) if "metrics" in question else read(question)}
    except Exception as error:  # noqa: BLE001 - what it cannot do is an answer
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    json.dump([answer(one) for one in json.load(sys.stdin)], sys.stdout)
