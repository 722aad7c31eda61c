"""Micro-stops of one cause as one, by an example that can be checked in the head."""

from dashboard.losses.answers import stops_answer
from dashboard.losses.groups import micro_groups
from dashboard.losses.stops import MachineStop
from protocol.states import State
from tests.dashboard.test_losses import MINUTE, pieces_by_hand, stops_by_hand, stops_of_machine


def two_machines() -> list[MachineStop]:
    """A mill loaded for a minute twice, jammed for one and broken for long, and a lathe loaded for one."""
    mill = [
        (0, State.RUNNING, ""), (5, State.IDLE, "loading"), (6, State.RUNNING, ""), (8, State.DOWN, "chips"),
        (9, State.RUNNING, ""), (11, State.IDLE, "loading"), (12, State.RUNNING, ""),
        (20, State.DOWN, "turret"), (40, State.RUNNING, ""),
    ]  # fmt: skip
    return [
        *stops_of_machine(pieces_by_hand(mill, 50)),
        *stops_of_machine(
            pieces_by_hand([(0, State.RUNNING, ""), (1, State.IDLE, "loading"), (2, State.RUNNING, "")], 50),
            "lathe-1",
        ),
    ]


def test_micro_stops_are_grouped_by_their_cause_those_that_took_most_first() -> None:
    loading, chips = micro_groups(two_machines())

    assert (loading.words, loading.stops, loading.ms, loading.longest_ms) == (
        "loading",
        3,
        3 * MINUTE,
        MINUTE,
    )
    assert (loading.machines, loading.states) == (("lathe-1", "mill-1"), ("idle",))
    assert (chips.words, chips.stops, chips.machines) == ("chips", 1, ("mill-1",))


def test_grouped_micro_stops_are_counted_and_not_listed() -> None:
    stops = two_machines()

    each, grouped = stops_answer(stops, 100), stops_answer(stops, 100, grouped=True)

    assert (each["total"], each["listed"]) == (5, 5)
    assert (grouped["total"], grouped["listed"], grouped["total_s"]) == (5, 1, each["total_s"])
    assert [one["cause"] for one in grouped["stops"]] == ["turret"]
    assert sum(one["stops"] for one in grouped["groups"]) + grouped["listed"] == grouped["total"]


def test_a_group_opens_into_its_own_stops() -> None:
    found = stops_answer(two_machines(), 100, group="loading")

    assert [(one["machine"], one["seconds"]) for one in found["stops"]] == [
        ("lathe-1", 60),
        ("mill-1", 60),
        ("mill-1", 60),
    ]
    assert micro_groups(one for one in stops_by_hand() if not one.micro) == []
