"""Payloads to bytes and back, and bytes that others write differently."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.messages import MessageError
from protocol.sparkplug.datatypes import SIGNED, UNSIGNED, DataSet, DataType, Value, read
from protocol.sparkplug.host_state import HostState, decode_state, encode_state
from protocol.sparkplug.layout import LAYOUT, PayloadMessage
from protocol.sparkplug.payloads import (
    MAX_BYTES,
    Metric,
    Payload,
    Property,
    decode_payload,
    encode_payload,
    numbered,
)
from protocol.sparkplug.topics import MessageType, NodeTopic, check_id, parse_topic, state_topic

AT_MS = 1_767_225_600_123
VALUES: list[tuple[DataType, Value]] = [
    *(
        (one, edge)
        for one, bits in SIGNED.items()
        for edge in (0, -1, -(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    ),
    *((one, edge) for one, bits in UNSIGNED.items() for edge in (0, 1 << (bits - 1), (1 << bits) - 1)),
    (DataType.FLOAT, -1.5),
    (DataType.FLOAT, math.inf),
    (DataType.DOUBLE, 0.1),
    (DataType.DOUBLE, -1.7976931348623157e308),
    (DataType.BOOLEAN, True),
    (DataType.BOOLEAN, False),
    (DataType.STRING, ""),
    (DataType.STRING, "Fräser 🛠 7"),
    (DataType.DATETIME, AT_MS),
    (DataType.TEXT, "two\nlines"),
    (DataType.UUID, "5f0c2a91-0000-4000-8000-000000000000"),
    (DataType.BYTES, b"\x00\xff"),
    (DataType.FILE, b""),
    (DataType.INT8_ARRAY, [-128, 127]),
    (DataType.INT16_ARRAY, [-32768, 32767]),
    (DataType.INT32_ARRAY, [-(1 << 31), 0]),
    (DataType.INT64_ARRAY, [-(1 << 63), (1 << 63) - 1]),
    (DataType.UINT8_ARRAY, [0, 255]),
    (DataType.UINT16_ARRAY, [65535]),
    (DataType.UINT32_ARRAY, [(1 << 32) - 1]),
    (DataType.UINT64_ARRAY, [(1 << 64) - 1]),
    (DataType.FLOAT_ARRAY, [1.5, -0.0]),
    (DataType.DOUBLE_ARRAY, []),
    (DataType.BOOLEAN_ARRAY, [True, False, False, True, True, True, False, True, True]),
    (DataType.STRING_ARRAY, ["", "ä", "b c"]),
    (DataType.DATETIME_ARRAY, [AT_MS]),
    (
        DataType.DATASET,
        DataSet(
            columns=("n", "text", "on"),
            types=(DataType.INT16, DataType.STRING, DataType.BOOLEAN),
            rows=((-7, "x", True), (None, "", False)),
        ),
    ),
]


@pytest.mark.parametrize(("datatype", "value"), VALUES)
def test_every_type_comes_back_as_it_went(datatype: DataType, value: Value) -> None:
    metric = Metric(name="m", alias=7, at_ms=AT_MS, datatype=datatype, value=value, historical=True)
    payload = Payload(at_ms=AT_MS, seq=255, metrics=[metric])

    assert decode_payload(encode_payload(payload)) == payload


@given(st.sampled_from([*SIGNED]), st.data())
def test_any_signed_number_comes_back(datatype: DataType, data: st.DataObject) -> None:
    bits = SIGNED[datatype]
    value = data.draw(st.integers(-(1 << (bits - 1)), (1 << (bits - 1)) - 1))
    payload = Payload(metrics=[Metric(name="m", datatype=datatype, value=value)])

    assert decode_payload(encode_payload(payload)).metrics[0].value == value


def test_a_number_that_is_none_comes_back() -> None:
    payload = Payload(metrics=[Metric(name="m", datatype=DataType.DOUBLE, value=math.nan)])

    value = decode_payload(encode_payload(payload)).metrics[0].value

    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize("datatype", [*DataType])
def test_a_null_of_any_type_has_no_value_and_says_so(datatype: DataType) -> None:
    data = encode_payload(Payload(metrics=[Metric(name="m", datatype=datatype)]))

    raw = PayloadMessage.FromString(data).metrics[0]
    assert raw.is_null
    assert raw.WhichOneof("value") is None
    assert decode_payload(data).metrics[0].value is None


def test_negative_numbers_are_written_in_twos_complement_of_their_own_bits() -> None:
    metrics = [
        Metric(name="a", datatype=DataType.INT8, value=-1),
        Metric(name="b", datatype=DataType.INT32, value=-2),
        Metric(name="c", datatype=DataType.INT64, value=-3),
    ]

    raw = PayloadMessage.FromString(encode_payload(Payload(metrics=metrics))).metrics

    assert [raw[0].int_value, raw[1].int_value, raw[2].long_value] == [0xFF, 0xFFFFFFFE, 2**64 - 3]


def test_numbers_are_read_from_whichever_field_others_put_them_into() -> None:
    message = PayloadMessage()
    message.metrics.add(name="long", datatype=DataType.UINT32, long_value=4_000_000_000)
    message.metrics.add(name="int", datatype=DataType.UINT32, int_value=4_000_000_000)
    message.metrics.add(name="sixteen bits", datatype=DataType.INT16, int_value=0xFFFE)
    message.metrics.add(name="all bits", datatype=DataType.INT16, int_value=0xFFFFFFFE)
    message.metrics.add(name="long again", datatype=DataType.INT32, long_value=2**64 - 2)

    values = [one.value for one in decode_payload(message.SerializeToString()).metrics]

    assert values == [4_000_000_000, 4_000_000_000, -2, -2, -2]


@pytest.mark.parametrize(
    ("datatype", "value"), [(DataType.INT8, 128), (DataType.UINT32, -1), (DataType.UINT64, 2**64)]
)
def test_what_its_type_does_not_hold_is_not_written(datatype: DataType, value: int) -> None:
    with pytest.raises(ValueError, match="is beyond"):
        encode_payload(Payload(metrics=[Metric(name="m", datatype=datatype, value=value)]))


@pytest.mark.parametrize(
    ("datatype", "value"),
    [
        (DataType.BOOLEAN, 1),
        (DataType.STRING, 1.0),
        (DataType.INT8, "1"),
        (DataType.INT8, True),
        (DataType.DOUBLE, ""),
    ],
)
def test_a_value_of_another_type_is_refused(datatype: DataType, value: Value) -> None:
    with pytest.raises(ValueError, match="is no"):
        read(datatype, value)


def test_data_leave_types_out_and_their_births_give_them() -> None:
    data = encode_payload(Payload(metrics=[Metric(alias=3, datatype=DataType.INT32, value=-5)]), brief=True)

    assert not PayloadMessage.FromString(data).metrics[0].HasField("datatype")
    assert decode_payload(data, {3: DataType.INT32}).metrics[0].value == -5


@pytest.mark.parametrize("seq", [0, 1, 127, 128, 255])
def test_a_number_can_be_added_to_what_is_written(seq: int) -> None:
    data = encode_payload(Payload(at_ms=AT_MS, metrics=[Metric(name="m", datatype=DataType.TEXT, value="x")]))

    assert decode_payload(numbered(data, seq)).seq == seq


def test_properties_come_back() -> None:
    said = {"engUnit": Property(DataType.STRING, "kW"), "quality": Property(DataType.INT32, 192)}
    payload = Payload(metrics=[Metric(name="m", datatype=DataType.DOUBLE, value=1.0, properties=said)])

    assert decode_payload(encode_payload(payload)) == payload


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xff\xff", "not a Sparkplug B payload"),
        (b'{"power_kw": 3.2}', "not a Sparkplug B payload"),
        (b"\0" * (MAX_BYTES + 1), "are too many"),
        (numbered(b"", 255)[:-1] + b"\x02", "seq 383"),
        (
            encode_payload(Payload(metrics=[Metric(name="m", datatype=DataType.TEXT, value="x")])).replace(
                b"\x20\x0e", b"\x20\x63"
            ),
            "99",
        ),
    ],
)
def test_what_is_no_payload_is_refused_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(MessageError, match=words):
        decode_payload(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_payload_or_refused(data: bytes) -> None:
    try:
        decode_payload(data)
    except MessageError:
        return


def test_the_layout_numbers_fields_as_published() -> None:
    fields = PayloadMessage.DESCRIPTOR.nested_types_by_name["Metric"].fields_by_name

    assert len(LAYOUT) == 11
    assert [fields[name].number for name in ("name", "alias", "is_null", "int_value", "template_value")] == [
        1, 2, 7, 10, 18,
    ]  # fmt: skip


def test_topics_name_a_device_only_where_it_is_about_one() -> None:
    node = NodeTopic(group="plant", type=MessageType.NBIRTH, node="line 1")

    assert str(node) == "spBv1.0/plant/NBIRTH/line 1"
    assert parse_topic("spBv1.0/plant/DDEATH/line 1/press").device == "press"
    assert state_topic("office") == "spBv1.0/STATE/office"
    for wrong in (
        "spBv1.0/plant/NBIRTH/line/press",
        "spBv1.0/plant/DDATA/line",
        "spAv1.0/plant/NDATA/line",
        "spBv1.0/plant/NEWS/line",
        "spBv1.0//NDATA/line",
        "spBv1.0/STATE/office",
    ):
        with pytest.raises(MessageError):
            parse_topic(wrong)


@pytest.mark.parametrize("name", ["", "a+b", "a/b", "a#", "a\0b", "x" * 200])
def test_names_are_levels_of_a_topic(name: str) -> None:
    with pytest.raises(MessageError, match="is not allowed"):
        check_id(name, "the group")


def test_a_hosts_state_is_json() -> None:
    state = HostState(online=True, timestamp=AT_MS)

    assert encode_state(state) == b'{"online":true,"timestamp":1767225600123}'
    assert decode_state(encode_state(state)) == state
    with pytest.raises(MessageError, match="not a STATE"):
        decode_state(b"ONLINE")
