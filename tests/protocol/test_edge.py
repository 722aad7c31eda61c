from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.edge import decode_edge_batch, encode_edge_batch
from protocol.messages import MessageError
from protocol.readings import (
    MAX_PAYLOAD_BYTES,
    Batch,
    Change,
    WrittenBatch,
    decode_batch,
    encode_batch,
    write_batch,
)
from protocol.states import State

AT_MS = 1_767_592_800_000


def batch(
    *power_kw: float, at_ms: int | None = AT_MS, run: str = "a1b2c3d4", seq: int | None = None
) -> Batch:
    """Readings of a press, one a second."""
    return Batch(
        at_ms=at_ms,
        offsets_ms=np.arange(1, len(power_kw) + 1, dtype=np.int64) * 1_000,
        signals={"power_kw": np.array(power_kw)},
        run=run,
        seq=seq,
    )


def written(batches: dict[str, Batch]) -> dict[str, WrittenBatch]:
    """Each of them in its two halves."""
    return {name: write_batch(one) for name, one in batches.items()}


def own(payload: bytes) -> dict[str, bytes]:
    """What each machine said; fails where one of them is refused."""
    said = decode_edge_batch(payload)
    assert not [one for one in said.values() if isinstance(one, MessageError)]
    return {name: one for name, one in said.items() if isinstance(one, bytes)}


def test_a_machine_behind_a_gateway_says_the_very_bytes_that_it_would_say_itself() -> None:
    batches = {
        "press-1": Batch(
            at_ms=AT_MS,
            offsets_ms=np.array([1_000, 2_000], dtype=np.int64),
            signals={"power_kw": np.array([3.25, np.nan]), "force_kn": np.array([1.0, 2.0])},
            run="a1b2c3d4",
            seq=7,
            state=State.IDLE,
            cause="waiting",
            changes=(Change(offset_ms=0, parts=4, rejects=0), Change(offset_ms=412, state=State.RUNNING)),
            parts=np.array([8.0, np.nan]),
        ),
        "press-2": batch(0.4, 0.5),
        "read-at-other-moments": batch(0.4, 0.5, 0.6),
        "begun-later": batch(0.4, 0.5, at_ms=AT_MS + 500),
        "of-another-run": batch(0.4, 0.5, run="00000000"),
        "silent": batch(),
    }

    said = own(encode_edge_batch(written(batches)))

    assert list(said) == list(batches)
    for name in ("press-1", "press-2", "silent"):
        assert said[name] == encode_batch(batches[name])
    for name, one in batches.items():
        # Moments of its own stand behind those of all.
        assert encode_batch(decode_batch(said[name])) == encode_batch(one)


def test_moments_that_all_machines_share_are_written_once() -> None:
    many = encode_edge_batch(written({f"press-{k}": batch(3.2, 3.1) for k in range(100)}))

    assert many.count(b'"at"') == many.count(b'"offsets_ms"') == many.count(b'"run"') == 1
    assert len(many) < 50 * len(encode_batch(batch(3.2, 3.1)))


def test_readings_without_a_moment_are_read_now_in_the_plant() -> None:
    said = own(b'{"machines": {"press-7": {"power_kw": 3.2}, "press-8": {}}}')

    assert said == {"press-7": b'{"power_kw": 3.2}', "press-8": b"{}"}
    assert decode_batch(said["press-7"]).at_ms is None


def test_a_wrong_machine_is_refused_by_itself_and_the_others_are_taken() -> None:
    said = decode_edge_batch(
        b'{"at": 1767592800000, "machines": {"a": {"power_kw": 1}, "_b": {"power_kw": 1}, "c": [1], '
        b'"d": null, "e/f": {}, "g": {"power_kw": 2}}}'
    )

    wrong = {name: str(one) for name, one in said.items() if isinstance(one, MessageError)}
    assert [name for name in said if name not in wrong] == ["a", "g"]
    for name, piece in (("_b", "system's own"), ("c", "array"), ("d", "null"), ("e/f", "without + # /")):
        assert piece in wrong[name]


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        (b"", "edge batch"),
        (b"[1]", "array"),
        (b"{}", "machines"),
        (b'{"machines": []}', "array"),
        (b'{"machines": {"a": {"power_kw": 1}', "truncated"),
        (b'{"machines": {"a": {"power_kw": nul}}}', "malformed"),
        (b'{"machines": ' + b"[" * 100_000, "edge batch"),
        (b"{" + b" " * MAX_PAYLOAD_BYTES, "bytes are too many"),
        (
            b'{"machines": {' + b",".join(b'"m%d": {}' % number for number in range(10_001)) + b"}}",
            "10,001 machines",
        ),
    ],
)
def test_a_message_that_is_no_edge_batch_is_refused_as_a_whole(payload: bytes, named: str) -> None:
    with pytest.raises(MessageError, match=named):
        decode_edge_batch(payload)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f'{{"machines": {text}}}'.encode()))
def test_any_bytes_are_an_edge_batch_or_refused_with_a_sentence(payload: bytes) -> None:
    with suppress(MessageError):
        for said in decode_edge_batch(payload).values():
            if isinstance(said, bytes):
                with suppress(MessageError):
                    decode_batch(said)
