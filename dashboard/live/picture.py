"""Everything a page shows live, kept in the form in which it travels, and what changed since last.

A machine is a flat record of values, rows of numbers, a strip of its states and its last minutes of power.
A change holds, for each machine that changed, only the values that did, and what its numbers grew by: it
leads from what was told last to now, so whoever begins with the whole gets what was told last, too.
"""

from typing import Any

import msgspec

from dashboard.chain.sentences import Sentence
from dashboard.conclusions import AssumedNow, Board, HeardLately, Numbers, OpenCalls, Refusals, Tile
from dashboard.live.absence import Away
from dashboard.live.rows import NUMBERS, SCALES, ToldRows
from dashboard.live.strip import STATES, Strip, numbered
from protocol.faults import Faults
from protocol.moments import to_ms

POWER_MINUTES = 60
MINUTE_MS = 60_000
KEPT_SIGNAL_MINUTES = 30
MARGIN_MS = 5 * MINUTE_MS
_FLAT = (
    "name", "path", "line", "kind", "simulated", "how", "online", "state", "cause",
    "since_ms", "known_until_ms", "learning", "power_unit", "after", "goal", "shift_planned_ms",
)  # fmt: skip
"""The fields of a tile that a page gets as they are."""
_ROWS = ("shift", "last")
"""The values of a machine that are rows of numbers."""


def row(numbers: Numbers | None) -> list[Any] | None:
    """Numbers in the order of `NUMBERS`: the names travel once, not with every change."""
    return None if numbers is None else [getattr(numbers, name) for name in NUMBERS]


def numbers_in(travelled: list[Any] | None) -> Numbers | None:
    """The numbers in a row as `row` makes it."""
    return None if travelled is None else Numbers(**dict(zip(NUMBERS, travelled, strict=True)))


def _said(sentence: Sentence, *, in_compose: bool) -> dict[str, Any]:
    """A sentence as a page needs it: with what to do where this process runs."""
    return {
        "link": sentence.link,
        "weight": sentence.weight,
        "what": sentence.what,
        "since_ms": sentence.since_wall_ms,
        "do": sentence.remedy.docker if in_compose else sentence.remedy.demo,
    }


