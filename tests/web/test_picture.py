from typing import Any

import msgspec

from dashboard.conclusions import AssumedNow, AssumedSegment, Assumption, Board, Numbers, Tile
from dashboard.kpi.account import Account
from dashboard.kpi.choices import Choices
from dashboard.kpi.report import numbers
from dashboard.live.picture import Picture, row
from dashboard.live.rows import NUMBERS, SCALES

MINUTE = 60_000


def shift(to_ms: int) -> Numbers:
    return msgspec.structs.replace(numbers(Account.empty(), Choices(), 0, to_ms), parts=3)


def tile(name: str = "mill-1", **fields: object) -> Tile:
    plain: dict[str, object] = {
        "run": "r", "name": name, "path": "machining", "line": "machining", "kind": "cnc-mill",
        "simulated": True, "how": "reported", "online": True, "state": "running", "cause": "", "since_ms": 0,
        "known_until_ms": MINUTE, "learning": "", "shift": shift(MINUTE), "last_shift": None,
        "timeline_from_ms": 0, "timeline": [(0, "running")], "power": [(0, 3.0)], "power_unit": "kW",
        "signals": {"power_kw": (0, 3.0, 2.0, 4.0, 3.5)},
    }  # fmt: skip
    fields.setdefault("now_ms", getattr(fields.get("shift"), "to_ms", MINUTE))
    return Tile(**{**plain, **fields})  # type: ignore[arg-type]


def board(run: str = "r", **fields: object) -> Board:
    plain: dict[str, object] = {
        "run": run, "epoch_ms": 0, "now_ms": MINUTE, "wall_ms": 0, "speed": 60.0, "achieved": 60.0,
        "catching_up_to_ms": None, "attended": True, "zone": "UTC", "shift_name": "early",
        "shift_from_ms": 0, "shift_to_ms": 480 * MINUTE, "last_shift_from_ms": None, "last_shift_name": "",
        "plant": shift(MINUTE),
        "lines": {"machining": shift(MINUTE)}, "machines": 1, "refused": 0, "gaps": 0, "repeats": 0,
    }  # fmt: skip
    return Board(**{**plain, **fields})  # type: ignore[arg-type]


def test_a_change_holds_nothing_but_what_changed() -> None:
    picture = Picture()
    picture.take_tile(tile())
    picture.change()

    picture.take_tile(
        tile(state="down", since_ms=50_000, timeline_from_ms=50_000, timeline=[(50_000, "down")])
    )
    change = picture.change()["machines"]["mill-1"]

    assert change["set"] == {"state": "down", "since_ms": 50_000}
    assert change["strip"][0] == 50_000
    assert [start for start, _ in change["strip"][1]] == [50_000]
    assert "power" not in change


def test_the_same_word_again_changes_no_value() -> None:
    picture = Picture()
    picture.take_tile(tile())
    picture.change()

    picture.take_tile(tile())

    assert picture.change()["machines"]["mill-1"].keys() == {"strip"}
    assert picture.change() == {}


def test_a_retired_machine_is_gone_and_may_come_back() -> None:
    picture = Picture()
    picture.take_tile(tile())
    picture.change()

    picture.retire("mill-1")
    assert picture.change() == {"gone": ["mill-1"]}

    picture.take_tile(tile())
    change = picture.change()
    assert "gone" not in change
    assert "shift" in change["machines"]["mill-1"]["rows"]
    assert "mill-1" in picture.whole()["machines"]


def test_a_new_run_begins_with_an_empty_floor() -> None:
    picture = Picture()
    picture.take_board(board())
    picture.take_tile(tile())

    anew = picture.take_board(board(run="another"))

    assert anew
    assert picture.whole()["machines"] == {}


def test_a_machine_of_a_new_run_waits_for_the_plants_word_and_one_of_the_old_run_undoes_nothing() -> None:
    picture = Picture()
    picture.take_board(board())
    picture.take_tile(tile("mill-1"))

    picture.take_tile(tile("mill-2", run="another"))
    before = set(picture.machines)
    anew = picture.take_board(board(run="another"))
    picture.take_tile(tile("mill-1", state="down"))

    assert before == {"mill-1"}
    assert anew
    assert set(picture.machines) == {"mill-2"}
    assert picture.run == "another"


def test_numbers_travel_in_the_order_in_which_their_names_do() -> None:
    told = row(shift(MINUTE))

    assert told == list(msgspec.structs.astuple(shift(MINUTE)))
    assert Picture().whole()["fields"] == NUMBERS


