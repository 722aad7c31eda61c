"""An office by hand: it tells a real broker the conclusions that a page shows."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from dashboard.calendar.places import Calendar
from dashboard.conclusions import (
    Board,
    Heard,
    HeardLately,
    OpenCall,
    OpenCalls,
    Refusal,
    Refusals,
    Tile,
    Work,
    encode,
)
from dashboard.intervals import Intervals
from dashboard.kpi.account import Account, time_in_state, total
from dashboard.kpi.choices import Choices
from dashboard.kpi.report import numbers
from protocol.address import address_of
from protocol.session import Session
from protocol.states import State
from protocol.topics import office_topic
from tests.broker.clients import Client, wait_until
from tests.broker.running import RunningBroker

LETTERS = {
    "R": State.RUNNING,
    "I": State.IDLE,
    "D": State.DOWN,
    "S": State.SETUP,
    "P": State.STOPPED,
    "?": State.UNKNOWN,
}
MINUTE = 60_000
HOUR = 60 * MINUTE
SHIFT_MS = 1_767_592_800_000
"""2026-01-05T06:00:00Z, when the early shift begins."""
NOW_MS = SHIFT_MS + 2 * HOUR
RUN = "a1b2c3d4"
SPEAKS_EVERY_S = 0.5
TAKEN_S = 20.0
"""For the broker to be found, and to take what is said."""
CALENDAR = Calendar.read()


@dataclass(kw_only=True)
class HandMachine:
    """A machine whose states are written as letters, ten minutes each, from the beginning of the shift."""

    name: str
    letters: str = "RRRRRRRRRIID"
    path: str = "machining"
    kind: str = "cnc-mill"
    parts: int | None = 40
    cause: str = ""
    signals: dict[str, float] = field(default_factory=lambda: {"power_kw": 7.25})
    simulated: bool = True
    how: str = "reported"
    after: str = ""
    """The machine that it takes parts from."""
    goal: float | None = 0.75
    """Share of planned time in which it should run."""

    def intervals(self, until_ms: int) -> Intervals:
        """Its states up to a moment; the last letter goes on."""
        pieces = [
            (SHIFT_MS + i * 10 * MINUTE, LETTERS[letter], self.cause) for i, letter in enumerate(self.letters)
        ]
        return Intervals.of([piece for piece in pieces if piece[0] < until_ms], until_ms)


class HandOffice:
    """Publishes tiles and boards as the office does."""

    def __init__(self, broker: RunningBroker, machines: list[HandMachine], *, now_ms: int = NOW_MS) -> None:
        self.machines = machines
        self.now_ms = now_ms
        self.show_last_shift = False
        """Whether tiles carry a last shift, the same as this one."""
        self.board: dict[str, Any] = {}
        """Fields of the board that a test sets."""
        self.left = False
        self.told_wall_ms = 0
        """Wall time of the newest board: who has it has all that was said before."""
        self.turn = threading.RLock()
        """Held by who speaks: a tile told while its machine is taken away would come back for good."""
        self._session = Session(
            name="hand-office",
            address=address_of(broker.url, role="office", credentials=broker.credentials),
        )
        self._session.start()
        assert self._session.connected.wait(TAKEN_S)

    def close(self) -> None:
        """Leave the plant empty."""
        for machine in list(self.machines):
            self.retire(machine)
        self._publish(b"", "refused")
        self._publish(b"", "heard")
        self._publish(b"", "calls")
        self._publish(b"", "work")
        self.leave()

    def leave(self) -> None:
        """Disconnect, and leave what was said."""
        self.left = True
        self._session.stop()

    def tell(self, *, minutes: int = 0) -> None:
        """Let plant time pass, and say everything anew: tiles first, the board last."""
        with self.turn:
            self.now_ms += minutes * MINUTE
            for machine in self.machines:
                self.tell_tile(machine)
            self.tell_board()

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Say what time it is at once, and again and again, as an office does: what is old is greyed."""
        ended = threading.Event()
        self.tell_board()

        def speak() -> None:
            while not ended.wait(SPEAKS_EVERY_S):
                self.tell_board()

        speaker = threading.Thread(target=speak)
        speaker.start()
        try:
            yield
        finally:
            ended.set()
            speaker.join()

    def tell_tile(self, machine: HandMachine) -> None:
        """Say what one machine does."""
        self._publish(encode(self.tile(machine)), "machine", machine.name)

    def tell_board(self) -> None:
        """Say what time it is, which closes the round."""
        with self.turn:
            board = self.board_of()
            self._publish(encode(board), "plant")
            self.told_wall_ms = board.wall_ms

    def retire(self, machine: HandMachine) -> None:
        """Take a machine away."""
        with self.turn:
            self.machines.remove(machine)
            self._publish(b"", "machine", machine.name)

    def refuse(self, reason: str) -> None:
        """Say that one message was refused."""
        refusal = Refusal(wall_ms=self.now_ms, topic="shopfloor/x/readings", reason=reason, head="hello")
        self._publish(encode(Refusals(total=1, newest=[refusal])), "refused")

    def hear(self, *heard: Heard, patterns: tuple[str, ...] = ()) -> None:
        """Say what devices of one's own have said lately."""
        self._publish(encode(HeardLately(patterns=list(patterns), newest=list(heard))), "heard")
        self.tell_board()

    def call(self, *calls: OpenCall) -> None:
        """Say which calls are open, all of them."""
        told = OpenCalls(run=RUN, total=len(calls), raised=len(calls), calls=list(calls))
        self._publish(encode(told), "calls")
        self.tell_board()

    def work(self, **more: Any) -> None:
        """Say how much the office does."""
        fields: dict[str, Any] = {
            "run": RUN, "messages": 1_200, "readings": 86_400,
            "measured": 345_600, "messages_per_s": 31.4, "readings_per_s": 776.0,
        }  # fmt: skip
        self._publish(encode(Work(**{**fields, **more})), "work")
        self.tell_board()

    def time_of(self, machine: HandMachine) -> Account:
        """Its time in each state in the shift so far."""
        return time_in_state(machine.intervals(self.now_ms))

    def tile(self, machine: HandMachine) -> Tile:
        """The tile of a machine now."""
        state, cause, since_ms = machine.intervals(self.now_ms).state_at(self.now_ms - 1)
        minute_ms = self.now_ms - MINUTE
        shift = msgspec.structs.replace(
            numbers(self.time_of(machine), Choices(), SHIFT_MS, self.now_ms), parts=machine.parts
        )
        from_ms = since_ms if minute_ms > SHIFT_MS + 4 * HOUR else SHIFT_MS
        return Tile(
            run=RUN,
            name=machine.name,
            path=machine.path,
            line=machine.path,
            kind=machine.kind,
            simulated=machine.simulated,
            how=machine.how,
            online=True,
            state=state.value,
            cause=cause,
            since_ms=since_ms,
            known_until_ms=self.now_ms,
            learning="",
            now_ms=self.now_ms,
            shift=shift,
            last_shift=shift if self.show_last_shift else None,
            timeline_from_ms=from_ms,
            timeline=[
                (start, one.value)
                for start, _, one, _ in machine.intervals(self.now_ms).clip(from_ms, self.now_ms)
            ],
            power=[(minute_ms, machine.signals.get("power_kw", 0.0))],
            power_unit="kW",
            signals={
                name: (minute_ms, value, value - 0.5, value + 0.5, value)
                for name, value in machine.signals.items()
            },
            after=machine.after,
            goal=machine.goal,
            shift_planned_ms=8 * HOUR,
        )

    def board_of(self) -> Board:
        """The board now."""
        shift = CALENDAR.site.shift_at(self.now_ms)
        assert shift is not None
        lines: dict[str, list[Account]] = {}
        for machine in self.machines:
            lines.setdefault(machine.path, []).append(self.time_of(machine))
        plant = total(one for line in lines.values() for one in line)
        fields: dict[str, Any] = {
            "run": RUN,
            "epoch_ms": SHIFT_MS,
            "now_ms": self.now_ms,
            "wall_ms": int(time.time() * 1_000),
            "speed": 60.0,
            "achieved": 59.9,
            "catching_up_to_ms": None,
            "attended": True,
            "zone": "UTC",
            "shift_name": shift.name,
            "shift_from_ms": shift.from_ms,
            "shift_to_ms": shift.to_ms,
            "last_shift_from_ms": None,
            "last_shift_name": "",
            "plant": numbers(plant, Choices(), SHIFT_MS, self.now_ms),
            "lines": {
                path: numbers(total(line), Choices(), SHIFT_MS, self.now_ms) for path, line in lines.items()
            },
            "machines": len(self.machines),
            "refused": 0,
            "gaps": 0,
            "repeats": 0,
        }
        return Board(**{**fields, **self.board})

    def _publish(self, payload: bytes, *names: str) -> None:
        # It may find a broker that was away later than a page does.
        assert self._session.connected.wait(TAKEN_S)
        told = self._session.publish(office_topic("shopfloor", *names), payload, qos=1, retain=True)
        assert self._session.flush(told, TAKEN_S)


