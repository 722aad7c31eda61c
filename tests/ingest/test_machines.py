"""Machines come, change, go and come back."""

from pathlib import Path

import numpy as np

from dashboard.calendar.places import Calendar
from dashboard.conclusions import Board
from dashboard.goals import Goals
from dashboard.history.numbers import numbers_of
from dashboard.history.reader import Reader
from dashboard.ingest.office import Office
from dashboard.ingest.telling import board_of, shift_account, shift_shown, tile_of, turned_tile
from dashboard.kpi.basis import Basis
from protocol.messages import Birth, encode
from protocol.moments import from_ms
from protocol.readings import Batch, Change, encode_batch
from protocol.states import State
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, Message, clock, give, minutes, open_office

TOPIC = "shopfloor/machining/mill-1/birth"
HOUR = 60 * MINUTE
GOALS = 'utilization = 0.5\n[machine."press-1"]\nutilization = 0.8'


def birth(at_ms: int, kind: str = "cnc-mill") -> Message:
    return TOPIC, encode(Birth(at=from_ms(at_ms), kind=kind, run=RUN, simulated=True, states="reported"))


def test_a_machine_that_was_away_for_an_hour_is_not_charged_for_it(tmp_path: Path) -> None:
    office = open_office(tmp_path, EPOCH_MS + HOUR)
    give(office, [*minutes(2), (TOPIC, b"")], wall_ms=EPOCH_MS + HOUR)
    office.commit()

    give(office, [clock(EPOCH_MS + 2 * HOUR), birth(EPOCH_MS + 2 * HOUR)], wall_ms=EPOCH_MS + 2 * HOUR)

    assert office.fleet.shown()["mill-1"].since_ms == EPOCH_MS + 2 * HOUR
    office.store.close()


def test_a_machine_whose_file_changed_keeps_its_time(tmp_path: Path) -> None:
    office = open_office(tmp_path, EPOCH_MS + HOUR)
    give(office, minutes(2))

    give(office, [birth(EPOCH_MS + HOUR, kind="cnc-lathe")])

    assert office.fleet.shown()["mill-1"].since_ms == EPOCH_MS
    assert office.fleet.shown()["mill-1"].kind == "cnc-lathe"
    office.store.close()


def test_a_retired_machine_is_gone_after_a_restart_and_its_past_is_kept(tmp_path: Path) -> None:
    office = open_office(tmp_path, EPOCH_MS + HOUR)
    give(office, [*minutes(2), (TOPIC, b"")], wall_ms=EPOCH_MS + HOUR)
    office.commit()
    told = office.fleet.take_retired()
    office.store.close()

    again = open_office(tmp_path, EPOCH_MS + HOUR)
    give(again, [(TOPIC, b"")], wall_ms=EPOCH_MS + HOUR)
    row = again.store.machine(RUN, "mill-1")
    kept = again.store.intervals_from(RUN, "mill-1", EPOCH_MS)
    again.store.close()

    assert "mill-1" in told
    assert row is not None
    # When the office heard of it depends on how fast time goes by; its last word does not.
    assert row.retired_ms == EPOCH_MS + 2 * MINUTE
    assert len(kept) > 2


def test_a_simulated_machine_removed_while_nobody_listened_is_retired(tmp_path: Path) -> None:
    office = open_office(tmp_path, EPOCH_MS + HOUR)
    give(office, minutes(2))
    office.commit()

    office.fleet.connected()
    give(office, [birth(EPOCH_MS)])
    office.fleet.retire_unborn(wall_ms=EPOCH_MS + HOUR)

    assert set(office.fleet.shown()) == {"mill-1"}
    assert "press-1" in office.fleet.take_retired()
    office.store.close()


def test_machines_of_another_run_are_not_shown(tmp_path: Path) -> None:
    office = open_office(tmp_path, EPOCH_MS + HOUR)
    give(office, [*minutes(2), ("shopfloor/my-press/readings", b'{"power_kw": 3.2}')])
    office.commit()

    give(office, [clock(EPOCH_MS, run="b2c3d4e5")])

    assert office.fleet.shown() == {}
    assert set(office.fleet.of_run(RUN)) == {"mill-1", "press-1", "my-press"}
    assert set(office.fleet.take_retired()) == {"mill-1", "press-1", "my-press"}
    office.store.close()


