"""Tells pages the office's conclusions, retained: what is new of each subject, and nothing twice."""

from collections.abc import Iterable
from time import monotonic

from dashboard.conclusions import Tile, encode
from dashboard.goals import Goals
from dashboard.ingest.machine import MachineRecord
from dashboard.ingest.office import Office
from dashboard.ingest.part import Colleagues, Part, all_calls, all_heard, all_refusals, sums_of
from dashboard.ingest.part import encode as encode_part
from dashboard.ingest.refused import SHOWN
from dashboard.ingest.telling import (
    MOST_CALLS,
    board_of,
    calls_of,
    floor_of,
    shift_account,
    shift_shown,
    tile_of,
    turned_tile,
)
from dashboard.ingest.working import Working
from dashboard.kpi.account import Account
from dashboard.kpi.basis import Basis
from protocol.session import Session
from protocol.topics import office_topic


class Teller:
    """Says under `_office/` what the office has concluded.

    Args:
        root: First level of every topic.
        office: Whose conclusions they are.
        basis: By what numbers are worked out.
        goals: What is aimed at; None for nothing.
        session: The measuring connection.
        working: How much is done.
    """

    def __init__(
        self,
        *,
        root: str,
        office: Office,
        basis: Basis,
        goals: Goals | None,
        session: Session,
        working: Working,
    ) -> None:
        self._root = root
        self._office = office
        self._basis = basis
        self._goals = goals or Goals()
        self._session = session
        self._working = working
        self.colleagues = Colleagues(office.share.others if office.share.leads else (), monotonic)
        """The other workers, where this one tells of the plant as a whole."""
        self._told: dict[str, bytes] = {}
        """What was told last under each topic."""
        self._tiles: dict[str, Tile] = {}
        """What was told last of each machine."""

    def forget(self) -> None:
        """Tell everything anew: a broker may have forgotten what it kept."""
        self._told.clear()

    @property
    def has_turned(self) -> bool:
        """Whether a machine that pages know is in another state than they have been told."""
        return any(record.has_turned and self._knows(record) for record in self._shown())

    @property
    def has_unknown(self) -> bool:
        """Whether there is a machine of which pages have been told nothing in this run."""
        return not all(self._knows(record) for record in self._shown())

    def tell_turned(self, wall_ms: int) -> None:
        """Tell pages at once of the machines that turned: the state, with the numbers of the last round.

        So the numbers of a machine and those of its line and plant are always of one round.

        Args:
            wall_ms: What time it is, ms since 1970.
        """
        now_ms = self._office.told_now_ms(wall_ms)
        turned = [record for record in self._shown() if record.has_turned and self._knows(record)]
        for record in turned:
            tile = turned_tile(self._tiles[record.name], record, now_ms, closes=record is turned[-1])
            record.told()
            self._tile(tile)

    def tell(self, wall_ms: int) -> None:
        """Tell pages the newest of every machine, and of the plant; or whoever tells of the plant, our part.

        Args:
            wall_ms: What time it is, ms since 1970.
        """
        now_ms = self._office.told_now_ms(wall_ms)
        # Said while there is no connection it would be lost, and the tile would stay.
        if self._session.connected.is_set():
            for name in self._office.fleet.take_retired():
                self._told.pop(office_topic(self._root, "machine", name), None)
                self._tiles.pop(name, None)
                self.say(b"", "machine", name)
        shift = shift_shown(self._basis.calendar.site, now_ms)
        until_ms = min(now_ms, shift.to_ms)
        accounts = [
            (record, shift_account(record, self._basis, shift.from_ms, until_ms))
            for record in self._office.fleet.counted()
        ]
        for record, mine in accounts:
            if record.retired_ms is not None:
                continue
            tile = tile_of(record, self._basis, self._goals, shift, now_ms, mine=mine)
            record.told()
            self._tile(tile)
        if self._office.share.leads:
            self._tell_of_plant(accounts, now_ms=now_ms, wall_ms=wall_ms)
        else:
            part = self._part(accounts, shift.from_ms, now_ms)
            self.say(encode_part(part), "share", self._office.share.name())
        if self._office.ledger.stamps is not None:
            self._office.ledger.stamps.tell()

    def _tell_of_plant(
        self, accounts: list[tuple[MachineRecord, Account]], *, now_ms: int, wall_ms: int
    ) -> None:
        office, parts = self._office, self.colleagues.parts(self._office.time.run)
        refusals = all_refusals(office.refused.newest(), parts, SHOWN)
        self.say(encode(refusals), "refused")
        heard = office.heard.lately(office.fleet.shown(), now_ms)
        self._news(encode(all_heard(heard, parts)), "heard")
        if office.calls is not None:
            told = calls_of(office.calls.book(office.time.run, now_ms))
            self._news(encode(all_calls(told, parts, MOST_CALLS)), "calls")
        if assumed := office.assumed.of_run(office.time.run):
            self._news(encode(assumed), "assumptions")
        if not self.colleagues.are_there:
            # An office that lacks a worker is none: that it says nothing is how pages notice.
            return
        board = board_of(
            accounts,
            self._basis,
            office.time,
            now_ms=now_ms,
            wall_ms=wall_ms,
            refused=refusals.total,
            repeats=office.intake.repeats,
            parts=parts,
        )
        self.tell_work(parts)
        # Last, because it closes a round.
        self.say(encode(board), "plant")

    def tell_work(self, parts: list[Part] | None = None) -> None:
        """Say how much there is to do, and how the process and its history are."""
        if self._office.share.leads:
            known = self.colleagues.parts(self._office.time.run) if parts is None else parts
            self.say(encode(self._working.work(known)), "work")

    def _part(self, accounts: list[tuple[MachineRecord, Account]], shift_from_ms: int, now_ms: int) -> Part:
        office, floor = self._office, floor_of(accounts)
        calls = office.calls
        return Part(
            run=office.time.run,
            now_ms=now_ms,
            shift_from_ms=shift_from_ms,
            lines=sums_of(floor.lines),
            machines=floor.machines,
            begun_ms=floor.begun_ms,
            gaps=floor.gaps,
            repeats=office.intake.repeats,
            ahead_s=floor.ahead_s,
            refusals=office.refused.newest(),
            heard=office.heard.lately(office.fleet.shown(), now_ms).newest,
            calls=None if calls is None else calls_of(calls.book(office.time.run, now_ms)),
            posting=self._working.posting(),
            process=self._working.process(),
        )

    def say(self, payload: bytes, *names: str) -> None:
        """Publish one conclusion, if there is a connection."""
        # The newest replaces the one before, so nothing is worth sending twice.
        if self._session.connected.is_set():
            self._session.publish(office_topic(self._root, *names), payload, qos=0, retain=True)

    def _shown(self) -> Iterable[MachineRecord]:
        return self._office.fleet.shown().values()

    def _knows(self, record: MachineRecord) -> bool:
        told = self._tiles.get(record.name)
        return told is not None and told.run == record.run

    def _tile(self, tile: Tile) -> None:
        self._tiles[tile.name] = tile
        self._news(encode(tile), "machine", tile.name)

    def _news(self, payload: bytes, *names: str) -> None:
        topic = office_topic(self._root, *names)
        if self._told.get(topic) != payload:
            self._told[topic] = payload
            self.say(payload, *names)