def test_numbers_travel_as_what_they_grew_by() -> None:
    picture = Picture()
    picture.take_board(board())
    picture.take_tile(tile())
    whole = picture.change()

    later = shift(3 * MINUTE)
    picture.take_board(board(now_ms=3 * MINUTE, plant=later, lines={"machining": later}))
    picture.take_tile(tile(shift=later))
    change = picture.change()

    told = whole["machines"]["mill-1"]["rows"]["shift"]
    grown = change["machines"]["mill-1"]["plus"]["shift"]
    assert added(told, grown) == [
        None if one is None else round(one * s) for one, s in zip(row(later) or [], SCALES, strict=True)
    ]
    assert grown[NUMBERS.index("to_ms")] == 2 * MINUTE
    assert change["board"] == {"now_ms": 3 * MINUTE}
    assert change["numbers"]["plant"]["plus"] == {"plant": grown}
    assert change["numbers"]["lines"]["plus"] == {"machining": grown}


def test_the_whole_is_what_was_told_so_that_the_next_change_fits_it() -> None:
    picture = Picture()
    picture.take_board(board())
    picture.take_tile(tile())
    told = picture.change()["machines"]["mill-1"]["rows"]["shift"]

    picture.take_tile(tile(shift=shift(2 * MINUTE)))
    whole = picture.whole()["machines"]["mill-1"]

    assert whole["rows"]["shift"] == told
    assert picture.change()["machines"]["mill-1"]["plus"]["shift"][NUMBERS.index("to_ms")] == MINUTE


def test_a_number_that_begins_or_ends_is_told_as_it_is_and_a_row_that_ends_as_none() -> None:
    picture = Picture()
    picture.take_tile(tile(last_shift=shift(MINUTE)))
    picture.change()

    nothing = msgspec.structs.replace(shift(MINUTE), parts=None)
    picture.take_tile(tile(shift=nothing))
    change = picture.change()["machines"]["mill-1"]

    assert change["plus"]["shift"][NUMBERS.index("parts")] == [None]
    assert change["rows"] == {"last": None}


def test_a_line_without_machines_is_told_to_be_no_more() -> None:
    picture = Picture()
    picture.take_board(board())
    picture.change()

    picture.take_board(board(lines={}))

    assert picture.change()["numbers"]["lines"] == {"rows": {"machining": None}}


def added(told: list[int | None], grown: list[Any]) -> list[int | None]:
    """A row with what is added to it, as a page adds it."""
    whole = [*grown, *([0] * (len(told) - len(grown)))]
    return [
        more[0] if isinstance(more, list) else None if one is None else one + more
        for one, more in zip(told, whole, strict=True)
    ]


def test_the_state_for_one_page_has_its_machine_alone() -> None:
    picture = Picture()
    picture.take_tile(tile("mill-1"))
    picture.take_tile(tile("mill-2"))
    picture.change()

    assert list(picture.whole("mill-2")["machines"]) == ["mill-2"]


def test_minutes_that_no_tile_told_are_noticed() -> None:
    picture = Picture()
    picture.take_tile(tile())
    machine = picture.machines["mill-1"]
    machine.power_gap = False

    picture.take_tile(tile(shift=shift(2 * MINUTE), power=[(MINUTE, 4.0)]))
    assert not machine.power_gap

    picture.take_tile(tile(shift=shift(9 * MINUTE), power=[(8 * MINUTE, 5.0)]))
    assert machine.power_gap


def test_signals_are_told_minute_by_minute_and_once() -> None:
    picture = Picture()
    picture.take_tile(tile())
    picture.take_tile(tile(signals={"power_kw": (MINUTE, 5.0, 4.0, 6.0, 5.5)}))

    assert picture.signal_changes() == {
        "mill-1": {"power_kw": [[0, 3.0, 2.0, 4.0, 3.5], [MINUTE, 5.0, 4.0, 6.0, 5.5]]}
    }
    assert picture.signal_changes() == {"mill-1": {}}
    assert picture.machines["mill-1"].power_signal == "power_kw"


def test_what_is_assumed_is_told_with_the_run_that_it_is_about() -> None:
    picture = Picture()
    picture.take_board(board())
    assumed = AssumedNow(
        run="s",
        persons=["anna"],
        assumptions={
            "calls": Assumption(value=True, unit="", least=None, most=None, words="", source="", grade="A")
        },
        segments=[AssumedSegment(from_ms=0, label="as the run began", values={"calls": True})],
    )
    picture.assumed = assumed

    before = picture.change()
    picture.take_board(board("s"))

    assert "assumed" not in before
    assert picture.change()["assumed"] == msgspec.to_builtins(assumed)
    assert "assumed" not in picture.change()