def test_a_retired_machine_still_counts_in_the_totals_of_its_shift(tmp_path: Path) -> None:
    until_ms = EPOCH_MS + 10 * MINUTE
    office = open_office(tmp_path, until_ms)
    give(office, [*minutes(10), (TOPIC, b"")], wall_ms=until_ms)
    office.commit()
    told = plant_of(office, until_ms)
    office.store.close()

    again = open_office(tmp_path, until_ms)
    give(again, [(TOPIC, b"")], wall_ms=until_ms)
    read = numbers_of(
        Reader(f"sqlite:///{tmp_path}/history.db"),
        Basis(calendar=Calendar.read()),
        Reader(f"sqlite:///{tmp_path}/history.db").machines(RUN, retired=True),
        EPOCH_MS,
        until_ms,
    )

    assert told.machines == plant_of(again, until_ms).machines == 1
    assert told.plant.planned_ms == 20 * MINUTE
    assert told.plant == plant_of(again, until_ms).plant == read
    again.store.close()


def test_where_no_shift_is_on_the_last_one_is_told_and_what_came_after_it_is_neither_stop_nor_idle(
    tmp_path: Path,
) -> None:
    calendar = Calendar.of(
        '[[shift]]\nname = "short"\nstarts = "06:00"\nends = "06:04"\n'
        '[[break]]\nname = "meal"\nstarts = "06:01"\nends = "06:02"\n'
        '[[machine."press-1".shift]]\nname = "long"\nstarts = "06:00"\nends = "07:00"\n'
    )
    now_ms = EPOCH_MS + 10 * MINUTE
    office = open_office(tmp_path, now_ms)
    give(office, minutes(10))
    office.commit()
    basis = Basis(calendar=calendar)
    shift = shift_shown(calendar.site, now_ms)
    accounts = [
        (one, shift_account(one, basis, shift.from_ms, min(now_ms, shift.to_ms)))
        for one in office.fleet.counted()
    ]

    board = board_of(accounts, basis, office.time, now_ms=now_ms, wall_ms=now_ms, refused=0, repeats=0)
    tiles = {
        one.name: tile_of(one, basis, Goals.of(GOALS), shift, now_ms, mine=account)
        for one, account in accounts
    }
    office.store.close()

    assert (board.shift_name, board.shift_from_ms, board.shift_to_ms) == ("", EPOCH_MS, EPOCH_MS + 4 * MINUTE)
    assert tiles["mill-1"].shift.planned_ms == 3 * MINUTE
    # Its shift goes on, and is told up to where the site's ended.
    assert tiles["press-1"].shift.planned_ms == 3 * MINUTE
    assert board.plant.planned_ms == 6 * MINUTE
    assert {tile.now_ms for tile in tiles.values()} == {now_ms}
    assert tiles["mill-1"].shift_planned_ms == 3 * MINUTE
    assert tiles["mill-1"].goal == 0.5
    assert tiles["press-1"].goal == 0.8


def test_a_machine_that_turned_is_told_with_the_numbers_of_the_last_round(tmp_path: Path) -> None:
    office = open_office(tmp_path, EPOCH_MS + 4 * MINUTE)
    give(office, minutes(4))
    basis, until_ms = Basis(calendar=Calendar.read()), EPOCH_MS + 4 * MINUTE
    record = office.fleet.shown()["mill-1"]
    shift = shift_shown(basis.calendar.site, until_ms)
    mine = shift_account(record, basis, shift.from_ms, until_ms)
    told = tile_of(record, basis, Goals(), shift, until_ms, mine=mine)
    record.told()
    turned_before = record.has_turned

    state = State.DOWN if told.state != "down" else State.IDLE
    at_ms = until_ms + 7_000
    said = Batch(
        at_ms=until_ms,
        offsets_ms=np.array([1_000, 7_000, 9_000]),
        signals={"power_kw": np.array([1.0, 1.0, 1.0])},
        run=RUN,
        seq=4,
        state=State(told.state),
        cause=told.cause,
        changes=(Change(offset_ms=7_000, state=state, cause="jam"),),
    )
    give(office, [("shopfloor/machining/mill-1/readings", encode_batch(said))], wall_ms=at_ms)
    turned_since = record.has_turned
    turned = turned_tile(told, record, until_ms + 9_000, closes=True)
    office.store.close()

    assert (turned_before, turned_since) == (False, True)
    assert (turned.state, turned.cause, turned.since_ms) == (str(state), "jam", at_ms)
    assert turned.timeline[-1] == (at_ms, str(state))
    assert turned.timeline_from_ms < at_ms
    assert (turned.shift, turned.power, turned.signals) == (told.shift, told.power, told.signals)
    assert turned.closes
    assert not told.closes


def plant_of(office: Office, now_ms: int) -> Board:
    basis = Basis(calendar=Calendar.read())
    shift = shift_shown(basis.calendar.site, now_ms)
    accounts = [(one, shift_account(one, basis, shift.from_ms, now_ms)) for one in office.fleet.counted()]
    return board_of(accounts, basis, office.time, now_ms=now_ms, wall_ms=now_ms, refused=0, repeats=0)
