"""No message, however strange, stops the ingest or changes what others said."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.moments import to_text
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, close, give, minutes, open_office

UNTIL_MS = EPOCH_MS + 5 * MINUTE
MOMENTS = st.integers(EPOCH_MS - 10 * MINUTE, UNTIL_MS + 15 * MINUTE)
NUMBERS = st.none() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
STATES = st.sampled_from(["running", "idle", "down", "setup", "stopped", "unknown", "asleep", ""])
CHANGES = st.lists(
    st.fixed_dictionaries(
        {"offset_ms": st.integers(-1, 120_000)},
        optional={"state": STATES, "cause": st.text(max_size=3), "parts": st.integers(-1, 9)},
    ),
    max_size=4,
)
FIELDS = {
    "at": MOMENTS | MOMENTS.map(to_text) | st.text(max_size=4),
    "offsets_ms": st.lists(st.integers(0, 120_000), max_size=4, unique=True).map(sorted),
    "state": STATES,
    "cause": st.text(max_size=3),
    "changes": CHANGES,
    "parts": NUMBERS | st.lists(NUMBERS, max_size=4),
    "rejects": NUMBERS | st.lists(NUMBERS, max_size=4),
    "seq": st.integers(-1, 3),
    "run": st.sampled_from(["", "other", "a\x00b", "x" * 65]),
    "power_kw": NUMBERS | st.lists(NUMBERS, max_size=4),
    "temperature_c": NUMBERS | st.lists(NUMBERS, max_size=4),
    "v": st.integers() | st.text(max_size=2),
}
PAYLOADS = st.fixed_dictionaries({}, optional=FIELDS).map(msgspec.json.encode) | st.binary(max_size=20)
STRANGERS = st.sampled_from(["shopfloor/guest-1/readings", "shopfloor/hall/guest-2/readings"])
KINDS = st.sampled_from(["birth", "online", "_plant/clock", "_plant/result", "mood", "a/b/c/d/e/birth"])
MESSAGES = st.lists(
    st.tuples(STRANGERS, PAYLOADS) | st.tuples(KINDS.map("shopfloor/guest-1/{}".format), PAYLOADS),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    office = open_office(tmp_path_factory.mktemp("undisturbed"), UNTIL_MS)
    give(office, minutes(3))
    return close(office, UNTIL_MS)


@given(strange=MESSAGES)
@settings(
    derandomize=True,
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_strange_messages_neither_stop_the_office_nor_touch_other_machines(
    strange: list[tuple[str, bytes]], undisturbed: dict[str, list[Any]], tmp_path: Path
) -> None:
    folder = tmp_path / str(len(list(tmp_path.iterdir())))
    folder.mkdir()
    office = open_office(folder, UNTIL_MS)
    messages = minutes(3)

    give(office, [*messages[:3], *strange, *messages[3:]], wall_ms=UNTIL_MS)
    office.intake.learn()
    kept = close(office, UNTIL_MS)

    mine = {table: [row for row in rows if row[1] in {"mill-1", "press-1"}] for table, rows in kept.items()}
    assert mine == undisturbed
