"""Readings: single ones where they are kept, minutes before, and no peak is lost on the way."""

from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.api.readings import Column, reduced
from dashboard.app import make_app
from dashboard.history.store import Store
from tests.api import asking
from tests.api.asking import ask
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, close, give, minutes, open_office

MILL = "/api/readings?machine=mill-1&signal=power_kw"


def column(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> Column:
    return Column(np.arange(len(values), dtype=np.int64) * 1_000, values, values, values)


def test_a_spike_of_one_reading_in_100_000_survives_500_points() -> None:
    values = np.sin(np.arange(100_000) / 700.0)
    values[54_321] = 9.0

    kept = reduced(column(values), 500)

    assert len(kept) <= 500
    assert kept.value.max() == 9.0
    assert 54_321_000 in kept.at_ms


def test_of_two_opposite_spikes_side_by_side_both_survive() -> None:
    values = np.zeros(100_000)
    values[54_321], values[54_322] = 9.0, -9.0

    kept = reduced(column(values), 500)

    assert {54_321_000, 54_322_000} <= set(kept.at_ms.tolist())


@settings(derandomize=True, deadline=None, max_examples=50)
@given(
    st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=2, max_size=400),
    st.integers(min_value=10, max_value=60),
)
def test_the_highest_and_the_lowest_are_always_kept_and_nothing_is_made_up(
    values: list[float], points: int
) -> None:
    whole = column(np.array(values))

    kept = reduced(whole, points)

    assert len(kept) <= points
    assert kept.value.max() == max(values)
    assert kept.value.min() == min(values)
    assert (np.diff(kept.at_ms) > 0).all()
    assert set(kept.at_ms.tolist()) <= set(whole.at_ms.tolist())


def test_of_minutes_both_the_highest_high_and_the_lowest_low_are_kept() -> None:
    middle = np.zeros(5_000)
    low, high = middle - 1.0, middle + 1.0
    low[1_234], high[4_321] = -8.0, 8.0

    kept = reduced(Column(np.arange(5_000, dtype=np.int64) * MINUTE, middle, low, high), 100)

    assert len(kept) <= 100
    assert (kept.low.min(), kept.high.max()) == (-8.0, 8.0)


def test_readings_are_those_that_were_sent(client: FlaskClient) -> None:
    answer = ask(client, f"{MILL}&from=2026-01-05T06:00:00Z&to=2026-01-05T06:05:00Z")

    assert answer["unit"] == "kW"
    assert answer["found"] == len(answer["readings"]) == 299
    assert answer["readings"][0]["at"] == "2026-01-05T06:00:01.000Z"
    assert {one["of"] for one in answer["readings"]} == {"reading"}
    assert answer["single_from"] == answer["from"]


def test_a_long_window_is_reduced_to_the_points_asked_for(client: FlaskClient) -> None:
    every = ask(client, f"{MILL}&points=5000")["readings"]
    few = ask(client, f"{MILL}&points=50")

    assert few["found"] == len(every) == 1_799
    assert len(few["readings"]) <= 50
    for name, extreme in (("high", max), ("low", min)):
        assert extreme(one[name] for one in few["readings"]) == extreme(one["value"] for one in every)


@pytest.fixture
def forgetful(tmp_path: Path) -> str:
    """The same half hour, of whose messages the first ten minutes are no longer kept."""
    now_ms = EPOCH_MS + 30 * MINUTE
    office = open_office(tmp_path, now_ms)
    give(office, minutes(30))
    close(office, now_ms)
    url = f"sqlite:///{tmp_path}/history.db"
    store = Store(url)
    store.forget(readings_before_ms=EPOCH_MS + 10 * MINUTE + 1, rollups_before_ms=0, run=RUN)
    store.close()
    return url


def test_beyond_retention_minutes_stand_in_with_their_extremes(forgetful: str, client: FlaskClient) -> None:
    app, _ = make_app(asking.settings(forgetful))
    answer = ask(app.server.test_client(), f"{MILL}&points=5000")
    whole = ask(client, f"{MILL}&points=5000")["readings"]

    cut = answer["single_from"]
    assert cut == "2026-01-05T06:11:00.000Z"
    readings = answer["readings"]
    assert [one["at"] for one in readings] == sorted(one["at"] for one in readings)
    assert {one["of"] for one in readings if one["at"] < cut} == {"minute"}
    assert [one for one in readings if one["at"] >= cut] == [one for one in whole if one["at"] >= cut]
    first = [one["value"] for one in whole if one["at"] < "2026-01-05T06:01:00.000Z"]
    assert (readings[0]["low"], readings[0]["high"]) == (min(first), max(first))


@pytest.mark.parametrize(
    ("query", "status", "parameter"),
    [
        ("machine=mill-1", 400, "signal"),
        ("machine=mill-1&signal=noise_db", 404, "signal"),
        ("machine=mill-1&signal=power_kw&points=9", 400, "points"),
        ("machine=mill-1&signal=power_kw&points=20001", 400, "points"),
        ("machine=mill-1&signal=power_kw&points=many", 400, "points"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    client: FlaskClient, query: str, status: int, parameter: str
) -> None:
    body = ask(client, f"/api/readings?{query}", status)

    assert body["parameter"] == parameter
    assert body["allowed"] in body["error"]


def test_a_signal_that_was_silent_in_the_window_is_an_empty_list(client: FlaskClient) -> None:
    answer = ask(client, f"{MILL}&from=2026-01-05T05:00:00Z&to=2026-01-05T06:00:00Z")

    assert answer["readings"] == []
    assert answer["found"] == 0