class Machine:
    """The newest of one machine, and what of it has not been told yet."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.strip = Strip()
        self.power: dict[int, float] = {}
        self.power_signal = ""
        """Name of the signal that `power` shows."""
        self.power_gap = True
        """Whether minutes passed that no tile told: while the plant lives through its past, say."""
        self.signals: dict[str, dict[int, tuple[float, float, float, float]]] = {}
        self.gap_from_ms: int | None = 0
        """From where on the history has to fill the strip; None when nothing is missing."""
        self._values_told: dict[str, Any] = {}
        self._rows_told = ToldRows()
        self._retold_from_ms: int | None = None
        self._power_told: dict[int, float] = {}
        self._signals_untold: dict[str, dict[int, tuple[float, float, float, float]]] = {}

    def take(self, tile: Tile) -> None:
        """Take the office's newest word on this machine."""
        self.values = {name: getattr(tile, name) for name in _FLAT}
        self.values["shift"] = row(tile.shift)
        self.values["last"] = row(tile.last_shift)
        end_ms, known_to_ms = tile.now_ms, self.strip.end_ms
        if not self.strip.replace(tile.timeline_from_ms, numbered(tile.timeline), end_ms):
            self.gap_from_ms = known_to_ms if self.gap_from_ms is None else min(known_to_ms, self.gap_from_ms)
        self.retell(min(tile.timeline_from_ms, known_to_ms) if known_to_ms else tile.timeline_from_ms)
        # A plant that was set back has no minutes from the time it has yet to live.
        self.power = {minute: mean for minute, mean in self.power.items() if minute <= end_ms}
        if self.power and tile.power and tile.power[0][0] > max(self.power) + MINUTE_MS:
            self.power_gap = True
        self.take_power(tile.power)
        for name, (minute, mean, *_rest) in tile.signals.items():
            if tile.power and tile.power[-1] == (minute, mean):
                self.power_signal = name
                break
        self.values["power_signal"] = self.power_signal
        for name, (minute, *values) in (*tile.over.items(), *tile.signals.items()):
            minutes, told = self.signals.setdefault(name, {}), (values[0], values[1], values[2], values[3])
            if minutes.get(minute) == told:
                continue
            minutes[minute] = told
            for old in sorted(minutes)[:-KEPT_SIGNAL_MINUTES]:
                del minutes[old]
            self._signals_untold.setdefault(name, {})[minute] = told

    def take_power(self, minutes: list[tuple[int, float]]) -> None:
        """Take minutes of power, and keep the newest of all."""
        self.power.update(minutes)
        for minute in sorted(self.power)[:-POWER_MINUTES]:
            del self.power[minute]

    def retell(self, from_ms: int) -> None:
        """Note that the strip changed from a moment on."""
        self._retold_from_ms = from_ms if self._retold_from_ms is None else min(from_ms, self._retold_from_ms)

    def whole(self) -> dict[str, Any]:
        """All of it as it was told last, for a page that knows nothing yet."""
        return {
            "set": self._values_told,
            **self._rows_told.whole(),
            "strip": [0, self.strip.pieces, self.strip.end_ms],
            "power": sorted(self.power.items()),
        }

    @property
    def is_told(self) -> bool:
        """Whether anything of it has been told."""
        return bool(self._values_told)

    def change(self) -> dict[str, Any] | None:
        """What changed since the last call; None when nothing did."""
        plain = self._plain()
        told: dict[str, Any] = self._rows_told.tell({name: self.values.get(name) for name in _ROWS})
        changed = {k: v for k, v in plain.items() if self._values_told.get(k, ...) != v}
        if changed:
            told["set"] = changed
        if self._retold_from_ms is not None:
            from_ms = self._retold_from_ms
            told["strip"] = [from_ms, self.strip.since(from_ms), self.strip.end_ms]
        power = [(k, v) for k, v in sorted(self.power.items()) if self._power_told.get(k) != v]
        if power:
            told["power"] = power
        self._values_told, self._power_told = plain, dict(self.power)
        self._retold_from_ms = None
        return told or None

    def _plain(self) -> dict[str, Any]:
        return {name: value for name, value in self.values.items() if name not in _ROWS}

    def signal_changes(self) -> dict[str, list[list[float]]]:
        """By signal the minutes that are new since the last call: `[minute_ms, mean, min, max, last]`."""
        untold, self._signals_untold = self._signals_untold, {}
        return {
            name: [[minute, *values] for minute, values in sorted(minutes.items())]
            for name, minutes in untold.items()
        }


def under_way(faults: Faults, now_ms: int) -> dict[str, Any]:
    """The faults that are on at a moment, and how many there were: a page asks anew for the rest by that."""
    titles = {one.fault: (one.title, one.about) for one in faults.catalogue}
    on = []
    for spell in faults.spells:
        until_ms = to_ms(spell.until)
        if until_ms > now_ms:
            title, about = titles.get(spell.fault, (spell.fault, ""))
            on.append(
                {
                    "machine": spell.machine,
                    "fault": spell.fault,
                    "title": title,
                    "about": about,
                    "signal": spell.signal,
                    "words": spell.words,
                    "from_ms": to_ms(spell.begun),
                    "until_ms": until_ms,
                }
            )
    return {"on": on, "begun": len(faults.spells), "machines": len(faults.machines)}


