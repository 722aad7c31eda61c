"""Reads and writes with pysparkplug: questions on standard input, answers on standard output."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from pysparkplug import DataType, DBirth, DData, Metric


def read(question: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics of some data, with their birth, or of a birth alone."""
    birth = DBirth.decode(bytes.fromhex(question["birth"]))
    said = DData.decode(bytes.fromhex(question["data"]), birth=birth) if question.get("data") else birth
    return [
        {
            "name": one.name,
            "alias": one.alias,
            "at_ms": one.timestamp,
            "type": int(one.datatype),
            "value": None if one.is_null else plain(one.value),
            "historical": one.is_historical,
        }
        for one in said.metrics
    ]


def write(question: dict[str, Any]) -> str:
    """A birth with some metrics."""
    metrics = [
        Metric(
            timestamp=one["at_ms"],
            name=one["name"],
            datatype=DataType(one["type"]),
            value=rich(DataType(one["type"]), one["value"]),
            alias=one["alias"],
            is_historical=one["historical"],
            is_null=one["value"] is None,
        )
        for one in question["metrics"]
    ]
    birth = DBirth(timestamp=question["at_ms"], seq=question["seq"], metrics=tuple(metrics))
    return str(birth.encode().hex())


def plain(value: Any) -> Any:
    """A value as JSON can hold it exactly."""
    if isinstance(value, datetime):
        return {"int": str(round(value.timestamp() * 1_000))}
    if isinstance(value, (bool, str)) or value is None:
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": repr(value)}
    return {"bytes": value.hex()} if isinstance(value, bytes) else [plain(one) for one in value]


def rich(datatype: DataType, value: Any) -> Any:
    """A value from JSON, as this package takes it."""
    if isinstance(value, list):
        return tuple(rich(datatype, one) for one in value)
    if isinstance(value, dict):
        ((kind, text),) = value.items()
        if kind == "int" and datatype in {DataType.DATETIME, DataType.DATETIME_ARRAY}:
            return datetime.fromtimestamp(int(text) / 1_000, tz=UTC)
        return int(text) if kind == "int" else float(text) if kind == "float" else bytes.fromhex(text)
    return value


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """What comes of a question, or what went wrong."""
    try:
        return {"answer": write(question) if "metrics" in question else read(question)}
    except Exception as error:  # noqa: BLE001 - what it cannot do is an answer
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    json.dump([answer(one) for one in json.load(sys.stdin)], sys.stdout)