def a_call(machine: str, minutes_ago: int, **more: Any) -> OpenCall:
    """A call that is open since so many minutes before now, which nobody has answered unless it is said."""
    raised_ms = NOW_MS - minutes_ago * MINUTE
    fields: dict[str, Any] = {
        "id": f"{machine}-{minutes_ago}",
        "machine": machine,
        "rule": "stopped",
        "cause": "jam",
        "since_ms": raised_ms - 2 * MINUTE,
        "raised_ms": raised_ms,
        "escalated_ms": None,
        "acknowledged_ms": None,
        "acknowledged_by": "",
        "at_machine_ms": None,
        "restored_ms": None,
    }
    return OpenCall(**{**fields, **more})


class Answerer:
    """Stands where the plant or the office stands, hears its commands and answers them.

    Args:
        broker: The broker.
        part: `plant` or `office`: whose commands.
    """

    def __init__(self, broker: RunningBroker, part: str) -> None:
        self._part = part
        user = "machines" if part == "plant" else "office"
        self._client = Client(broker.port, user, broker.password(user))
        self._client.listen(f"shopfloor/_{part}/command")

    def close(self) -> None:
        """Leave."""
        self._client.close()

    def answer(self, message: str, *, ok: bool = True) -> dict[str, Any]:
        """Wait for the next command, answer it, and say what it was."""
        wait_until(lambda: bool(self._client.heard))
        command: dict[str, Any] = json.loads(self._client.heard.pop(0).payload)
        said: dict[str, Any] = {"id": command["id"], "ok": ok, "message": message}
        if self._part == "plant":
            said |= {"at": "2026-01-05T08:00:00Z", "what": command["what"]}
        self._client.say([f"shopfloor/_{self._part}/result"], json.dumps(said))
        return command
