"""The twin of a run, lived without a broker."""

from pathlib import Path

import pytest

from protocol.moments import from_ms
from protocol.readings import decode_batch
from simulator.chorus import Told
from simulator.histories.chronicle import Chronicle
from simulator.histories.run import Run, Settings, open_run
from simulator.histories.twin import Twin, twin_of
from simulator.specs.kind import load_kinds
from simulator.telling.opening import KINDS_FOLDER

KINDS = load_kinds(KINDS_FOLDER)
EPOCH_MS = 1_767_225_600_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
PEOPLE = 'hears = "{hears}"\nrounds_s = {rounds_s}\n[persons.anna]\n'
JAMS = "stops.jam.every_h = 0.2\nstops.jam.person = true\n"
MILL = f'kind = "cnc-mill"\nline = "machining"\n{JAMS}'
RETROFIT = f'kind = "press"\nline = "forming"\ncontroller = false\n{JAMS}'


def opened(folder: Path, *, hears: str = "nothing", rounds_s: int = 600, past_h: int = 0) -> Run:
    machines = {
        "mill-1": MILL, "mill-last": f'{MILL}after = "mill-1"\nbuffer_parts = 5\n', "press-1": RETROFIT
    }  # fmt: skip
    settings = Settings(
        catch_up_to=from_ms(EPOCH_MS + past_h * HOUR_MS),
        kinds="",
        machines=machines,
        people=PEOPLE.format(hears=hears, rounds_s=rounds_s),
    )
    return open_run(folder, seed=3, epoch_ms=EPOCH_MS, settings=settings)


def told(chronicle: Chronicle, hours: int) -> list[Told]:
    return [one for hour in range(hours) for one in told_in(chronicle, EPOCH_MS + (hour + 1) * HOUR_MS)]


def told_in(chronicle: Chronicle, until_ms: int) -> list[Told]:
    said = list(chronicle.tell(until_ms))
    chronicle.go_to(until_ms)
    return said


def true_changes(said: list[Told]) -> list[tuple[str, str]]:
    return [(one.machine, repr(one.truth.changes)) for one in said]


def test_under_equal_rules_a_twin_lives_what_its_plant_lives_however_little_it_says(tmp_path: Path) -> None:
    run = opened(tmp_path)
    twin = Twin(run, KINDS)
    plant = Chronicle(run, KINDS, beside=twin)

    # The twin goes where the plant goes: what it says of an hour is asked for first.
    said = [
        (told_in(twin, EPOCH_MS + hour * HOUR_MS), told_in(plant, EPOCH_MS + hour * HOUR_MS))
        for hour in (1, 2)
    ]

    for of_twin, of_plant in said:
        assert true_changes(of_twin) == true_changes(of_plant)
    assert "unnoticed" in repr(said[0][0])
    assert twin.cursor_ms == plant.cursor_ms


def test_while_the_plant_lives_through_its_past_its_twin_is_told_in_spans_of_ten_minutes(
    tmp_path: Path,
) -> None:
    run = opened(tmp_path, past_h=1)
    twin = Twin(run, KINDS)
    plant = Chronicle(run, KINDS, beside=twin)
    spans, minutes = [], []

    for minute in range(1, 65):
        if minute == 25:
            # An order takes effect in both at one moment: the twin tells what came before it first.
            run.note(
                "added",
                machine="press-9",
                text='kind = "press"\nline = "forming"\n',
                at_ms=EPOCH_MS + 24 * MINUTE_MS,
            )
            assert plant.take_in()
            assert "press-9" not in twin.machines()
        until_ms = twin.span_to_ms(EPOCH_MS + minute * MINUTE_MS)
        if until_ms > twin.cursor_ms:
            spans.append((until_ms - twin.cursor_ms) // MINUTE_MS)
            minutes.append(minute)
            list(twin.tell(until_ms))
        came = plant.go_to(EPOCH_MS + minute * MINUTE_MS, beside_ms=until_ms)
        assert came == (minute == 25)

    assert spans == [10, 10, 4, 6, 10, 10, 10, 1, 1, 1, 1]
    assert minutes == [10, 20, 25, 30, 40, 50, 60, 61, 62, 63, 64]
    assert "press-9" in twin.machines()


def test_going_back_takes_the_twin_along(tmp_path: Path) -> None:
    run = opened(tmp_path, past_h=1)
    twin = Twin(run, KINDS)
    plant = Chronicle(run, KINDS, beside=twin)
    plant.go_to(EPOCH_MS + 27 * MINUTE_MS, beside_ms=EPOCH_MS + 20 * MINUTE_MS)

    plant.go_to(EPOCH_MS + 10 * MINUTE_MS)

    assert (plant.cursor_ms, twin.cursor_ms) == (EPOCH_MS + 10 * MINUTE_MS,) * 2
    assert twin.span_to_ms(EPOCH_MS + 20 * MINUTE_MS) == EPOCH_MS + 20 * MINUTE_MS


def test_a_twin_sends_states_and_parts_and_the_signal_that_tells_a_retrofits_state(
    tmp_path: Path,
) -> None:
    twin = Twin(opened(tmp_path), KINDS)
    births = {name: birth for name, (_, birth) in twin.machines().items()}

    batches = {
        one.machine: decode_batch(one.payloads[0]) for one in twin.tell(EPOCH_MS + 60_000) if one.leaving
    }

    assert set(births["mill-1"].signals) == set(batches["mill-1"].signals) == set()
    assert len(batches["mill-1"].offsets_ms) == 60
    assert batches["mill-1"].state is not None
    assert set(births["press-1"].signals) == set(batches["press-1"].signals) == {"power_kw"}


def test_a_twin_hears_no_call_where_its_plant_does(tmp_path: Path) -> None:
    run = opened(tmp_path, hears="at once")

    plant, twin = told(Chronicle(run, KINDS), 5), told(Twin(run, KINDS), 5)

    assert true_changes(plant) != true_changes(twin)
    assert {one.truth.run for one in twin} == {f"{run.id}-twin"}


def test_where_nobody_makes_rounds_there_is_no_twin(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run = opened(tmp_path, hears="calls", rounds_s=0)

    assert twin_of(run, KINDS, ()) is None
    assert "rounds_s is 0" in caplog.text


def test_a_birth_names_the_machine_before_it_in_the_plant_and_in_its_twin(tmp_path: Path) -> None:
    run = opened(tmp_path)

    for chronicle in (Chronicle(run, KINDS), Twin(run, KINDS)):
        births = {name: birth for name, (_, birth) in chronicle.machines().items()}
        assert births["mill-last"].after == "mill-1"
        assert births["mill-1"].after == ""
