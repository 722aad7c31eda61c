"""Every number opens at the API, and what it opens to is what the number is made of."""

import itertools

import pytest
from flask.testing import FlaskClient

from dashboard.kpi.definitions import DEFINITIONS
from protocol.moments import from_text
from tests.api.asking import ask

WINDOW = "from=2026-01-05T06:05:00Z&to=2026-01-05T06:25:00.500Z"


@pytest.mark.parametrize("selection", ["", "&machine=mill-1", "&machine=press-1", "&line=machining"])
@pytest.mark.parametrize("kpi", list(DEFINITIONS))
def test_a_number_opens_to_the_value_that_the_kpis_have(
    client: FlaskClient, kpi: str, selection: str
) -> None:
    found = ask(client, f"/api/kpis/explain?kpi={kpi}&{WINDOW}{selection}")
    numbers = ask(client, f"/api/kpis?{WINDOW}{selection}")

    assert found["value"] == numbers[kpi]
    assert found["coverage"] == numbers["coverage"]
    if kpi in {"utilization", "uptime"}:
        assert (found["low"], found["high"]) == (numbers[f"{kpi}_low"], numbers[f"{kpi}_high"])
    assert found["unaccounted_s"] == 0


def test_numerator_over_denominator_is_the_value(client: FlaskClient) -> None:
    for kpi in ("utilization", "coverage"):
        found = ask(client, f"/api/kpis/explain?kpi={kpi}&machine=mill-1&{WINDOW}")

        assert found["numerator"]["value"] / found["denominator"]["value"] == found["value"]
        for side in ("numerator", "denominator"):
            parts = found[side]["parts"]
            assert sum(part["value"] for part in parts) == found[side]["value"]
            assert {part["unit"] for part in parts} == {"s"}


def test_the_pieces_behind_a_number_tile_the_window(client: FlaskClient) -> None:
    found = ask(client, f"/api/kpis/explain?kpi=utilization&machine=mill-1&{WINDOW}&pieces=5000")

    pieces = found["pieces"]
    assert len(pieces) == found["pieces_total"]
    assert (pieces[0]["start"], pieces[-1]["end"]) == (found["from"], found["to"])
    assert all(one["end"] == two["start"] for one, two in itertools.pairwise(pieces))
    running_ms = sum(
        from_text(one["end"]) - from_text(one["start"]) for one in pieces if one["state"] == "running"
    )
    assert running_ms / 1_000 == found["numerator"]["value"]
    assert round(sum(one["value"] for one in found["uses"]) * 1_000) == round(found["calendar_s"] * 1_000)


def test_pieces_are_bounded_and_their_total_is_said(client: FlaskClient) -> None:
    few = ask(client, f"/api/kpis/explain?kpi=oee&{WINDOW}&pieces=3")

    assert len(few["pieces"]) == 3 < few["pieces_total"]


def test_neighbouring_definitions_stand_beside_it_with_their_standard(client: FlaskClient) -> None:
    found = ask(client, f"/api/kpis/explain?kpi=utilization&machine=mill-1&{WINDOW}")

    assert {one["standard"] for one in found["neighbours"]} >= {"ISO 22400-2", "SEMI E10", "MachineMetrics"}
    of_calendar = next(one for one in found["neighbours"] if one["name"] == "of calendar time")
    assert of_calendar["value"] == found["numerator"]["value"] / found["calendar_s"]
    assert found["choices"]["unknown"] == "excluded"


def test_a_number_that_there_is_not_is_refused(client: FlaskClient) -> None:
    for query, value in (("", None), ("kpi=oeee", "oeee")):
        body = ask(client, f"/api/kpis/explain?{query}", 400)

        assert (body["parameter"], body["value"]) == ("kpi", value)
        assert "utilization" in body["allowed"]


def test_losses_add_up_and_stops_are_listed(client: FlaskClient) -> None:
    for selection in ("", "&machine=press-1", "&line=machining", "&by=count"):
        losses = ask(client, f"/api/losses?{WINDOW}{selection}")

        assert losses["waterfall"]["unaccounted_s"] == 0
    stops = ask(client, f"/api/stops?{WINDOW}&limit=2")
    assert stops["shown"] == len(stops["stops"]) == 2
    assert [one["reason"] for one in ask(client, "/api/reasons")["reasons"]]
    assert ask(client, "/api/losses?by=cost", 400)["parameter"] == "by"


def test_the_proof_is_as_it_is_described(client: FlaskClient) -> None:
    everything = ask(client, "/api/proof")
    one = ask(client, f"/api/proof?machine=mill-1&{WINDOW}")

    assert {machine["machine"] for machine in everything["machines"]} == {"mill-1", "press-1"}
    assert one["machines"][0]["until"] == one["to"]
    assert ask(client, "/api/proof?machine=nope", 404)["parameter"] == "machine"
    assert ask(client, "/api/proof?form=now", 400)["parameter"] == "form"
