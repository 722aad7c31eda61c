"""Where the office calls for people: judges all machines at each tick, hears what came of calls.

What is said to the plant is said after the commit that has it, and before the tick is answered.
"""

from collections.abc import Iterable

from dashboard.calendar.places import Calendar
from dashboard.calls.record import CallRecord, closed_at
from dashboard.calls.rules import OF_NAME, CallRules
from dashboard.history.called import Called
from dashboard.ingest.call_book import CallBook, Reply, call_row, record_of
from dashboard.ingest.judge import Judge
from dashboard.ingest.ledger import Ledger
from dashboard.ingest.machine import MachineRecord
from dashboard.ingest.recall import follow_on
from dashboard.ingest.share import Share
from protocol.messages import Acknowledged, Call, MessageError, Response, encode
from protocol.moments import from_ms, to_ms

SAID_AGAIN_MS = 600_000
"""Calls that were closed no longer ago than this are said again at a new connection, with their end."""

Words = list[tuple[str, str, bytes]]
"""What is to be said: machine and id of a call, and the message; an empty one clears the topic."""


class Switchboard:
    """The office's calls.

    Args:
        ledger: Where rows gather, and machines are.
        called: What the history knows of calls.
        rules: When a person is called for.
        calendar: When production is planned.
        memory_ms: How far back from the present calls are held in memory, in milliseconds.
        share: Whose calls they are, where several workers divide the machines; None for one alone.
    """

    def __init__(
        self,
        ledger: Ledger,
        called: Called,
        *,
        rules: CallRules,
        calendar: Calendar,
        memory_ms: int,
        share: Share | None = None,
    ) -> None:
        self._share = share or Share()
        self._office = "" if self._share.alone else self._share.name()
        self._ledger = ledger
        self._called = called
        self._judge = Judge(ledger.machines, rules=rules, calendar=calendar)
        self._memory_ms = memory_ms
        self._books: dict[str, CallBook] = {}
        self._words: Words = []
        ledger.look_back = self.look_back

    def follow(self, record: MachineRecord) -> None:
        """Look for trends in those signals of a machine of which its birth tells limits."""
        fresh = record.followed.follow(self._judge.limits(record))
        if fresh and record.last_at_ms is not None:
            self._ledger.commit()
            follow_on(self._ledger.store, record, fresh)

    # --- as time goes on -------------------------------------------------------------------------

    def judge(self, run: str, records: Iterable[MachineRecord], *, after_ms: int, until_ms: int) -> None:
        """Raise, escalate and close the calls of (`after_ms`, `until_ms`]; before that all were judged."""
        book = self.book(run, after_ms)
        self._take_all(book, self._judge.judge(book, records, after_ms=after_ms, until_ms=until_ms))

    def look_back(self, record: MachineRecord) -> None:
        """Judge again the time of a machine that changed although it had been judged."""
        book = self._books.get(record.run)
        if book is not None:
            self._take_all(book, self._judge.look_back(book, record))

    def _take_all(self, book: CallBook, calls: Iterable[CallRecord]) -> None:
        for call in calls:
            self._take_call(book, call)

    def _take_call(self, book: CallBook, call: CallRecord) -> None:
        self._post(book, book.known(call.id), call)
        book.take(call)
        self._ledger.writes.calls.append(call_row(call))
        self._say(book, call)

    def _post(self, book: CallBook, before: CallRecord | None, call: CallRecord) -> None:
        if self._ledger.outbox is not None:
            heard = book.replies(call.id).get("acknowledged")
            self._ledger.outbox.note(before, call, call_message(call, heard, self._office))

    def _say(self, book: CallBook, call: CallRecord) -> None:
        if call.missed:
            return
        heard = book.replies(call.id).get("acknowledged")
        self._words.append((call.machine, call.id, encode(call_message(call, heard, self._office))))
        if call.closed_ms is not None:
            self._words.append((call.machine, call.id, b""))

    # --- what comes of them ----------------------------------------------------------------------

    def respond(self, response: Response) -> None:
        """Take in what came of a call in the plant.

        Raises:
            MessageError: There is no such call.
        """
        call = self._find(response.run, response.call)
        if call is None or call.machine != response.machine or call.run != response.run:
            raise MessageError(
                f"key 'call': there is no call {response.call!r} for {response.machine!r} in run "
                f"{response.run!r}: allowed is one on a topic under _call/"
            )
        self._take(call, response.what, Reply(at_ms=to_ms(response.at), by=response.by))

    def acknowledge(self, run: str, call: str, reply: Reply) -> CallRecord | None:
        """Take in that somebody at the page has heard a call; None when there is no such call."""
        found = self._find(run, call)
        if found is not None and found.closed_ms is None and not found.missed:
            self._take(found, "acknowledged", reply)
        return found

    def acknowledged(self, call: CallRecord) -> Reply | None:
        """Who acknowledged a call first; None while nobody has."""
        book = self._books.get(call.run)
        return None if book is None else book.replies(call.id).get("acknowledged")

    def machine_of(self, call: str) -> str | None:
        """The machine that a call is for; None where there is no such call."""
        known = next((one for book in self._books.values() if (one := book.known(call))), None)
        row = self._called.call(call) if known is None else known
        return None if row is None else str(row.machine)

    def _find(self, run: str, call: str) -> CallRecord | None:
        # Any run may be named from outside: none is read for that.
        known = self._books[run].known(call) if run in self._books else None
        if known is not None:
            return known
        self._ledger.commit()
        row = self._called.call(call)
        return None if row is None else record_of(row)

    def _take(self, call: CallRecord, what: str, reply: Reply) -> None:
        book = self._books.get(call.run)
        held = book is not None and book.known(call.id) is not None
        if book is not None and held and not book.reply(call.id, what, reply):
            return
        self._ledger.writes.responses.append(
            {
                "run": call.run, "machine": call.machine, "call": call.id,
                "what": what, "at_ms": reply.at_ms, "by": reply.by,
            }
        )  # fmt: skip
        if book is not None and held and what == "acknowledged" and call.closed_ms is None:
            self._say(book, call)

    # --- the plant, its runs and its machines ----------------------------------------------------

    def attend(self, run: str, *, attended: bool, at_ms: int, known_ms: int) -> None:
        """Note whether the plant goes on without an office, as its clock says.

        Args:
            run: The run.
            attended: Whether an office looks after it.
            at_ms: What its clock shows, ms since 1970.
            known_ms: Up to here this office has judged.
        """
        book = self.book(run, known_ms)
        begun_ms, ended_ms = book.unattended[-1] if book.unattended else (0, 0)
        if attended:
            if ended_ms is None:
                self._note_unattended(book, begun_ms, at_ms)
        elif ended_ms is not None:
            self._note_unattended(book, max(known_ms, ended_ms), None)

    def _note_unattended(self, book: CallBook, from_ms_: int, to_ms_: int | None) -> None:
        if book.unattended and book.unattended[-1][0] == from_ms_:
            book.unattended.pop()
        book.unattended.append((from_ms_, to_ms_))
        if self._share.leads:
            row = {"run": book.run, "from_ms": from_ms_, "to_ms": to_ms_}
            self._ledger.writes.unattended.append(row)

    def end_other_runs(self, run: str) -> None:
        """Close what was open in every run but the one that is on: nobody will see it end."""
        self._ledger.commit()
        for row in self._called.left_open(run):
            call = record_of(row)
            self._take_call(self.book(call.run, row.now_ms), closed_at(call, row.now_ms))
        for other in [other for other in self._books if other != run]:
            del self._books[other]

    def part(self, record: MachineRecord) -> None:
        """Close the calls for a machine that is retired."""
        book = self._books.get(record.run)
        if book is None or record.retired_ms is None:
            return
        if book.judged_ms is not None and book.judged_ms < record.retired_ms:
            self._take_all(book, self._judge.onward(book, record, book.judged_ms, record.retired_ms))
        for rule in OF_NAME:
            newest = book.newest(record.name, rule)
            if newest is not None and newest.closed_ms is None:
                self._take_call(book, closed_at(newest, record.retired_ms))

    def drop(self, record: MachineRecord) -> None:
        """Forget a machine that is forgotten: nobody is called for it any more."""
        book = self.book(record.run)
        for call in book.drop(record.name):
            self._post(book, call, closed_at(call, book.judged_ms or call.raised_ms))
            self._words.append((call.machine, call.id, b""))

    def forget(self, before_ms: int) -> None:
        """Hold no more of the past in memory than late messages usually ask for."""
        for book in self._books.values():
            book.forget(before_ms)

    def book(self, run: str, now_ms: int = 0) -> CallBook:
        """The calls of a run, read from the history the first time."""
        if run not in self._books:
            self._books[run] = CallBook(run, self._called, now_ms - self._memory_ms)
        return self._books[run]

    # --- what is said ----------------------------------------------------------------------------

    def number(self, run: str, at_ms: int) -> int:
        """How many calls of a run people were sent that were raised up to a moment."""
        return self.book(run).number(at_ms)

    def take_words(self) -> Words:
        """What has not been said yet; true once it is committed."""
        words, self._words = self._words, []
        return words

    def say_again(self, run: str, now_ms: int) -> None:
        """Say all that is open, and what was closed not long ago: it may have been lost on the way."""
        book = self.book(run, now_ms)
        for call in sorted(
            [*book.closed_since(now_ms - SAID_AGAIN_MS), *book.open()],
            key=lambda one: (one.raised_ms, one.machine, one.rule),
        ):
            self._say(book, call)

    def hear_kept(self, run: str, machine: str, call: str) -> None:
        """Take away what the broker keeps of a call that is not open."""
        known = self.book(run).known(call)
        if known is None or known.machine != machine or known.missed:
            self._words.append((machine, call, b""))
        elif known.closed_ms is not None:
            self._say(self.book(run), known)


def call_message(call: CallRecord, heard: Reply | None, office: str) -> Call:
    """A call as it is sent, by an office; `""` where there is no other."""
    return Call(
        id=call.id,
        run=call.run,
        machine=call.machine,
        rule=call.rule,
        cause=call.cause,
        since=from_ms(call.since_ms),
        raised=from_ms(call.raised_ms),
        acknowledged=None if heard is None else Acknowledged(at=from_ms(heard.at_ms), by=heard.by),
        escalated=None if call.escalated_ms is None else from_ms(call.escalated_ms),
        closed=None if call.closed_ms is None else from_ms(call.closed_ms),
        office=office,
    )
