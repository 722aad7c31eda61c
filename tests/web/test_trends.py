import itertools

from dashboard.condition.zones import zones_of
from dashboard.figures.trends import MINUTE_MS, Trend, trends
from dashboard.pages.graph import graph


def trend(signal: str = "power_kw", minutes: tuple[int, ...] = (0, 1, 2), **fields: object) -> Trend:
    count = len(minutes)
    plain: dict[str, object] = {
        "signal": signal,
        "title": "spindle power",
        "unit": "kW",
        "low": 1.0,
        "high": 9.0,
        "minute_ms": [minute * MINUTE_MS for minute in minutes],
        "mean": [5.0] * count,
        "lowest": [4.0] * count,
        "highest": [6.0] * count,
    }
    return Trend(**{**plain, **fields})  # type: ignore[arg-type]


def test_each_signal_has_a_band_and_a_line_on_an_axis_of_its_own() -> None:
    figure = trends(
        [trend("power_kw"), trend("temperature_c")], from_ms=0, to_ms=1, offset_ms=0, revision="r"
    )

    assert [one["yaxis"] for one in figure["data"]] == ["y", "y", "y", "y2", "y2", "y2"]
    assert figure["data"][0]["y"] == [4.0, 4.0, 4.0]
    assert figure["data"][1]["y"] == [6.0, 6.0, 6.0]
    assert figure["data"][2]["y"] == [5.0, 5.0, 5.0]
    assert figure["layout"]["meta"]["signals"] == ["power_kw", "temperature_c"]


def test_the_rows_do_not_overlap() -> None:
    figure = trends([trend(f"s{i}") for i in range(5)], from_ms=0, to_ms=1, offset_ms=0, revision="r")

    domains = [figure["layout"][f"yaxis{i or ''}"]["domain"] for i in (0, 2, 3, 4, 5)]
    assert all(upper[0] > lower[1] for upper, lower in itertools.pairwise(domains))
    assert domains[0][1] == 1
    assert domains[-1][0] >= 0


def test_minutes_without_readings_are_a_hole_in_the_line() -> None:
    figure = trends([trend(minutes=(0, 1, 5, 6))], from_ms=0, to_ms=1, offset_ms=0, revision="r")

    assert figure["data"][2]["y"] == [5.0, 5.0, None, None, 5.0, 5.0]
    assert figure["data"][2]["x"][2] == 2 * MINUTE_MS


def test_a_signal_that_is_read_seldom_is_a_line_and_not_all_holes() -> None:
    seldom = trend(minutes=(0, 5, 10, 25), spacing_ms=5 * MINUTE_MS)

    figure = trends([seldom], from_ms=0, to_ms=1, offset_ms=0, revision="r")

    assert figure["data"][2]["y"] == [5.0, 5.0, 5.0, None, None, 5.0]
    assert figure["layout"]["meta"]["spacing_ms"] == [5 * MINUTE_MS]


def test_the_axis_shows_local_time() -> None:
    hour_ms = 3_600_000
    figure = trends([trend()], from_ms=0, to_ms=hour_ms, offset_ms=hour_ms, revision="r")

    assert figure["layout"]["xaxis"]["range"] == [hour_ms, 2 * hour_ms]
    assert figure["data"][0]["x"][0] == hour_ms


def test_a_title_from_the_wire_is_text() -> None:
    figure = trends([trend(title="<a href=x>")], from_ms=0, to_ms=1, offset_ms=0, revision="r")

    assert figure["layout"]["annotations"][0]["text"].startswith("&lt;a href=x&gt;")


def test_the_normal_range_is_shaded_where_it_is_known() -> None:
    known = trends([trend()], from_ms=0, to_ms=1, offset_ms=0, revision="r")
    unknown = trends([trend(low=None)], from_ms=0, to_ms=1, offset_ms=0, revision="r")

    assert [(one["y0"], one["y1"]) for one in known["layout"]["shapes"]] == [(1.0, 9.0)]
    assert unknown["layout"]["shapes"] == []


def test_no_chart_offers_to_send_its_data_anywhere() -> None:
    config = vars(graph("any", {}))["config"]

    assert config["showSendToCloud"] is False
    assert config["displaylogo"] is False


def test_a_vibration_has_the_boundaries_of_its_zones_and_says_where_they_stand() -> None:
    zones = zones_of("vibration_mm_s", "mm/s", 2.8)

    figure = trends(
        [trend("vibration_mm_s", unit="mm/s", low=0.0, high=2.8, zones=zones)],
        from_ms=0,
        to_ms=1,
        offset_ms=0,
        revision="r",
    )

    lines = [one for one in figure["layout"]["shapes"] if one["type"] == "line"]
    assert [one["y0"] for one in lines] == [1.4, 2.8, 4.5]
    words = [one["text"] for one in figure["layout"]["annotations"]]
    assert words[1:] == ["zone B from 1.4", "zone C from 2.8", "zone D from 4.5"]
    assert "normal 0 to 2.8; ISO 10816-3:2009, group 2 rigid" in words[0]
    # The browser draws what the machine did beside these.
    assert figure["layout"]["meta"]["shapes"] == figure["layout"]["shapes"]


def test_every_boundary_of_the_standard_is_found_by_where_normal_ends() -> None:
    found = {high: zones_of("vibration_mm_s", "mm/s", high) for high in (2.8, 4.5, 7.1)}

    assert {high: (one.ab, one.bc, one.cd) for high, one in found.items() if one is not None} == {
        2.8: (1.4, 2.8, 4.5),
        4.5: (2.3, 4.5, 7.1),
        7.1: (3.5, 7.1, 11.0),
    }
    # A press trends against its own baseline: its normal range ends at no boundary.
    assert zones_of("vibration_mm_s", "mm/s", 6.0) is None
