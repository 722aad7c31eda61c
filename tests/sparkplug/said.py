"""What an edge node of a test says, by hand."""

from collections.abc import Iterable

from protocol.sparkplug.births import BD_SEQ, REBIRTH
from protocol.sparkplug.datatypes import DataType, Value
from protocol.sparkplug.payloads import Metric, Payload, encode_payload

AT_MS = 1_767_225_600_000
GROUP, NODE = "devices", "Line 1"
STATE, POWER, COUNT = 1, 2, 3
"""Aliases of the metrics of its device."""


def topic(kind: str, device: str = "") -> str:
    """Where it says something."""
    return "/".join(["spBv1.0", GROUP, kind, NODE, *([device] if device else [])])


def node_birth(*, bd_seq: int = 0, seq: int | None = 0) -> bytes:
    """It is there."""
    metrics = [
        Metric(name=BD_SEQ, datatype=DataType.INT64, value=bd_seq),
        Metric(name=REBIRTH, datatype=DataType.BOOLEAN, value=False),
    ]
    return encode_payload(Payload(at_ms=AT_MS, seq=seq, metrics=metrics))


def node_death(bd_seq: int = 0) -> bytes:
    """Its will."""
    return encode_payload(Payload(metrics=[Metric(name=BD_SEQ, datatype=DataType.INT64, value=bd_seq)]))


def device_birth(seq: int, *, state: Value = "Running", at_ms: int = AT_MS) -> bytes:
    """A press that says its state, its power and its parts."""
    metrics = [
        Metric(name="Status/State", alias=STATE, at_ms=at_ms, datatype=DataType.STRING, value=state),
        Metric(name="Drive/Power", alias=POWER, at_ms=at_ms, datatype=DataType.FLOAT, value=3.5),
        Metric(name="Counts/Parts", alias=COUNT, at_ms=at_ms, datatype=DataType.INT32, value=7),
    ]
    return encode_payload(Payload(at_ms=at_ms, seq=seq, metrics=metrics))


def data(
    seq: int | None,
    said: Iterable[tuple[int, float, Value]],
    *,
    historical: bool = False,
    begun_ms: int = AT_MS,
) -> bytes:
    """Values by alias, and seconds after a moment."""
    types = {STATE: DataType.STRING, POWER: DataType.FLOAT, COUNT: DataType.INT32}
    metrics = [
        Metric(
            alias=alias,
            at_ms=begun_ms + round(second * 1_000),
            datatype=types.get(alias, DataType.DOUBLE),
            value=value,
            historical=historical,
        )
        for alias, second, value in said
    ]
    last_ms = max((metric.at_ms or 0 for metric in metrics), default=begun_ms)
    return encode_payload(Payload(at_ms=last_ms, seq=seq, metrics=metrics), brief=True)
