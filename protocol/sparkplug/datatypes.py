"""What a metric can be, and how each of that is written in the fields that the layout has.

The layout has no signed integers: negative numbers are written in two's complement of their own bits.
Others write an Int16 in two's complement of 32 bits, or a UInt32 as a long, so what is read is taken from
whichever field it stands in and cut to the bits of its type.
"""

import struct
from enum import IntEnum
from typing import Any

import msgspec

MAX_ELEMENTS = 1_000_000
"""Longer arrays are refused."""


class DataType(IntEnum):
    """Type of a metric, by its number in the specification."""

    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    """Milliseconds since 1970."""
    TEXT = 14
    UUID = 15
    DATASET = 16
    BYTES = 17
    FILE = 18
    TEMPLATE = 19
    PROPERTY_SET = 20
    PROPERTY_SET_LIST = 21
    INT8_ARRAY = 22
    INT16_ARRAY = 23
    INT32_ARRAY = 24
    INT64_ARRAY = 25
    UINT8_ARRAY = 26
    UINT16_ARRAY = 27
    UINT32_ARRAY = 28
    UINT64_ARRAY = 29
    FLOAT_ARRAY = 30
    DOUBLE_ARRAY = 31
    BOOLEAN_ARRAY = 32
    STRING_ARRAY = 33
    DATETIME_ARRAY = 34


class DataSet(msgspec.Struct, frozen=True, kw_only=True):
    """A table."""

    columns: tuple[str, ...]
    """Names of its columns."""
    types: tuple[DataType, ...]
    """Type of each column, a simple one."""
    rows: tuple[tuple[Any, ...], ...]
    """Its rows, each with a value for every column; None where there is none."""


Value = bool | int | float | str | bytes | DataSet | list[Any] | None

SIGNED = {DataType.INT8: 8, DataType.INT16: 16, DataType.INT32: 32, DataType.INT64: 64}
"""Signed types, and how many bits each has."""
UNSIGNED = {DataType.UINT8: 8, DataType.UINT16: 16, DataType.UINT32: 32, DataType.UINT64: 64}
"""Unsigned types, likewise."""
NUMBERS = frozenset({*SIGNED, *UNSIGNED, DataType.FLOAT, DataType.DOUBLE})
"""Types whose values are numbers."""
TEXTS = frozenset({DataType.STRING, DataType.TEXT, DataType.UUID})
FIELDS = {
    **dict.fromkeys(
        (DataType.INT8, DataType.INT16, DataType.INT32, DataType.UINT8, DataType.UINT16, DataType.UINT32),
        "int_value",
    ),
    **dict.fromkeys((DataType.INT64, DataType.UINT64, DataType.DATETIME), "long_value"),
    DataType.FLOAT: "float_value",
    DataType.DOUBLE: "double_value",
    DataType.BOOLEAN: "boolean_value",
    **dict.fromkeys(TEXTS, "string_value"),
    **dict.fromkeys((DataType.BYTES, DataType.FILE), "bytes_value"),
    **dict.fromkeys((DataType(number) for number in range(22, 35)), "bytes_value"),
}
"""The field of the layout into which each type is written; the others are messages of their own."""
_ELEMENTS = {
    DataType.INT8_ARRAY: "b",
    DataType.INT16_ARRAY: "h",
    DataType.INT32_ARRAY: "i",
    DataType.INT64_ARRAY: "q",
    DataType.UINT8_ARRAY: "B",
    DataType.UINT16_ARRAY: "H",
    DataType.UINT32_ARRAY: "I",
    DataType.UINT64_ARRAY: "Q",
    DataType.FLOAT_ARRAY: "f",
    DataType.DOUBLE_ARRAY: "d",
    DataType.DATETIME_ARRAY: "Q",
}
_LENGTH = struct.Struct("<I")


