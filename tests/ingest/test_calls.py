"""The office calls for people: in event time, whatever the cuts, and once, whatever is killed."""

from pathlib import Path

from tests.ingest.plant_of_calls import PlantOfCalls, birth

MILL = [(0, "running", ""), (100, "down", "jam"), (400, "running", ""), (900, "down", "turret")]


def test_a_machine_that_is_down_for_two_minutes_is_called_for_until_it_runs(tmp_path: Path) -> None:
    plant = PlantOfCalls(tmp_path, births=[birth("mill-1")])

    plant.live({"mill-1": MILL}, range(60, 1_201, 60))

    assert plant.calls() == [
        {
            "machine": "mill-1", "rule": "stopped", "cause": "jam", "since": 100, "raised": 220,
            "escalated": None, "closed": 400, "missed": False,
        },
        {
            "machine": "mill-1", "rule": "stopped", "cause": "turret", "since": 900, "raised": 1_020,
            "escalated": None, "closed": None, "missed": False,
        },
    ]  # fmt: skip
    assert [(bool(one), call[:2]) for _, call, one in plant.said][2] == (False, plant.said[0][1][:2])


def test_ticks_of_a_second_and_of_a_minute_call_at_the_same_moments(tmp_path: Path) -> None:
    minute, second = (PlantOfCalls(tmp_path / name, births=[birth("mill-1")]) for name in ("m", "s"))

    minute.live({"mill-1": MILL}, range(60, 1_201, 60))
    second.live({"mill-1": MILL}, range(1, 1_201))

    assert second.calls() == minute.calls()
    assert second.said == minute.said
