"""Payloads of edge nodes and hosts: a moment, a number, and metrics; to bytes and back."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from google.protobuf.message import DecodeError

from protocol.messages import MessageError
from protocol.sparkplug.datatypes import FIELDS, DataSet, DataType, Value, read, written
from protocol.sparkplug.layout import PayloadMessage

MAX_BYTES = 1 << 20
"""A longer payload is refused before it is read."""
MAX_METRICS = 100_000
SEQUENCE = 256
"""Sequence numbers go from 0 to 255, and begin again."""
_SEQ_TAG = b"\x18"
"""Field 3, a number: what `numbered` adds to a payload that is written already."""


class Property(msgspec.Struct, frozen=True):
    """One thing said about a metric: a unit, say."""

    datatype: DataType
    value: Value


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One value at one moment; of a birth what it is as well."""

    name: str = ""
    """Its name; empty in data, where the alias stands for it."""
    alias: int | None = None
    """Number that stands for its name in data."""
    at_ms: int | None = None
    """When it had the value, ms since 1970."""
    datatype: DataType | None = None
    """Its type; None in data, which leave to the birth what it is."""
    value: Value = None
    """Its value; None for none."""
    historical: bool = False
    """True for backlog: it is no news of what is now."""
    transient: bool = False
    """True for what need not be kept."""
    properties: Mapping[str, Property] = {}
    """What else is said of it."""


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """What travels on every topic but STATE."""

    at_ms: int | None = None
    """When it was published, ms since 1970."""
    seq: int | None = None
    """Its number in the session of the edge node, 0 to 255; None where it has none."""
    metrics: Sequence[Metric] = ()
    """What it says, in order."""


def encode_payload(payload: Payload, *, brief: bool = False) -> bytes:
    """The bytes of a payload.

    Args:
        payload: What is said.
        brief: Leave the types out, as data do: their births have said them.

    Raises:
        ValueError: A value is beyond what its type holds.
    """
    message = PayloadMessage()
    if payload.at_ms is not None:
        message.timestamp = payload.at_ms
    add = message.metrics.add
    for metric in payload.metrics:
        _write_metric(add(), metric, brief=brief)
    if payload.seq is not None:
        message.seq = payload.seq
    data: bytes = message.SerializeToString()
    return data


def numbered(data: bytes, seq: int) -> bytes:
    """A payload that was written without a number, with one: fields may stand in any order."""
    number = bytes([seq]) if seq < 0x80 else bytes([seq & 0x7F | 0x80, seq >> 7])  # noqa: PLR2004 - a varint
    return data + _SEQ_TAG + number


def decode_payload(data: bytes | bytearray, types: Mapping[int | str, DataType] | None = None) -> Payload:
    """The payload in some bytes.

    Args:
        data: The bytes.
        types: Of a metric that does not say its type: that of its alias, or of its name, by its birth.

    Raises:
        MessageError: It is none, it is too long, or a value is none of its type.
    """
    if len(data) > MAX_BYTES:
        raise MessageError(f"{len(data):,} bytes are too many: allowed are {MAX_BYTES:,} a payload")
    message = PayloadMessage()
    try:
        message.ParseFromString(bytes(data))
    except (DecodeError, ValueError) as error:
        raise MessageError(
            f"not a Sparkplug B payload: {error}; it begins {bytes(data[:16]).hex()}"
        ) from error
    if len(message.metrics) > MAX_METRICS:
        raise MessageError(f"{len(message.metrics):,} metrics are too many: allowed are {MAX_METRICS:,}")
    if message.HasField("seq") and message.seq >= SEQUENCE:
        raise MessageError(f"seq {message.seq} is no sequence number: allowed are 0 to {SEQUENCE - 1}")
    known = types or {}
    return Payload(
        at_ms=message.timestamp if message.HasField("timestamp") else None,
        seq=message.seq if message.HasField("seq") else None,
        metrics=[_read_metric(one, known) for one in message.metrics],
    )


def _write_metric(message: Any, metric: Metric, *, brief: bool) -> None:
    if metric.name:
        message.name = metric.name
    if metric.alias is not None:
        message.alias = metric.alias
    if metric.at_ms is not None:
        message.timestamp = metric.at_ms
    if metric.datatype is not None and not brief:
        message.datatype = metric.datatype
    if metric.historical:
        message.is_historical = True
    if metric.transient:
        message.is_transient = True
    for key, one in metric.properties.items():
        message.properties.keys.append(key)
        _write_property(message.properties.values.add(), one)
    _write_value(message, metric.datatype, metric.value)


def _write_property(message: Any, one: Property) -> None:
    message.type = one.datatype
    if one.value is None:
        message.is_null = True
    else:
        setattr(message, FIELDS[one.datatype], written(one.datatype, one.value))


def _write_value(message: Any, datatype: DataType | None, value: Value) -> None:
    if value is None:
        message.is_null = True
    elif isinstance(value, DataSet):
        _write_dataset(message.dataset_value, value)
    elif datatype is not None:
        setattr(message, FIELDS[datatype], written(datatype, value))
    else:
        raise ValueError(f"{value!r} cannot be written without a type")


def _read_metric(message: Any, types: Mapping[int | str, DataType]) -> Metric:
    name, alias = message.name, message.alias if message.HasField("alias") else None
    number = message.datatype
    try:
        if number:
            datatype: DataType | None = DataType(number)
        else:
            datatype = types.get(name) if alias is None else types.get(alias)
        value = None if message.is_null else _read_value(message, datatype)
        properties = _read_properties(message.properties) if message.HasField("properties") else {}
    except (ValueError, struct.error) as error:
        raise MessageError(f"metric {name[:64] or alias!r}: {error}") from error
    return Metric(
        name=name,
        alias=alias,
        at_ms=message.timestamp if message.HasField("timestamp") else None,
        datatype=datatype,
        value=value,
        historical=message.is_historical,
        transient=message.is_transient,
        properties=properties,
    )


def _read_value(message: Any, datatype: DataType | None) -> Any:
    field = message.WhichOneof("value")
    if field is None or field == "template_value":
        return None
    if field == "dataset_value":
        return _read_dataset(message.dataset_value)
    return read(datatype, getattr(message, field))


def _read_properties(message: Any) -> dict[str, Property]:
    found = {}
    for key, one in zip(message.keys, message.values, strict=False):
        field = one.WhichOneof("value")
        if one.type and field not in {"propertyset_value", "propertysets_value"}:
            datatype = DataType(one.type)
            value = None if one.is_null or field is None else read(datatype, getattr(one, field))
            found[key] = Property(datatype, value)
    return found


def _write_dataset(message: Any, table: DataSet) -> None:
    message.num_of_columns = len(table.columns)
    message.columns.extend(table.columns)
    message.types.extend(table.types)
    message.SetInParent()
    for row in table.rows:
        line = message.rows.add()
        for datatype, value in zip(table.types, row, strict=True):
            element = line.elements.add()
            if value is not None:
                setattr(element, FIELDS[datatype], written(datatype, value))


def _read_dataset(message: Any) -> DataSet:
    types = tuple(DataType(one) for one in message.types)
    rows = []
    for line in message.rows:
        if len(line.elements) != len(types):
            raise ValueError(f"a row has {len(line.elements)} values for {len(types)} columns")
        fields = [one.WhichOneof("value") for one in line.elements]
        rows.append(
            tuple(
                None if field is None else read(datatype, getattr(one, field))
                for datatype, field, one in zip(types, fields, line.elements, strict=True)
            )
        )
    return DataSet(columns=tuple(message.columns), types=types, rows=tuple(rows))