class Picture:
    """All machines and the plant. Not safe for several threads by itself.

    Args:
        in_compose: Whether Compose runs all this, and not the demo.
    """

    def __init__(self, *, in_compose: bool = False) -> None:
        self._in_compose = in_compose
        self.machines: dict[str, Machine] = {}
        self.board: Board | None = None
        self.refusals: Refusals | None = None
        self.heard: HeardLately | None = None
        self.calls: OpenCalls | None = None
        self.assumed: AssumedNow | None = None
        self.faults: Faults | None = None
        """What can be broken in the plant, and what was, by the word of the plant itself."""
        self.broker = ""
        """What is wrong with the broker, in words; `""` when nothing is."""
        self.away: Away | None = None
        """Whether the plant lives on without its office; None while it does not."""
        self.wrong: list[Sentence] = []
        """What is wrong with the chain, the foremost first."""
        self.run: str | None = None
        self._told: dict[str, Any] = {}
        self._plant_told, self._lines_told = ToldRows(), ToldRows()
        self._gone: set[str] = set()
        self._ahead: dict[str, Tile] = {}
        """The newest of machines of a run that is not on yet, or no longer."""

    def take_tile(self, tile: Tile) -> None:
        """Take a machine's newest; one of another run waits until the plant's word says that it is on."""
        if self.run is not None and tile.run != self.run:
            # Several workers do not notice a new run at once: one of them would undo what another has said.
            self._ahead[tile.name] = tile
            return
        self.run = tile.run
        self._gone.discard(tile.name)
        self.machines.setdefault(tile.name, Machine()).take(tile)

    def take_board(self, board: Board) -> bool:
        """Take the plant's newest; True when a new run has begun and all before it is void."""
        anew = self._enter(board.run)
        self.board = board
        before_ms = (board.last_shift_from_ms or board.shift_from_ms) - MARGIN_MS
        for machine in self.machines.values():
            machine.strip.forget(before_ms)
        return anew

    def take_calls(self, calls: OpenCalls) -> bool:
        """Take the calls that are open; True when a new run has begun and all before it is void."""
        anew = self._enter(calls.run)
        self.calls = calls
        return anew

    def retire(self, name: str) -> None:
        """Forget a machine that is no more."""
        self._ahead.pop(name, None)
        if self.machines.pop(name, None) is not None:
            self._gone.add(name)

    def _enter(self, run: str) -> bool:
        anew = self.run is not None and run != self.run
        if anew:
            self.machines.clear()
            self.board = self.calls = None
            self._told, self._gone = {}, set()
            self._plant_told, self._lines_told = ToldRows(), ToldRows()
        self.run = run
        if anew:
            ahead, self._ahead = self._ahead, {}
            for tile in ahead.values():
                if tile.run == run:
                    self.take_tile(tile)
        return anew

    def _plant(self) -> dict[str, Any]:
        plant: dict[str, Any] = {
            "broker": self.broker,
            "away": None if self.away is None else self.away._asdict(),
            "wrong": [_said(one, in_compose=self._in_compose) for one in self.wrong],
        }
        if self.board is not None:
            board = msgspec.structs.asdict(self.board)
            del board["plant"], board["lines"]
            plant["board"] = board
        if self.refusals is not None:
            plant["refusals"] = msgspec.to_builtins(self.refusals)
        if self.heard is not None:
            plant["heard"] = msgspec.to_builtins(self.heard)
        if self.calls is not None:
            plant["calls"] = msgspec.to_builtins(self.calls)
        # It may be heard before anything else of a new run is.
        if self.assumed is not None and self.assumed.run == self.run:
            plant["assumed"] = msgspec.to_builtins(self.assumed)
        if self.faults is not None and self.board is not None and self.faults.run in {self.run, ""}:
            plant["faults"] = under_way(self.faults, self.board.now_ms)
        return plant

    def whole(self, only: str | None = None) -> dict[str, Any]:
        """All that was told, or the plant and one machine, for a page that knows nothing yet."""
        wanted = {k: v for k, v in self.machines.items() if v.is_told and only in (None, k)}
        rows = {"plant": self._plant_told.whole(), "lines": self._lines_told.whole()}
        return {
            "broker": self.broker,
            "away": None,
            **self._told,
            "numbers": {name: told for name, told in rows.items() if told},
            "fields": NUMBERS,
            "scales": SCALES,
            "states": STATES,
            "machines": {name: machine.whole() for name, machine in wanted.items()},
        }

    def change(self) -> dict[str, Any]:
        """What changed since the last call: nothing but what did."""
        plant = self._plant()
        told = {key: value for key, value in plant.items() if self._told.get(key, ...) != value}
        if "board" in told and (before := self._told.get("board")):
            told["board"] = {key: value for key, value in told["board"].items() if before[key] != value}
        if self.board is not None:
            rows = {
                "plant": self._plant_told.tell({"plant": row(self.board.plant)}),
                "lines": self._lines_told.tell({path: row(one) for path, one in self.board.lines.items()}),
            }
            if numbers := {name: one for name, one in rows.items() if one}:
                told["numbers"] = numbers
        self._told = plant
        changes = {name: machine.change() for name, machine in self.machines.items()}
        machines = {name: change for name, change in changes.items() if change is not None}
        if machines:
            told["machines"] = machines
        if self._gone:
            told["gone"] = sorted(self._gone)
            self._gone = set()
        return told

    def signal_changes(self) -> dict[str, dict[str, list[list[float]]]]:
        """By machine and signal, the minutes that are new since the last call."""
        return {name: machine.signal_changes() for name, machine in self.machines.items()}