def written(datatype: DataType, value: Any) -> Any:
    """What is put into the field of its type.

    >>> hex(written(DataType.INT16, -2))
    '0xfffe'

    Raises:
        ValueError: The value is beyond what the type holds.
    """
    bits = SIGNED.get(datatype) or UNSIGNED.get(datatype)
    if bits is not None:
        least = -(1 << (bits - 1)) if datatype in SIGNED else 0
        if not least <= value < least + (1 << bits):
            most = least + (1 << bits) - 1
            raise ValueError(f"{value} is beyond {datatype.name}: allowed are {least} to {most}")
        return value & ((1 << bits) - 1)
    return _packed(datatype, value) if datatype >= DataType.INT8_ARRAY else value


def read(datatype: DataType | None, value: Any) -> Any:
    """What was meant by the content of a field, whichever of them it stood in.

    >>> read(DataType.INT16, 0xFFFE), read(DataType.INT16, 0xFFFF_FFFE)
    (-2, -2)

    Raises:
        ValueError: The content is none of that type.
    """
    if datatype is None or (
        type(value) is float and (datatype is DataType.DOUBLE or datatype is DataType.FLOAT)
    ):
        return value
    signed = SIGNED.get(datatype)
    if signed is not None:
        value = _whole(datatype, value) & ((1 << signed) - 1)
        return value - (1 << signed) if value >> (signed - 1) else value
    if datatype in UNSIGNED or datatype == DataType.DATETIME:
        return _whole(datatype, value) & ((1 << UNSIGNED.get(datatype, 64)) - 1)
    wanted = _WANTED.get(datatype)
    if wanted is not None and (not isinstance(value, wanted) or isinstance(value, bool) != (wanted is bool)):
        raise ValueError(f"{str(value)[:40]!r} is no {datatype.name}")
    return _unpacked(datatype, value) if datatype >= DataType.INT8_ARRAY else value


_WANTED: dict[DataType, Any] = {
    DataType.FLOAT: (int, float),
    DataType.DOUBLE: (int, float),
    DataType.BOOLEAN: bool,
    **dict.fromkeys(TEXTS, str),
    **{one: bytes for one, field in FIELDS.items() if field == "bytes_value"},
}


def _whole(datatype: DataType, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{str(value)[:40]!r} is no {datatype.name}")  # noqa: TRY004 - what was said is wrong
    return value


def _packed(datatype: DataType, values: list[Any]) -> bytes:
    if datatype == DataType.BOOLEAN_ARRAY:
        bits = bytearray((len(values) + 7) // 8)
        for place, value in enumerate(values):
            bits[place // 8] |= bool(value) << (7 - place % 8)
        return _LENGTH.pack(len(values)) + bytes(bits)
    if datatype == DataType.STRING_ARRAY:
        if any("\0" in value for value in values):
            raise ValueError("a text with the character 0 cannot stand in a STRING_ARRAY")
        return b"".join(value.encode() + b"\0" for value in values)
    try:
        return struct.pack(f"<{len(values)}{_ELEMENTS[datatype]}", *values)
    except struct.error as error:
        raise ValueError(f"{datatype.name}: {error}") from error


def _unpacked(datatype: DataType, data: bytes) -> list[Any]:
    if datatype == DataType.BOOLEAN_ARRAY:
        count = _LENGTH.unpack_from(data)[0] if len(data) >= _LENGTH.size else -1
        if not 0 <= count <= min(MAX_ELEMENTS, 8 * (len(data) - _LENGTH.size)):
            raise ValueError(f"{len(data)} bytes are no BOOLEAN_ARRAY of {count}")
        return [bool(data[_LENGTH.size + one // 8] >> (7 - one % 8) & 1) for one in range(count)]
    if datatype == DataType.STRING_ARRAY:
        return data.decode().split("\0")[: -1 if data.endswith(b"\0") else None] if data else []
    size = struct.calcsize(f"<{_ELEMENTS[datatype]}")
    if len(data) % size or len(data) > size * MAX_ELEMENTS:
        raise ValueError(f"{len(data)} bytes are no {datatype.name}")
    return list(struct.unpack(f"<{len(data) // size}{_ELEMENTS[datatype]}", data))
