from contextlib import suppress

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.messages import MessageError
from protocol.readings import MAX_PAYLOAD_BYTES, Batch, Change, decode_batch, encode_batch
from protocol.states import State


def test_one_line_of_shell_is_one_reading() -> None:
    batch = decode_batch(b'{"power_kw": 3.2}')

    assert batch.signals["power_kw"].tolist() == [3.2]
    assert batch.offsets_ms.tolist() == [0]
    assert batch.at_ms is None


def test_a_controls_batch_comes_back_as_it_was_sent() -> None:
    sent = Batch(
        at_ms=1_767_225_600_000,
        offsets_ms=np.array([1_000, 2_000], dtype=np.int64),
        signals={"power_kw": np.array([3.25, np.nan])},
        run="a1b2c3d4",
        seq=7,
        state=State.RUNNING,
        changes=(Change(offset_ms=412, state=State.IDLE, cause="waiting"), Change(offset_ms=412, parts=9)),
        parts=np.array([8.0, 9.0]),
    )

    received = decode_batch(encode_batch(sent))

    assert received.at_ms == sent.at_ms
    assert (received.run, received.seq, received.state) == ("a1b2c3d4", 7, State.RUNNING)
    assert received.changes == sent.changes
    assert received.offsets_ms.tolist() == [1_000, 2_000]
    np.testing.assert_array_equal(received.signals["power_kw"], [3.25, np.nan])
    assert received.parts is not None
    assert received.parts.tolist() == [8.0, 9.0]


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        (b"", "not JSON"),
        (b"hello", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"power_kw": NaN}', "not JSON"),
        (b'{"power_kw": Infinity}', "not JSON"),
        (b'{"power_kw": 1e999}', "not JSON"),
        (b"[" * 100_000, "nested"),
        (b"[1, 2]", "list"),
        (b'{"power_kw": true}', "'power_kw'"),
        (b'{"power_kw": "high"}', "'power_kw'"),
        (b'{"power_kw": {"value": 3}}', "'power_kw'"),
        (b'{"power_kw": [3, "x"], "offsets_ms": [0, 1]}', "'power_kw'"),
        (b'{"power_kw": [3, 4]}', "offsets_ms"),
        (b'{"power_kw": [3], "offsets_ms": [-1]}', "'offsets_ms'"),
        (b'{"power_kw": [3, 4], "offsets_ms": [5, 5]}', "'offsets_ms'"),
        (b'{"power_kw": [3, 4], "offsets_ms": [0, 0.5]}', "'offsets_ms'"),
        (b'{"at": "yesterday", "power_kw": 3}', "'yesterday'"),
        (b'{"at": "2026-01-05T06:00:00", "power_kw": 3}', "time zone"),
        (b'{"at": 12, "power_kw": 3}', "'12'"),
        (b'{"at": 9e99, "power_kw": 3}', "'at'"),
        (b'{"at": "9999-01-01T00:00:00Z", "power_kw": 3}', "'at'"),
        (b'{"parts": -1}', "'parts'"),
        (b'{"parts": 1.5}', "'parts'"),
        (b'{"seq": -1, "power_kw": 3}', "'seq'"),
        (b'{"state": "unknown"}', "'unknown'"),
        (b'{"state": 3}', "'3'"),
        (b'{"power kw": 3}', "'power kw'"),
        (b'{"<script>": 3}', "'<script>'"),
        (b'{"changes": [{"offset_ms": -1, "state": "idle"}]}', "offset_ms -1"),
        (b'{"changes": [{"offset_ms": 1, "state": "asleep"}]}', "asleep"),
        (b'{"changes": [{"offset_ms": 1, "state": "stopped"}]}', "stopped"),
        (b'{"power_kw": 3' + b" " * MAX_PAYLOAD_BYTES + b"}", "bytes"),
    ],
)
def test_a_bad_payload_is_refused_in_words_that_name_what_is_wrong(payload: bytes, named: str) -> None:
    with pytest.raises(MessageError, match=r"(?s).*") as refused:
        decode_batch(payload)

    assert named in str(refused.value)


@given(st.binary(max_size=200))
@settings(derandomize=True, max_examples=300)
def test_no_bytes_at_all_raise_anything_but_a_message_error(payload: bytes) -> None:
    with suppress(MessageError):
        assert decode_batch(payload).offsets_ms.ndim == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4)
    ),
    max_leaves=12,
)
_KEYS = st.sampled_from(
    ["at", "offsets_ms", "state", "changes", "parts", "rejects", "seq", "run", "power_kw"]
)


@given(st.dictionaries(_KEYS, _JSON, max_size=6))
@settings(derandomize=True, max_examples=300)
def test_no_json_at_all_raises_anything_but_a_message_error(fields: dict[str, object]) -> None:
    with suppress(MessageError):
        batch = decode_batch(msgspec.json.encode(fields))
        assert all(len(column) == len(batch.offsets_ms) for column in batch.signals.values())
