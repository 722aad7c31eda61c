"""What a machine says of itself in the metrics of its birth: those that never change, and units.

Every field of a `Birth` is a metric `Properties/<field>`, what a sensor is stands in the properties of
its own metric, by the names that are usual there: `engUnit`, `engLow`, `engHigh`, `documentation`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from protocol.messages import Birth, MessageError, Signal, check_moments
from protocol.moments import from_ms, to_ms
from protocol.sparkplug.datatypes import DataType
from protocol.sparkplug.payloads import Metric, Property

PREFIX = "Properties/"
"""What the names of these metrics begin with."""
LOCATION = f"{PREFIX}location"
"""Levels joined by `/`, of a machine that does not stand just where its edge node says."""
RETIRED = f"{PREFIX}retired"
"""True in the last data of a machine that is taken away for good."""
RUN = f"{PREFIX}run"
REBIRTH = "Node Control/Rebirth"
"""What a host writes true to, to have all births said again."""
BD_SEQ = "bdSeq"
"""What pairs the birth of an edge node with its death."""
_APART = frozenset({"v", "signals", "gateway"})
_LISTS = frozenset({"tells"})
_WORDS = {
    "engUnit": (DataType.STRING, "unit"),
    "engLow": (DataType.DOUBLE, "low"),
    "engHigh": (DataType.DOUBLE, "high"),
    "documentation": (DataType.STRING, "title"),
    "periodMs": (DataType.INT64, "period_ms"),
    "per": (DataType.STRING, "per"),
}


def metrics_of(birth: Birth) -> Iterator[Metric]:
    """The metrics that say what a machine is, without moments and aliases."""
    yield Metric(name=f"{PREFIX}at", datatype=DataType.DATETIME, value=to_ms(birth.at))
    for name, value in msgspec.to_builtins(birth).items():
        if name not in _APART and name != "at":
            yield from _flat(f"{PREFIX}{name}", value)


def _flat(name: str, value: Any) -> Iterator[Metric]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _flat(f"{name}/{key}", one)
    elif isinstance(value, list | tuple):
        yield Metric(name=name, datatype=DataType.STRING, value=",".join(value))
    elif isinstance(value, bool):
        yield Metric(name=name, datatype=DataType.BOOLEAN, value=value)
    elif isinstance(value, int | float):
        whole = isinstance(value, int)
        yield Metric(name=name, datatype=DataType.INT64 if whole else DataType.DOUBLE, value=value)
    else:
        yield Metric(name=name, datatype=DataType.STRING, value=value)


def properties_of(signal: Signal) -> dict[str, Property]:
    """What is said of a sensor beside its values."""
    fields = msgspec.structs.asdict(signal)
    said = {
        key: Property(datatype, fields[field])
        for key, (datatype, field) in _WORDS.items()
        if fields[field] not in {None, ""}
    }
    if signal.per == "reading":
        del said["per"]
    return said


def signal_of(metric: Metric) -> Signal:
    """What a birth says of a sensor; what it says in another form is left out."""
    fields = {}
    for key, (_, field) in _WORDS.items():
        said = metric.properties.get(key)
        if said is not None and said.value is not None:
            fields[field] = said.value
    try:
        return msgspec.convert(fields, Signal)
    except msgspec.ValidationError:
        unit = fields.get("unit")
        return Signal(unit=unit[:32] if isinstance(unit, str) else "")


def birth_of(metrics: Iterable[Metric], **beside: Any) -> Birth:
    """The birth of a machine, from what its metrics say and from what is known beside that.

    Args:
        metrics: Those of its birth; names that no birth has are left out.
        beside: Further fields, which count where its metrics do not say them.

    Raises:
        MessageError: A value is none that a birth may have.
    """
    fields: dict[str, Any] = {}
    for metric in metrics:
        path = metric.name.removeprefix(PREFIX).split("/") if metric.name.startswith(PREFIX) else [""]
        if path[0] not in Birth.__struct_fields__ or path[0] in _APART or metric.value is None:
            continue
        value: Any = metric.value
        if path == ["at"]:
            try:
                value = from_ms(value)
            except (TypeError, OverflowError) as error:
                raise MessageError(f"metric '{PREFIX}at': {str(value)[:40]!r} is no moment") from error
        elif path[0] in _LISTS and isinstance(value, str):
            value = value.split(",")
        place = fields
        for level in path[:-1]:
            below = place.setdefault(level, {})
            if not isinstance(below, dict):
                raise MessageError(f"metric {metric.name[:80]!r}: {level!r} is no table")
            place = below
        place[path[-1]] = value
    try:
        birth = msgspec.convert({**beside, **fields}, Birth)
    except msgspec.ValidationError as error:
        raise MessageError(f"the metrics below {PREFIX} are no birth of a machine: {error}") from error
    check_moments(birth)
    return birth
